"""Numbers and names as they are shown."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from harmo.app.cli.top import words


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *(
            (None, "-"),
            (0.0, "0"),
            (0.0041, "0.004"),
            (1e-9, "<0.001"),
            (0.42, "0.42"),
            (2.0, "2"),
            (2.04, "2.04"),
        ),
        *((12.44, "12.4"), (99.96, "100"), (796.4, "796"), (999.6, "1.00k"), (1000.0, "1k")),
        *((42_100.0, "42.1k"), (3.2e6, "3.20M"), (7e15, "7000T"), (-12.5, "-12.5")),
    ],
)
def test_a_number_has_three_digits_that_count(value: float | None, shown: str) -> None:
    assert words.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (0.0032, "3.20 ms"), (0.41, "410 ms"), (0.9999, "1.00 s"), (300.0, "5 min")],
)
def test_a_latency_has_the_unit_that_fits(value: float | None, shown: str) -> None:
    assert words.seconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (0.0, "0%"), (1e-5, "<0.1%"), (0.003, "0.3%"), (0.121, "12%"), (1.0, "100%")],
)
def test_a_share_is_0_only_where_nothing_happened(value: float | None, shown: str) -> None:
    assert words.percent(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(42, "42 s"), (720, "12 min"), (11_520, "3 h 12 min"), (439_200, "5 d 2 h")],
)
def test_an_age_has_two_units_at_most(seconds: float, shown: str) -> None:
    assert words.age(seconds) == shown


@pytest.mark.parametrize(
    ("text", "shown", "why"),
    [
        ("exp-42", "exp-42", "a name"),
        ("\x1b[2Jgone", "·[2Jgone", "clears the screen"),
        ("a\r\nb\tc", "a··b·c", "moves the cursor"),
        ("4" + "\u0301\u0489" * 50, "4\u0301\u0489", "marks pile up, those that enclose, too"),
        ("\u202egnp.exe", "·gnp.exe", "turns the direction of writing"),
        ("[red]x[/red]", "[red]x[/red]", "markup is text"),
        ("e" + "\u0301" * 40, "e\u0301\u0301", "piles marks up into other lines"),
        ("\ud800", "·", "half a character"),
    ],
)
def test_someone_elses_words_are_harmless(text: str, shown: str, why: str) -> None:
    assert words.plain(text) == shown, why


def test_a_sparkline_goes_from_the_lowest_to_the_highest() -> None:
    assert words.sparkline([0.0, 0.6, 1.0]) == "▁▅█"
    assert words.sparkline([0.3, 0.3, 0.3]) == "▁▁▁"
    assert words.sparkline([0.3]) == ""
    assert words.sparkline([0.70, 0.72, 0.71]) == "▁▃▂", "noise is not made to look wild"
    assert cell_len(words.sparkline([1.0, -1.0, 1e9])) == 3
