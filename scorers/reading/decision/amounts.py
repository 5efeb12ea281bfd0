"""Numbers as answers give them: bounded or not, near or exact, with a unit, a currency, a scale."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.reading.decision.sentences import sentences
from harmo.scorers.reading.numbers import Number, read_number
from harmo.scorers.reading.words import read_word, read_words

MAX_AMOUNT_CHARS = 64

_CURRENCY = re.compile(r"(?:US|C|A|HK)?[$€£¥₹₩]|(?:USD|EUR|GBP|JPY|CNY|INR)\b ?|Rs\.? ?")
_AMOUNT = re.compile(
    r"([-+]?\d{1,20}(?:[.,]\d{1,20}){0,8}|[-+]?\.\d{1,20})"
    r"( ?(?:k|K|M|m|mn|mln|B|b|bn|T|tn|thousand|million|billion|trillion)\b)?"
    r"( ?(?:%|percent\b|per cent\b|pct\b))?( ?[A-Za-z°²³/][A-Za-z°²³/ ]{0,30})?"
)
_SCALES = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9, "t": 10**12, "tn": 10**12, "trillion": 10**12,
}  # fmt: skip
_BOUNDS_BEFORE = (
    "less than", "more than", "fewer than", "greater than", "larger than", "smaller than",
    "bigger than", "higher than", "lower than", "no more than", "no less than", "no fewer than",
    "at most", "at least", "under", "over", "above", "below", "up to", "not", "never", "between",
    "exceeds", "exceeding", "beyond", "within", "maximum of", "minimum of", "max", "min", "isn't",
    "aren't", "wasn't", "weren't", "cannot be", "can't be", "other than", "except", "neither",
    "nor", "beneath", "not exactly", "not equal to", "anything but", "upwards of", "short of",
    "don't see", "don't count", "do not see", "do not count", "not even", "<", ">", "\\le", "\\ge",
    "\\ne", "\\lt", "\\gt", "!=", "from", "maybe", "perhaps", "possibly", "either",
)  # fmt: skip
_ABOUT_BEFORE = (
    "about", "around", "roughly", "approximately", "approx", "approx.", "circa", "nearly",
    "almost", "some", "close to", "~", "\\approx", "an estimated", "estimated", "probably about",
)  # fmt: skip
_BOUNDS_AFTER = re.compile(
    r"\A ?(?:\+|or (?:more|less|fewer|so|above|below|higher|lower|greater|\w{1,20}\b)|and "
    r"(?:above|below|more|up|over)|at (?:most|least)|(?:to|-|–) ?\d|-ish\b|ish\b|something\b"
    r"|plus\b|minimum\b|maximum\b|max\b|min\b)"
)


class Near(NamedTuple):
    """What stands around a number."""

    bounded: bool
    """It is a bound, is denied, or is one end of a range: `less than 100`, `not 5`, `4 to 6`."""
    about: bool
    """It is an estimate: `about 5`."""


def near(before: str, after: str) -> Near:
    """What the words around a number make of it.

    Args:
        before: The text up to it, in its sentence.
        after: What follows it there.
    """
    left = " " + " ".join(before[-60:].lower().split())
    left = left.rstrip(" $€£\"'(*")
    about = left.endswith(tuple(f" {each}" for each in _ABOUT_BEFORE)) or left.endswith("~")
    for each in _ABOUT_BEFORE:
        left = left.removesuffix(f" {each}")
    bounded = left.endswith(tuple(f" {each}" for each in _BOUNDS_BEFORE))
    low = after[:40].lower()
    return Near(bounded or _BOUNDS_AFTER.match(low) is not None, about)


class Amount(NamedTuple):
    """A number with what stands by it."""

    number: Number
    unit: str
    """Its unit or noun in lower case; empty for none."""
    plain: bool
    """Digits alone: no grouping, scale, unit, currency or percent sign."""


def amount(text: str) -> Amount | None:
    """The amount that a text is: `$1.2bn`, `(1,234)`, `45 %`, `12 kg`, `three`; None for others."""
    text = text.strip().strip("*").rstrip(".").strip()
    if not text or len(text) > MAX_AMOUNT_CHARS:
        return None
    negative = text.startswith("(") and text.endswith(")")
    bare = text[1:-1].strip() if negative else text
    if bare[:1] in {"-", "−"}:
        bare, negative = bare[1:].strip(), not negative
    unsigned = _CURRENCY.sub("", bare, count=1).strip()
    found = _AMOUNT.fullmatch(unsigned.replace("\\%", "%"))
    if found is None:
        words = read_words(text) or read_number(text)
        return None if words is None else Amount(words, "", plain=False)
    number = read_number(found[1])
    if number is None or (negative and found[1][0] in "+-"):
        return None
    scale = _SCALES[found[2].strip().lower()] if found[2] else 1
    value = number.value * (-scale if negative else scale) / (100 if found[3] else 1)
    unit = (found[4] or "").strip().lower()
    plain = unsigned == found[1] and bare == unsigned and found[1].isdigit()
    places = number.places if scale == 1 else None
    return Amount(Number(value=value, places=places, percent=bool(found[3])), unit, plain)


_COUNTED = re.compile(
    r"\b(?:there (?:is|are|were|was)|i (?:can )?(?:see|count|find|counted|found)|we (?:can )?"
    r"(?:see|count|find|have)|(?:it|image|picture|chart|graph|figure|total|count|number)"
    r" (?:shows|has|contains|is|depicts|of \w{1,20} is)|(?:he|she|they|it) (?:has|have|had))"
    r"(?: (?:only|exactly|just|a total of|in total))? (?=[\w-])"
)
_GOES_ON = frozenset(
    "with below above around on in at under over from near between among across for by of behind "
    "beside inside outside whose that which who having per out greater less larger smaller".split()
)
_STOPS = frozenset("and or plus to but not minus then so but , ; & / versus vs".split())


def counted(text: str) -> Number | None:
    """The count that a sentence states first, where what follows only describes what is counted.

    `There are 3 bars with values below 40` is 3; `3 red and 2 blue squares` is none.
    """
    for sentence in reversed(sentences(text[-2000:])):
        stated = _COUNTED.search(sentence.lower())
        if stated:
            return _described(sentence.lower(), stated.end())
    return None


def _described(sentence: str, at: int) -> Number | None:
    word, _, rest = sentence[at:].partition(" ")
    number = read_word(word) or (Number(value=Fraction(1)) if word == "one" else None)
    if number is None or near(sentence[:at], " " + rest).bounded or "," in word:
        return None
    for other in rest.split():
        bare = other.strip(".,;:!()")
        if bare in _GOES_ON:
            return number
        if bare in _STOPS or other[-1:] in {",", ";"} or read_word(bare):
            return None
    return number
