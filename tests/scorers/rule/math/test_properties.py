"""What must hold for every number, interval and expression."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harmo.scorers.reading.numbers import read_number
from harmo.scorers.reading.words import read_words
from harmo.scorers.rule.math import inline
from harmo.scorers.types import Sample

WHOLE = st.integers(-(10**6), 10**6)
POSITIVE = st.integers(1, 10**4)


def equal(reference: str, answer: str) -> bool:
    score = inline(Sample(reference=reference, completion=f"\\boxed{{{answer}}}"))
    assert score is not None
    return score.value == 1.0


@settings(deadline=None)
@given(WHOLE, POSITIVE, st.integers(1, 99))
def test_fractions_are_equal_however_far_cancelled(top, bottom, factor):
    assert equal(f"{top}/{bottom}", f"\\frac{{{top * factor}}}{{{bottom * factor}}}")


@settings(deadline=None)
@given(WHOLE, WHOLE, POSITIVE)
def test_different_fractions_are_never_equal(a, b, bottom):
    assume(a != b)

    assert not equal(f"\\frac{{{a}}}{{{bottom}}}", f"\\frac{{{b}}}{{{bottom}}}")


@settings(deadline=None)
@given(WHOLE, WHOLE, st.booleans(), st.booleans())
def test_interval_is_its_inequality_and_no_other(a, width, has_low, has_high):
    b = a + abs(width) + 1
    interval = f"{'[' if has_low else '('}{a},{b}{']' if has_high else ')'}"
    low, high = "\\le" if has_low else "<", "\\le" if has_high else "<"

    assert equal(interval, f"{a} {low} x {high} {b}")
    assert not equal(interval, f"{a} {low} x {high} {b + 1}")


@settings(deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=6, unique=True), st.randoms())
def test_sets_have_no_order_and_tuples_do(items, random):
    turned = random.sample(items, len(items))
    text, other = ",".join(map(str, items)), ",".join(map(str, turned))

    assert equal(f"\\{{{text}\\}}", f"\\{{{other}\\}}")
    assert equal(f"({text})", f"({other})") == (items == turned)


@settings(deadline=None, max_examples=50)
@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9))
def test_expanded_products_are_equal_and_their_neighbours_not(a, b, c):
    assume(a)
    expanded = f"{a}x^2+({a * c + b})x+({b * c})"

    assert equal(expanded, f"({a}x+{b})(x+{c})" if b >= 0 and c >= 0 else f"({a}x+({b}))(x+({c}))")
    assert not equal(expanded, f"({a}x+({b}))(x+({c}))+1")


@settings(deadline=None)
@given(WHOLE, st.integers(0, 6))
def test_written_decimals_are_read_exactly(n, places):
    sign, digits = "-" * (n < 0), str(abs(n)).rjust(places + 1, "0")
    at = len(digits) - places
    number = read_number(f"{sign}{digits[:at]}.{digits[at:]}")

    assert number is not None
    assert number.value == Fraction(n, 10**places)


@given(st.integers(0, 10**9))
def test_thousands_are_read_with_any_separator(n):
    for separator in (",", " ", "{,}", ",\\!"):
        number = read_number(f"{n:,}".replace(",", separator))
        assert number is not None
        assert number.value == n


@given(st.integers(1, 99), st.integers(2, 10))
def test_english_words_are_read(n, part):
    tens = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
    ones = (
        "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    )  # fmt: skip
    words = ones[n] if n < 20 else f"{tens[n // 10]}-{ones[n % 10]}".rstrip("-")
    parts = (
        "", "", "half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    )  # fmt: skip

    assert read_words(words).value == n
    assert read_words(f"{words} {parts[part]}s").value == Fraction(n, part)
