"""One side's text, read in every way that it may be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from harmo.scorers.reading.numbers import Number, read_number
from harmo.scorers.reading.text import plain, squad
from harmo.scorers.reading.words import read_words
from harmo.scorers.rule.math.forms import units
from harmo.scorers.rule.math.forms.dates import read_dates, read_time
from harmo.scorers.rule.math.forms.phrases import SYMBOLS, formula, worded
from harmo.scorers.rule.math.syntax.clean import clean, compact
from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op

OPTION = re.compile(r"\(?([A-J])(?:\)?\Z|(?:\)|[.:]) (\S.*))", re.DOTALL)
"""A letter of the options, perhaps with the option's text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one side's text may be read as."""

    text: str
    cleaned: str
    number: Number | None
    """In digits; None where it is not one plain number."""
    quantity: units.Quantity
    tree: Node | None
    """Of the quantity's number; None where the parser does not know it."""
    words: str
    """In SQuAD's normal form."""

    @property
    def listed(self) -> bool:
        """True if it is a number that may as well be two items."""
        return self.number is not None and self.tree is not None

    @property
    def chemical(self) -> bool:
        """True if it is a chemical formula."""
        return formula(self.cleaned) is not None

    @property
    def moment(self) -> bool:
        """True if it is a date or a time of day."""
        text = plain(self.text)
        return read_time(text) is not None or bool(read_dates(text))

    @property
    def wordy(self) -> bool:
        """True if it is words and no expression."""
        bare = self.tree is None and self.number is None and "\\" not in compact(self.cleaned)
        return bare and any(c.isalpha() for c in self.words)


MAX_CACHED_CHARS = 256


def read(text: str) -> Reading:
    """The readings of a text of at most `MAX_ANSWER_CHARS`; short ones are remembered."""
    return _remembered(text) if len(text) <= MAX_CACHED_CHARS else _read(text)


@lru_cache(maxsize=2048)
def _remembered(text: str) -> Reading:
    return _read(text)


def _read(text: str) -> Reading:
    cleaned = clean(text)
    number = read_number(text)
    words = worded(squad(plain(text))) or plain(text).strip("()[] ").lower()
    if number is None and (number := read_words(plain(cleaned))):
        return Reading(text, cleaned, number, units.Quantity(cleaned, ""), None, words)
    quantity = units.split(cleaned)
    if not quantity.unit:
        quantity = quantity._replace(unit=units.currency(text))
    tree: Node | None = None
    if number is None:
        number, tree = _parsed(quantity.number)
    elif "," in cleaned:
        # The comma of a decimal or of thousands may also separate two items.
        tree = _parsed_tree(cleaned, thousands=False)
    return Reading(text, cleaned, number, quantity, tree, words)


def _parsed(cleaned: str) -> tuple[Number | None, Node | None]:
    number = read_number(cleaned) or read_words(plain(cleaned))
    cleaned = SYMBOLS.get(squad(plain(cleaned)), cleaned)
    if number is not None:
        return number, None
    return None, _parsed_tree(cleaned)


def _parsed_tree(cleaned: str, *, thousands: bool = True) -> Node | None:
    try:
        return parse(cleaned, thousands=thousands)
    except UnreadableError:
        return None


def readable(text: str) -> bool:
    """True if a reference can be compared with: a number, a known expression, or words."""
    reading = read(text)
    known = reading.number is not None or reading.tree is not None
    return known or reading.wordy or reading.chemical


def as_tree(reading: Reading) -> Node | None:
    """The side as a tree, plain numbers included."""
    if reading.number is None:
        return reading.tree
    number = Num(reading.number.value, reading.number.places, reading.cleaned)
    if not reading.number.percent:
        return number
    places = None if number.places is None else number.places - 2
    return Op("percent", (Num(number.value * 100, places or None),))
