"""Quantities: number and unit, and what one unit is in another."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.forms import units
from harmo.scorers.rule.math.syntax.clean import clean

SPLIT = [
    ("5 cm", "5", "cm", "an abbreviation"),
    ("5cm", "5", "cm", "without a blank"),
    ("5\\text{ cm}", "5", "cm", "in LaTeX"),
    ("5\\text{ square meters}", "5", "meters^2", "a square in words"),
    ("3 km/h", "3", "km/h", "a quotient"),
    ("3 miles per hour", "3", "miles/hour", "a quotient in words"),
    ("12 apples", "12", "apples", "things that are counted"),
    ("2\\pi\\text{ cm}", "2\\pi", "cm", "a number that is an expression"),
    ("20^\\circ C", "20", "degC", "a temperature"),
    ("5元", "5", "元", "another script"),
    ("5\\text{ units}", "5", "", "units of nothing"),
    ("1 hour 30 minutes", "5400", "second", "a duration in two units"),
    ("1 hour", "1", "hour", "one in a single unit stays"),
    ("5 red cars", "5", "red cars", "things in two words"),
    ("0.64N", "0.64", "N", "a letter right behind a decimal"),
    ("64N", "64N", "", "and behind a whole number a symbol"),
    ("x^2 m", "x^2 m", "", "a letter behind letters is one more"),
    ("x^2\\text{ m}", "x^2", "m", "unless it is set as text"),
    ("7 squared", "7 squared", "", "a word that is no unit"),
    ("40 per cent", "40", "", "a percentage is no rate"),
    ("2 \\frac{\\text{kg}}{\\text{m}^3}", "2", "kg/m^3", "a fraction of units"),
    ("12 kJ/mol", "12", "kJ/mol", "letters that are not lower-cased"),
    ("3\\,\\mathrm{\\frac{m}{s^2}}", "3", "m/s^2", "a fraction set as text"),
    ("3 \\frac{m}{s}", "3 \\frac{m}{s}", "", "in letters that may be variables"),
    ("4 \\text{ people} \\pi", "4 \\text{ people} \\pi", "", "a number behind the unit"),
    ("4 \\text{ people x}", "4 \\text{ people x}", "", "a letter behind it"),
    ("4 \\text{ times a day}", "4 \\text{ times a day}", "", "a word that multiplies"),
    ("4 \\text{ apples a day}", "4", "apples a day", "an article is no letter"),
    ("5 a b", "5 a b", "", "two letters are symbols"),
    ("2x", "2x", "", "a letter is a symbol"),
    ("2\\sqrt{3}", "2\\sqrt{3}", "", "a command is none"),
    ("6 \\text{ and } 8", "6 \\text{ and } 8", "", "a list is no quantity"),
    ("x + 1", "x + 1", "", "nor an expression"),
    ("1" * 161 + " cm", "1" * 161 + " cm", "", "too long to be one"),
]


@pytest.mark.parametrize(("text", "number", "unit", "why"), SPLIT, ids=[row[3] for row in SPLIT])
def test_split(text, number, unit, why):
    assert units.split(clean(text)) == (number, unit), why


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ("€5", "euro", "a sign"),
        ("\\$5", "dollar", "an escaped one"),
        ("$5", "dollar", "one that is no delimiter"),
        ("$5$", "", "delimiters"),
        ("$x", "", "no number"),
        ("5", "", "no sign"),
    ],
)
def test_currency_of_a_raw_text(text, name, why):
    assert units.currency(text) == name, why


@pytest.mark.parametrize(
    ("left", "right", "same", "why"),
    [
        ("meter", "meters", True, "a plural"),
        ("hours", "hr", True, "an abbreviation"),
        ("radians", "rad", True, "another one"),
        ("m", "cm", False, "another unit"),
        ("s", "", False, "a single letter is no plural"),
    ],
)
def test_same_unit(left, right, same, why):
    assert units.same_unit(left, right) is same, why


CONVERSIONS = [
    ("m", "cm", 5, 500, "a length"),
    ("degC", "degF", 100, 212, "a scale with another zero"),
    ("km/h", "m/s", 36, 10, "a quotient"),
    ("m^2", "cm^2", 1, 10_000, "a square"),
    ("dollars", "cents", 2, 200, "money"),
    ("hour", "minute", 1.5, 90, "time"),
]


@pytest.mark.parametrize(
    ("unit", "into", "value", "converted", "why"), CONVERSIONS, ids=[row[4] for row in CONVERSIONS]
)
def test_conversion(unit, into, value, converted, why):
    conversion = units.conversion(unit, into)

    assert conversion is not None, why
    assert conversion.of(value) == pytest.approx(converted), why


@pytest.mark.parametrize(
    ("unit", "into", "why"),
    [
        ("m", "kg", "another dimension"),
        ("apples", "pears", "no units that anyone defined"),
        ("dollar", "euro", "rates change"),
        ("a/b/c", "m", "two quotients"),
        ("__class__", "m", "an attribute of the registry"),
        ("", "m", "no unit"),
    ],
)
def test_what_does_not_convert(unit, into, why):
    assert units.conversion(unit, into) is None, why
