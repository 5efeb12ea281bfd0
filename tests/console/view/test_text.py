"""What a model wrote, as a page shows it: all of it seen, none of it felt."""

from __future__ import annotations

import pytest

from harmo.console.view.text import cut, line, visible


@pytest.mark.parametrize(
    ("text", "shown", "why"),
    [
        ("plain", "plain", "as it is"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>", "markup is text already"),
        ("a\x1b[31mred", "a␛[31mred", "a terminal's colours"),
        ("a\u202egnp.exe", "a⟦202E⟧gnp.exe", "a mark that turns what follows round"),
        ("a\u200bb\ufeff", "a⟦200B⟧b⟦FEFF⟧", "marks of no width"),
        ("a\x00b\x7f", "a␀b␡", "control characters"),
        ("a\ud800b", "a⟦D800⟧b", "a lone surrogate, which no JSON may hold"),
        ("a\u2028b", "a⟦2028⟧b", "a line's end that scripts know"),
        ("a\u00a0b", "a b", "a blank that does not break"),
        ("\ue000", "⟦E000⟧", "a private character"),
        ("é 数 🙂", "é 数 🙂", "other writing"),
        ("a\n\tb", "a\n\tb", "lines and tabs stay"),
        ("e\u0301", "e\u0301", "marks that belong to a letter"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "⟦0301⟧" * 2, "a tower of them"),
        ("a\r\n", "a␍\n", "a return that would go over what stands there"),
    ],
)
def test_nothing_is_hidden(text: str, shown: str, why: str) -> None:
    assert visible(text) == shown, why
    shown.encode()


def test_a_cell_is_one_line_and_says_that_it_goes_on() -> None:
    assert line("a\nb\tc") == "a⏎b⇥c"
    assert line("x" * 10, 4) == "xxxx…"
    assert line("xxxx", 4) == "xxxx"


def test_a_megabyte_costs_what_is_shown_of_it() -> None:
    part = cut("\u202e" * (1 << 20), 100)
    assert part.left == (1 << 20) - 100
    assert len(part.text) == 600
