"""Every promise of docs/operations.md stands beside the test that tries it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## What is promised\n")[2].partition("\n## ")[0]
ROWS = [row.strip("| ").split(" | ") for row in SECTION.splitlines() if "::" in row]
CITED = re.compile(r"`([\w/]+\.py)::(\w+)`")
TESTS = sorted(set(CITED.findall(PAGE)))

PROMISES = (
    "Scorer failure",
    "Non-finite",
    "Length and order",
    "Batch invariance",
    "Hung sample",
    "Overload",
    "Deadline, disconnect",
    "Retry",
    "Worker crash",
    "Out of memory",
    "Health",
    "Fatal exit",
    "Drain",
    "Startup",
)


def test_the_fourteen_promises_are_made() -> None:
    assert tuple(promise for promise, *_ in ROWS[: len(PROMISES)]) == PROMISES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_names_its_tests(row: list[str]) -> None:
    said = CITED.sub("", row[-1]).strip(", ")
    assert CITED.search(row[-1])
    assert said == "", "nothing but tests stands there"


@pytest.mark.parametrize(("file", "name"), TESTS, ids=lambda part: part)
def test_a_test_that_the_page_names_exists(file: str, name: str) -> None:
    path = ROOT / file if "/" in file else Path(__file__).parent / file
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in tests
