"""CSV that spreadsheets take for text and numbers."""

from __future__ import annotations

import csv
import io

import pytest

from harmo.console.model.sheet import cell, sheet


@pytest.mark.parametrize(
    ("value", "written", "why"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0", "a formula"),
        ("+1", "'+1", "another"),
        ("-1+1", "'-1+1", "another"),
        ("@SUM(A1)", "'@SUM(A1)", "another"),
        ("  =1", "'  =1", "behind blanks"),
        ("\t=1", "'\t=1", "behind a tab"),
        ("\r=1", "'\r=1", "behind a return"),
        ("\n=1", "'\n=1", "behind a line's end"),
        ("＝1", "'＝1", "of full width"),
        ("a=1", "a=1", "none"),
        ("", "", "nothing"),
        ("a\x00b", "a␀b", "what no CSV holds"),
        ("\ud800", "\\ud800", "what no file holds"),
        (-1.5, -1.5, "a number stays one"),
        (True, "true", "a word"),
        (float("nan"), "", "unknown"),
        (float("inf"), "", "no number of a sheet"),
        (None, "", "unknown"),
    ],
)
def test_cells(value: object, written: object, why: str) -> None:
    assert cell(value) == written, why


def test_a_cell_is_bounded() -> None:
    assert len(cell("x" * (1 << 20))) == 32_000


def test_what_is_written_is_read_again() -> None:
    rows = [["a,b", 'say "x"', "two\nlines"], ["=1", "", "é"]]
    found = list(csv.reader(io.StringIO(sheet(["x", "y", "z"], rows), newline="")))
    assert found == [["x", "y", "z"], rows[0], ["'=1", "", "é"]]
