"""What people type where they mean one number."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.reading.numbers import MAX_EXPONENT, Number, read_folded, read_number, unwrap

ROWS = [
    ("5", 5, None, "an integer"),
    ("- 5", -5, None, "a blank behind the sign"),
    ("−5", -5, None, "a typographic minus"),
    ("+5", 5, None, "a plus"),
    ("1.50", Fraction(3, 2), 2, "a decimal keeps its places"),
    (".5", Fraction(1, 2), 1, "no zero before the point"),
    ("5.", 5, None, "the full stop of a sentence"),
    ("1,234", 1234, None, "thousands"),
    ("1,234.5", Fraction(2469, 2), 1, "thousands with decimals"),
    ("1 234,5", Fraction(2469, 2), 1, "the French way"),
    ("1.234.567", 1234567, None, "the German way"),
    ("1.234,5", Fraction(2469, 2), 1, "with decimals"),
    ("0,5", Fraction(1, 2), 1, "a decimal comma"),
    ("1{,}234", 1234, None, "LaTeX thousands"),
    ("1,\\!234", 1234, None, "with its thin space"),
    ("1/2", Fraction(1, 2), None, "a fraction"),
    ("1 1/2", Fraction(3, 2), None, "a mixed number"),
    ("-1 1/2", Fraction(-3, 2), None, "whose sign is for all of it"),
    ("\\frac{1}{2}", Fraction(1, 2), None, "in LaTeX"),
    ("1\\frac12", Fraction(3, 2), None, "mixed, in LaTeX"),
    ("½", Fraction(1, 2), None, "a character"),
    ("3e2", 300, None, "e-notation"),
    ("1.5 \\times 10^{-2}", Fraction(3, 200), 3, "a power of ten"),
    ("５", 5, None, "full-width digits"),
    ("$5$", 5, None, "delimiters"),
]


@pytest.mark.parametrize(("text", "value", "places", "why"), ROWS, ids=[row[3] for row in ROWS])
def test_number(text, value, places, why):
    number = read_number(text)

    assert number == Number(value=Fraction(value), places=places), why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("five", "words"),
        ("4 or 5", "two numbers"),
        ("1,2,3", "a list"),
        ("1/0", "a quotient by zero"),
        ("x", "a letter"),
        ("01,234", "thousands never begin with 0"),
        (f"1e{MAX_EXPONENT + 1}", "too large to write out"),
        ("1" * 300, "too long"),
        ("--5", "two signs"),
    ],
)
def test_no_number(text, why):
    assert read_number(text) is None, why


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        ("50%", Fraction(1, 2), None),
        ("2.5\\%", Fraction(1, 40), 3),
        ("5 per cent", Fraction(1, 20), None),
    ],
)
def test_percentage_is_a_hundredth(text, value, places):
    assert read_folded(text) == Number(value=value, places=places, percent=True)


@pytest.mark.parametrize(
    ("text", "inside", "why"),
    [
        ("$x$.", "x", "delimiters and a full stop"),
        ("\\[x\\]", "x", "a display"),
        ("**x**", "x", "emphasis"),
        ("$x$ and $y$", "$x$ and $y$", "two formulas"),
        ("$$", "$$", "nothing inside"),
        ("x...", "x...", "dots are no full stop"),
    ],
)
def test_unwrap(text, inside, why):
    assert unwrap(text) == inside, why
