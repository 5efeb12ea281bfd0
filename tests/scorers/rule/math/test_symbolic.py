"""Math-Verify behind our guards."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.symbolic import equivalent, readable

ROWS = [
    ("x^2 - 1", "(x-1)(x+1)", True, "a product expanded"),
    ("x^2 - 1", "(x-1)^2", False, "another polynomial"),
    ("\\sqrt{8}", "2\\sqrt{2}", True, "a root simplified"),
    ("0", "0 \\cdot x", False, "a symbol where a number is asked for"),
    ("5", "\\int_0^5 1 dx", False, "an integral that was not computed"),
    ("\\frac{1}{2}", "\\frac{2}{4}", True, "commands of numbers are no letters"),
    ("", "5", None, "nothing to read"),
]


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "why"), ROWS, ids=[row[3] for row in ROWS]
)
def test_equivalent(reference, answer, equal, why):
    assert equivalent(reference, answer) is equal, why


@pytest.mark.parametrize(
    ("text", "known", "why"),
    [
        ("x^2", True, "an expression"),
        ("\\int_0^1 x dx", True, "one that our parser refuses"),
        ("\\frac{", False, "broken LaTeX"),
        ("?!", False, "no expression"),
    ],
)
def test_readable(text, known, why):
    assert readable(text) is known, why
