"""Which words behind a number are a unit."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.forms.unit_words import is_unit

ROWS = [
    ("cm", True, "an abbreviation"),
    ("apples", True, "things"),
    ("red apples", True, "in two words"),
    ("kJ mol^{-1}", True, "a power"),
    ("kg m^{-3}", True, "an abbreviation of one letter behind another"),
    ("m2", True, "an exponent right behind an abbreviation"),
    ("\\text{ in}^3", True, "a word that joins, raised"),
    ("per second", True, "a rate"),
    ("x", False, "a variable"),
    ("squared", False, "what raises the number"),
    ("cm squared", True, "and what raises the unit"),
    ("halves", False, "what divides it"),
    ("thousand", False, "what multiplies it"),
    ("point five", False, "its decimals"),
    ("is not the answer", False, "what takes it back"),
    ("\\text{ is wrong}", False, "in LaTeX"),
    ("\\text{ or } 8", False, "another answer"),
    ("\u8a9e7", False, "an exponent right behind a word"),
    ("\u500b", True, "a counter of another script"),
]


@pytest.mark.parametrize(("unit", "is_one", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_is_unit(unit, is_one, why):
    assert is_unit(unit, letters=True) is is_one, why


def test_a_lone_letter_is_one_where_letters_are():
    assert is_unit("N", letters=True)
    assert not is_unit("N", letters=False)
