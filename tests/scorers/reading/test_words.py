"""Numbers in words."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.reading.words import MAX_WORDS, read_lettered, read_word, read_words

ROWS = [
    ("five", 5, "one word"),
    ("Twenty-One.", 21, "a hyphen, capitals, a full stop"),
    ("three hundred and five", 305, "hundreds"),
    ("two million three thousand", 2_003_000, "scales"),
    ("minus five", -5, "a sign"),
    ("negative two thirds", Fraction(-2, 3), "one before a fraction"),
    ("two thirds", Fraction(2, 3), "a fraction"),
    ("half", Fraction(1, 2), "one without a count"),
    ("one and a half", Fraction(3, 2), "a mixed number"),
    ("one point two five", Fraction(5, 4), "a decimal"),
    ("two dozen", 24, "dozens"),
    ("minus 7", -7, "a sign before digits"),
    ("7 squared", 49, "a power"),
    ("7 halves", Fraction(7, 2), "halves of digits"),
    ("7 tenths", Fraction(7, 10), "tenths of digits"),
    ("1.5 billion", 1_500_000_000, "digits with a scale"),
    ("a hundred", 100, "an article with a scale"),
    ("trois", 3, "French"),
    ("dreißig", 30, "German"),
    ("二十一", 21, "Chinese"),
    ("三万二千", 32_000, "with scales"),
    ("二〇二四", 2024, "digit by digit"),
    ("三分之二", Fraction(2, 3), "a Chinese fraction"),
    ("三个", 3, "with a counter"),
]


@pytest.mark.parametrize(("text", "value", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_words(text, value, why):
    number = read_words(text)

    assert number is not None, why
    assert number.value == value, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("two three", "two numbers"),
        ("twenty thirty", "two tens"),
        ("five apples", "another word"),
        ("half of it", "words behind a fraction"),
        ("one point", "no digits behind the point"),
        ("one point twenty", "no digit"),
        ("零分之二", "a quotient by zero"),
        ("one " * (MAX_WORDS + 1), "too many words"),
        ("x" * 201, "too long"),
    ],
)
def test_no_number(text, why):
    assert read_words(text) is None, why


@pytest.mark.parametrize(
    ("word", "value", "why"),
    [
        ("three", 3, "English"),
        ("(Three),", 3, "punctuation around it"),
        ("12", 12, "digits"),
        ("one", None, "as often a pronoun"),
        ("1", 1, "which its digit is not"),
        ("half", None, "no whole number"),
        ("the", None, "another word"),
    ],
)
def test_word_among_others(word, value, why):
    number = read_word(word)

    assert (None if number is None else number.value) == value, why


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("2k", 2000, "thousands"),
        ("$1.5M", 1_500_000, "millions of a currency"),
        ("3B", 3_000_000_000, "billions"),
        ("2m", None, "metres or millions"),
        ("2", None, "no letter"),
        (".k", None, "no number"),
    ],
)
def test_lettered(text, value, why):
    number = read_lettered(text)

    assert (None if number is None else number.value) == value, why
