"""Nothing that a policy wrote moves a cursor, colours, hides, turns round or floods a terminal."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from rich.cells import cell_len

from harmo.app.cli.audit.group import MAX_LINES, written
from tests.app.cli.conftest import Typed
from tests.audit.hostile import HOSTILE


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_plain_and_short(text: str) -> None:
    shown = written(text, 1000).plain
    assert len(shown) <= 2000
    assert shown.count("\n") < MAX_LINES
    assert_harmless(shown)


def assert_harmless(shown: str) -> None:
    for char in shown.replace("\n", ""):
        assert char.isprintable(), ascii(char)
        assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"), ascii(char)
    assert "\u0489\u0301\u0489\u0301\u0489" not in shown, "marks do not pile up"


@pytest.mark.parametrize(
    ("text", "chars", "shown", "why"),
    [
        ("abc", 10, "abc", "whole"),
        ("abcdef", 4, "abcd … 2 characters more", "cut"),
        ("a\tb\r\nc", 10, "a    b\nc", "tabs and line ends are blanks and lines"),
        ("[red]x[/]", 20, "[red]x[/]", "no markup"),
        ("", 10, "", "nothing"),
        ("x" * 300, 300, "x" * 300, "a long line is whole"),
    ],
)
def test_what_is_shown_of_a_text(text: str, chars: int, shown: str, why: str) -> None:
    assert written(text, chars).plain == shown, why


def test_many_short_lines_are_cut_too() -> None:
    shown = written("x\n" * 500, 1000).plain
    assert shown.count("\n") == MAX_LINES - 1
    assert shown.endswith(f"… {2 * (500 - MAX_LINES):,} characters more")


def test_every_group_of_a_hostile_store_is_harmless_on_a_terminal(
    typed: Typed, hostile: Path
) -> None:
    for number in range(1, 121, 7):
        code, out, _ = typed(f"audit show {hostile} --group {number}")
        assert code == 0
        assert_harmless(out)
        assert max(map(cell_len, out.splitlines())) <= 80


def test_its_json_is_ascii_and_reads_back_as_it_was_written(typed: Typed, hostile: Path) -> None:
    _, out, _ = typed(f"audit show {hostile} --group 3 --json")
    assert out.isascii()
    assert json.loads(out)["group"] == 3
