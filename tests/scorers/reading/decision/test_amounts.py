"""Numbers with what stands by them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.reading.decision.amounts import (
    amount,
    charted,
    is_dated,
    lone,
    near,
    signed,
)


@pytest.mark.parametrize(
    ("text", "value", "unit", "why"),
    [
        ("$1.2bn", Fraction(12 * 10**8), "", "currency and scale"),
        ("(1,234)", Fraction(-1234), "", "an accounting negative"),
        ("-$5", Fraction(-5), "", "a sign before the currency"),
        ("45 %", Fraction(45, 100), "", "a percentage"),
        ("12 kg", Fraction(12), "kg", "a unit"),
        ("3 m", Fraction(3), "m", "metres, apart"),
        ("3m", Fraction(3 * 10**6), "", "millions, glued"),
        ("2.5 million euros", Fraction(25 * 10**5), "euros", "a scale and a unit"),
        ("three", Fraction(3), "", "a word"),
        ("3/4", Fraction(3, 4), "", "a fraction"),
    ],
)
def test_amount(text, value, unit, why) -> None:
    found = amount(text)

    assert found is not None
    assert (found.number.value, found.unit) == (value, unit), why
    assert charted(text) == found.number


@pytest.mark.parametrize(
    "text", ["18-24", "2010-2011", "12/05/2010", "1st", "Q1", "65+", "5 or 6", "", "x" * 100]
)
def test_what_is_no_amount(text) -> None:
    assert amount(text) is None


def test_years_are_exact_and_quantities_are_not() -> None:
    year, people = amount("2000"), amount("2,000")

    assert year is not None
    assert people is not None
    assert not year.allows(amount("2001").number, 0.05)
    assert people.allows(amount("2001").number, 0.05)
    assert is_dated("in 2019")
    assert not is_dated("2019 people")


def test_another_unit_is_no_match() -> None:
    assert amount("12 cars").in_unit_of(amount("12 car"))
    assert amount("12 cars").in_unit_of(amount("12"))
    assert not amount("12 kg").in_unit_of(amount("12 g"))


@pytest.mark.parametrize(
    ("before", "after", "bounded", "about"),
    [
        ("less than ", "", True, False),
        ("it is not ", "", True, False),
        ("about ", "", False, True),
        ("at least about ", "", True, True),
        ("there are ", " or more", True, False),
        ("", "-ish", True, False),
        ("there are ", " dogs", False, False),
    ],
)
def test_near(before, after, bounded, about) -> None:
    assert near(before, after) == (bounded, about)


def test_signs_bound_and_estimate() -> None:
    assert signed("$\\le 5$").bounded
    assert signed("~5").about
    assert signed("5") == (False, False)


def test_the_one_number_among_words() -> None:
    assert lone("5 red cars").number.value == 5
    assert lone("at most 5").around.bounded
    assert lone("4 or 5") is None
