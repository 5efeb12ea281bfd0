"""What must not reach the symbolic verifier."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.extract import MAX_ANSWER_CHARS
from harmo.scorers.rule.math.screen import MAX_NESTING, refusal

ROWS = [
    ("x" * (MAX_ANSWER_CHARS + 1), "length", "too long"),
    ("(" * (MAX_NESTING + 1), "nesting", "too deep"),
    ("()" * 200, None, "brackets side by side are not deep"),
    ("9^{9^9}", "tower", "a power in an exponent"),
    ("9^9^9", "tower", "one without braces"),
    ("9**9**9", "tower", "one of programs"),
    ("x^2+y^2", None, "two powers side by side"),
    ("x^2 + y^2", None, "with blanks between"),
    ("x^2y^2", None, "with nothing between"),
    ("9 ^ 9 ^ 9", "tower", "one with blanks"),
    ("2^{x}^3", "tower", "a power behind an exponent"),
    ("\\sum_{k=1}^{9} k", "sum", "a sum with its ends"),
    ("\\int_0^1 x", "heavy", "an integral with its ends"),
    ("(x^2)^3", "tower", "a power of a power, to be on the safe side"),
    ("2^{x+1} y^2", None, "an exponent that is closed"),
    ("2^{10000}", "exponent", "four digits"),
    ("2^{999}", None, "three digits"),
    ("1000!", "factorial", "of four digits"),
    ("5!!", "factorial", "of a factorial"),
    ("(5)!", "factorial", "of something unknown"),
    ("\\binom{10000}{2}", "binomial", "of a large number"),
    ("\\sum k", "sum", "a sum"),
    ("\\int x dx", "heavy", "an integral"),
    ("\\lim x", "heavy", "a limit"),
    ("\\internal", None, "another command that begins alike"),
    ("1" * 400, "number", "too many digits"),
    ("|1" * 20, "marks", "bars that no parser can pair quickly"),
    ("5!" * 20, "marks", "factorials in a row"),
    ("1%" * 20, "marks", "percents in a row"),
    ("\\log " * 20 + "2", "marks", "logarithms in a row"),
    ("|x|+|y|+|z|", None, "absolute values"),
    ("\\frac{x+1}{\\sqrt{2}}", None, "an everyday expression"),
]


@pytest.mark.parametrize(("text", "why_not", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_refusal(text, why_not, why):
    assert refusal(text) == why_not, why
