"""Which words behind a number are a unit, and which make another number of it or take it back."""

from __future__ import annotations

import re

TEXT = re.compile(r"\\text ?\{([^{}]{0,200}+)\}|\\cdot")
POWER = re.compile(r"([A-Za-zµΩÅ\u0370-\uffff][A-Za-z\u0370-\uffff_]*)(?:\^|\*\*)?\{?(-?\d)?\}?\Z")
SHORT = frozenset(
    {
        "min", "sec", "hr", "hrs", "h", "d", "lb", "lbs", "oz", "ft", "in", "yd", "mi", "mph",
        "kph", "rad", "deg", "cal", "bar", "atm", "Å", "Ω", "au", "ly", "pc", "rpm", "fps", "t",
        "dB", "F", "C", "kcal", "USD", "EUR", "GBP", "yen", "mmHg", "ha", "mol",
        *(
            prefix + base
            for prefix in ("", "k", "M", "G", "m", "c", "d", "µ", "u", "n", "p")
            for base in (
                "m", "g", "s", "L", "l", "J", "W", "N", "V", "A", "K", "Pa", "Hz", "eV", "Wh", "T",
            )
        ),
    }
)  # fmt: skip
"""Abbreviations that stand as units without `\\text`."""
_JOINERS = frozenset({"and", "or", "x", "in", "to", "mod", "y", "e", "i"})


_NO_UNITS = frozenset(
    {
        "‰", "‱", "isn't", "not", "no", "never", "nor", "or", "but", "if", "than",
        "maybe", "perhaps", "possibly", "cannot", "can't", "wrong", "incorrect", "false", "instead",
        "plus", "minus", "over", "divided", "multiplied", "modulo", "choose", "factorial", "point",
        "half", "halves", "third", "thirds", "fourths", "fourth", "quarter", "quarters", "fifth",
        "fifths", "sixth", "sixths", "seventh", "sevenths", "eighth", "eighths", "ninth", "ninths",
        "tenth", "tenths", "hundredths", "thousandths", "hundred", "hundreds", "thousand",
        "thousands", "million", "millions", "billion", "billions", "trillion", "dozen", "dozens",
        "doubled", "halved", "tripled", "inverse", "inverted", "reciprocal", "negative", "negated",
        "tens", "zero", "zeros", "rejected", "excluded", "discarded", "eliminated", "probably",
        "likely", "unlikely", "twice", "thrice", "times", "except", "excluding", "eleven", "twelve",
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
        "score", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    }
)  # fmt: skip
"""Words behind a number that make another of it, or take it back."""
_RAISING = frozenset({"squared", "cubed"})


def is_unit(unit: str, *, letters: bool) -> bool:
    r"""True if a text behind a number says what is counted or measured.

    Args:
        unit: As cleaned, `\text` and all.
        letters: Take a lone letter for one.
    """
    bare = TEXT.sub(spaced, unit).replace("/", " ").replace("*", " ").replace(" ^", "^")
    words = [word.strip(".(),") for word in bare.split()]
    if not _NO_UNITS.isdisjoint(map(str.lower, words)) or words[:1] == [""]:
        return False
    if words and words[0] in _RAISING:
        return False
    joined = len(words) > 1 or words == ["and"] or words == ["or"]
    if not words or len(words) > 6 or (joined and words[0].lower() in _JOINERS):
        return False
    if len(words) > 1 and words[0] != "for" and any(_is_operand(word) for word in words):
        return False
    if unit.startswith("\\text"):
        return all(not any(c.isdigit() for c in word) or _is_powered(word) for word in words)
    prose = len(words) > 1 and all(w.isalpha() and w.islower() for w in words)
    if prose and max(map(len, words)) > 3:
        return True
    return all(_plain_unit(word, letters=letters or place > 0) for place, word in enumerate(words))


def _is_operand(word: str) -> bool:
    r"""True for what no unit is made of beside another word: `x`, `\pi`, `[`."""
    lone = len(word) == 1 and word.islower() and word != "a" and word not in SHORT
    return lone or "\\" in word or word in "[]"


def _is_powered(word: str) -> bool:
    """True for `m^2`, and for `m2` where the name is an abbreviation."""
    match = POWER.fullmatch(word)
    return match is not None and (match[2] is None or "^" in word or match[1] in SHORT)


def _plain_unit(word: str, *, letters: bool) -> bool:
    match = POWER.fullmatch(word)
    if match is None or not _is_powered(word):
        return False
    name = match[1]
    if not name.isascii():
        return True
    if name in SHORT:
        return letters or len(name) > 1
    return len(name) > 3 and name.islower() and name not in _FUNCTION_WORDS


_FUNCTION_WORDS = frozenset(
    {"sqrt", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "infty", "infinity", "percent"}
)


def spaced(typeset: re.Match[str]) -> str:
    """What a text command holds, between blanks; a star for a dot."""
    return f" {typeset[1] or '*'} "
