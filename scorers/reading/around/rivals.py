"""Numbers beside an answer: those that may be meant in its place, those that say it again."""

from __future__ import annotations

from fractions import Fraction

from harmo.scorers.reading.around import lexicon as lex
from harmo.scorers.reading.numbers import Number, read_number
from harmo.scorers.reading.words import read_word, read_words

_UNITS: dict[str, tuple[str, Fraction]] = {
    name: (kind, Fraction(scale))
    for kind, names in {
        "time": {
            "s sec second seconds secs": "1", "min mins minute minutes": "60",
            "h hr hrs hour hours": "3600", "day days": "86400", "week weeks": "604800",
        },
        "length": {
            "mm millimeter millimeters millimetre millimetres": "0.001",
            "cm centimeter centimeters centimetre centimetres": "0.01",
            "m meter meters metre metres": "1",
            "km kilometer kilometers kilometre kilometres": "1000", "in inch inches": "0.0254",
            "ft foot feet": "0.3048", "yd yard yards": "0.9144", "mi mile miles": "1609.344",
        },
        "mass": {
            "mg milligram milligrams": "0.001", "g gram grams": "1",
            "kg kilogram kilograms": "1000",
        },
        "volume": {"ml milliliter milliliters": "0.001", "l liter liters litre litres": "1"},
        "months": {"month months": "1", "year years": "12"},
        "money": {"cent cents": "1", "dollar dollars": "100"},
    }.items()
    for spellings, scale in names.items()
    for name in spellings.split()
}  # fmt: skip
"""What a unit measures, and how much of it."""


def numeral(word: str) -> Number | None:
    """The number that a word is, in digits or English, `one` and `dozen` included; else None."""
    bare = word.strip(",.;:!?")
    if found := read_word(bare):
        return found
    return read_words(bare) if bare == "one" or bare in lex.SCALES else None


def near(left: Number, right: Number | None) -> bool:
    """True if two numbers may be one, be it rounded; a decimal may be what no number says."""
    if right is None:
        return bool(left.places)
    return abs(left.value - right.value) * 50 <= abs(right.value)


def is_rival(words: list[str], at: int, answer: str) -> bool:
    """True if the number at a place behind an answer is not the answer again, in any unit.

    Args:
        words: What stands behind the answer, the words of its unit first.
        at: Where the number is.
        answer: The answer, a number or not.
    """
    number, due = read_word(words[at]), read_number(answer)
    if number is None:
        return False
    own, other = (_UNITS.get(word) for word in (words[0], words[at + 1] if words[at + 1 :] else ""))
    if due is None or own is None or other is None or own[0] != other[0]:
        return not near(number, due)
    return due.value * own[1] != number.value * other[1]
