"""Numbers as answers give them: bounded or not, near or exact, with a unit, a currency, a scale."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.reading.around import words as around
from harmo.scorers.reading.around.lexicon import PARTS, SCALES
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.decision.clauses import is_reported
from harmo.scorers.reading.decision.sentences import breaks
from harmo.scorers.reading.numbers import Number, read_number
from harmo.scorers.reading.words import read_word, read_words

MAX_AMOUNT_CHARS = 64
CLAUSE_CHARS = 240
"""So much before a number is looked at for who says it, and when."""
_YEARS = range(1800, 2101)
_DATED = re.compile(r"(?i)\b(?:in|since|by|until|during|year) (?:the year )?(?:1[89]|20)\d\d\b")

_TENS = re.compile(r"'?s\b")

_CURRENCY = re.compile(r"(?:US|C|A|HK)?[$€£¥₹₩]|(?:USD|EUR|GBP|JPY|CNY|INR)\b ?|Rs\.? ?")
_DIGITS = re.compile(r"(?:\d{1,20}(?:[.,]\d{1,20}){0,8}|\.\d{1,20})(?![\d.,])")
_UNIT = re.compile(r"[^\W\d_°²³/][^\W\d_°²³/.]{0,30}(?: [^\W\d_]{1,20}){0,2}|°[CF]?")
_ORDINAL = ("st", "nd", "rd", "th")
_JOINING = frozenset({"or", "and", "to"})
_PERCENT = frozenset({"%", "percent", "pct", "per"})
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
    "\\ne", "n't", "\\leq", "\\geq", "\\neq", "\\lt", "\\gt", "!=", "from",
    "none of the", "there are no", "everything but", "all but", "half of", "twice", "double",
    "maybe", "perhaps", "possibly", "either", "might be", "could be", "may be", "supposedly",
    "allegedly", "unlike", "no.", "#", "№",
)  # fmt: skip
_TIMES_BEFORE = (" before", " after", " prior to", " pre", " pre-", " post", " post-")
"""Before a number without a unit: `before 2000`."""
_ABOUT_BEFORE = (
    "about", "around", "roughly", "approximately", "approx", "approx.", "circa", "nearly",
    "almost", "some", "close to", "~", "\\approx", "an estimated", "estimated", "probably about",
)  # fmt: skip
_BOUNDS_AFTER = re.compile(
    r"\A'?(?:st|nd|rd|th)\b|\A ?(?:bce?\b|[+?]"
    r"|or (?:more|less|fewer|so|above|below|higher|lower|greater|\w{1,20}\b)|and "
    r"(?:above|below|more|up|over)|at (?:most|least)|(?:to|-|–) ?\d|-ish\b|ish\b|something\b"
    r"|is (?:wrong|incorrect|false|not)\b|plus\b|minimum\b|maximum\b|max\b|min\b)"
)


class Near(NamedTuple):
    """What stands around a number."""

    bounded: bool
    """It is a bound, is denied, or is one end of a range: `less than 100`, `not 5`, `4 to 6`."""
    about: bool
    """It is an estimate: `about 5`."""


def near(before: str, after: str, number: Number | None = None) -> Near:
    """What the words around a number make of it.

    Args:
        before: The text up to it, in its sentence.
        after: What follows it there.
        number: It, where what follows may make a decade of it.
    """
    left = " " + " ".join(before[-60:].lower().split())
    left = left.rstrip(" $€£\"'(*")
    about = left.endswith(tuple(f" {each}" for each in _ABOUT_BEFORE)) or left.endswith("~")
    for each in _ABOUT_BEFORE:
        left = left.removesuffix(f" {each}")
    bounded = left.endswith(tuple(f" {each}" for each in _BOUNDS_BEFORE))
    low = after[:40].lower()
    alone = not low.strip(" .,;:!")
    led = left.removesuffix(" year").removesuffix(" the")
    bounded = bounded or (alone and led.endswith(_TIMES_BEFORE))
    said = before[-CLAUSE_CHARS:]
    reported = is_reported(said[breaks(said)[-1] :])
    decade = number is not None and is_decade(number, after)
    altered = bool(low.split()) and low.split()[0].strip(".,;:!") in PARTS
    bounded = bounded or reported or decade or altered
    return Near(bounded or _BOUNDS_AFTER.match(low) is not None, about)


class Amount(NamedTuple):
    """A number with what stands by it."""

    number: Number
    unit: str
    """Its unit or noun in lower case; empty for none."""
    plain: bool
    """Digits alone: no grouping, scale, unit, currency or percent sign."""

    def in_unit_of(self, other: Amount) -> bool:
        """True unless both have a unit, and not the same."""
        left, right = self.unit.rstrip("s."), other.unit.rstrip("s.")
        return not left or not right or left == right

    def allows(self, given: Number, tolerance: float) -> bool:
        """True within a relative tolerance, also with the percent sign that one of the two lacks.

        Years and 0 exactly.
        """
        year = self.plain and self.number.value in _YEARS
        allowed = Fraction(0) if year else Fraction(tolerance) * abs(self.number.value)
        if self.number.percent != given.percent:
            value = given.value * 100 if given.percent else given.value / 100
            if abs(value - self.number.value) <= allowed:
                return True
        return abs(given.value - self.number.value) <= allowed


def amount(text: str) -> Amount | None:
    """The amount that a text is: `$1.2bn`, `(1,234)`, `45 %`, `12 kg`, `three`; None for others."""
    text = text.replace("\\$", "$").strip().strip("*").rstrip(".").strip()
    if not text or len(text) > MAX_AMOUNT_CHARS:
        return None
    negative = text.startswith("(") and text.endswith(")")
    bare = text[1:-1].strip() if negative else text
    if bare[:1] in {"-", "−"}:
        bare, negative = bare[1:].strip(), not negative
    unsigned = _CURRENCY.sub("", bare, count=1).strip()
    digits = _DIGITS.match(unsigned)
    number = read_number(digits[0]) if digits else None
    if digits is None or number is None:
        words = read_number(text) or read_words(text)
        return None if words is None else Amount(words, "", plain=False)
    factor, percent, unit = _behind(unsigned[digits.end() :])
    if is_decade(number, unsigned[digits.end() :]):
        return None
    if unit is None:
        fraction = read_number(text)
        return None if fraction is None else Amount(fraction, "", plain=False)
    value = number.value * (-factor if negative else factor)
    plain = unsigned == bare == digits[0] and digits[0].isdigit()
    places = number.places if factor == 1 else None
    return Amount(Number(value=value, places=places, percent=percent), unit, plain)


def is_decade(number: Number, after: str) -> bool:
    """True for a year with an s behind it, which is ten years, or a hundred: `2000s`."""
    return number.value in _YEARS and number.value % 10 == 0 and _TENS.match(after) is not None


def is_dated(text: str) -> bool:
    """True for a text with a year where a date stands: `in 2019`."""
    return _DATED.search(text) is not None


def charted(text: str) -> Number | None:
    """The number of an amount, as charts write it."""
    found = amount(text)
    return found.number if found else None


def _behind(rest: str) -> tuple[Fraction, bool, str | None]:
    """The scale behind digits, whether they are a percentage, and their unit; None for no unit."""
    rest = rest.replace("\\%", "%").replace("%", " % ")
    glued = bool(rest) and rest[0].isalpha()
    words = rest.split()
    factor = Fraction(1)
    if words and (scale := _SCALES.get(words[0].lower())) and (glued or len(words[0]) > 1):
        factor, words = Fraction(scale), words[1:]
    percent = bool(words) and words[0].lower() in _PERCENT
    if percent:
        factor, words = factor / 100, words[2 if words[:2] == ["per", "cent"] else 1 :]
    unit = " ".join(words).lower()
    if unit.partition(" ")[0] in PARTS | SCALES | _JOINING:
        return factor, percent, None
    if (glued and unit.startswith(_ORDINAL)) or any(map(str.isnumeric, unit)):
        return factor, percent, None
    return factor, percent, unit if not unit or _UNIT.fullmatch(unit) else None


_BOUND_SIGNS = ("≤", "≥", "<", ">", "≠", "\\le", "\\ge", "\\lt", "\\gt", "\\ne", "±", "\\pm")
_ABOUT_SIGNS = ("~", "≈", "∼", "\\approx", "\\sim")


def signed(text: str) -> Near:
    """What a sign before a number makes of it: `≤ 5`, `~5`."""
    bare = text.lstrip(" $(\\") if text.lstrip(" $").startswith("\\(") else text.lstrip(" $(")
    return Near(bare.startswith(_BOUND_SIGNS), bare.startswith(_ABOUT_SIGNS))


class Lone(NamedTuple):
    """The one number among words."""

    number: Number
    around: Near


def lone(text: str) -> Lone | None:
    """The one number that stands among words: `5 red cars`, not `4 or 5`; None for none, several.

    Args:
        text: A short answer; its first sixty words are read.
    """
    words = text.split()[:60]
    numbers = [(at, number) for at, word in enumerate(words) if (number := read_word(word))]
    if len({number.value for _, number in numbers}) != 1:
        return None
    beside = [near(" ".join(words[:at]), _after(words, at)) for at, _ in numbers]
    about = any(each.about for each in beside)
    # `7 dozen` is 84, `minus three` no 3.
    spelled = read_words(text)
    doubted = not (about or spelled) and any(_is_doubted(words, at) for at, _ in numbers)
    return Lone(
        spelled or numbers[0][1], Near(doubted or any(each.bounded for each in beside), about)
    )


def _is_doubted(words: list[str], at: int) -> bool:
    """True if the words on either side leave a number in doubt: `I doubt there are 7`."""
    before = around.before(" ".join(words[:at]), words[at])
    rest = words[at + 1 :]
    rest = rest[1:] if rest and rest[0].strip(".,").lower() in _SCALES else rest
    return max(before, around.after(" ".join(rest), words[at])) > Stance.BOUNDED


def _after(words: list[str], at: int) -> str:
    """What follows a word, with the question mark that may be glued to it."""
    glued = "?" if words[at].endswith("?") else ""
    return f"{glued} {' '.join(words[at + 1 : at + 6])}"
