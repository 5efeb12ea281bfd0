"""One side of a comparison: the text of a reference or an answer, and all it may be read as."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from harmo.scorers.reading.numbers import Number, read_number
from harmo.scorers.reading.text import plain, squad
from harmo.scorers.reading.words import read_words
from harmo.scorers.rule.math.finding import Form
from harmo.scorers.rule.math.forms import units
from harmo.scorers.rule.math.forms.dates import read_dates, read_time
from harmo.scorers.rule.math.forms.phrases import SYMBOLS, chemical_formula, reaction, worded
from harmo.scorers.rule.math.syntax.clean import clean, compact
from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.rule.math.syntax.tree import (
    NAMED_SETS,
    SET_OPS,
    Mat,
    Node,
    Num,
    Op,
    Rel,
    Seq,
    Sym,
)

MAX_CACHED_CHARS = 256


@dataclass(frozen=True, slots=True)
class Side:
    """A reference or an answer, and what its text may be read as."""

    text: str
    cleaned: str
    number: Number | None
    """None where it is not one plain number, in digits or words."""
    quantity: units.Quantity
    tree: Node | None
    """Of the quantity's number; None where the parser does not know it."""
    words: str
    """In SQuAD's normal form."""

    @property
    def known(self) -> bool:
        """True if it can be compared with: a number, an expression, words, a chemical formula."""
        return self.number is not None or self.tree is not None or self.wordy or self.chemical

    @property
    def listed(self) -> bool:
        """True if it is a number that may as well be two items."""
        return self.number is not None and self.tree is not None

    @property
    def chemical(self) -> bool:
        """True if it is a chemical formula."""
        return chemical_formula(self.cleaned) is not None or reaction(self.cleaned) is not None

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

    @property
    def form(self) -> Form:
        """What it is read as first of all."""
        if self.number is not None:
            return Form.QUANTITY if self.quantity.unit else Form.NUMBER
        if self.tree is not None:
            form = tree_form(self.tree)
            united = form is Form.EXPRESSION and self.quantity.unit
            return Form.QUANTITY if united else form
        if self.moment:
            return Form.DATE
        if self.chemical:
            return Form.FORMULA
        return Form.WORDS if self.wordy else Form.OTHER


def tree_form(tree: Node) -> Form:
    """What a tree is."""
    if isinstance(tree, Seq):
        return {"": Form.LIST, "{": Form.SET}.get(tree.opening, Form.TUPLE)
    if isinstance(tree, Rel):
        return Form.RELATION
    if isinstance(tree, Mat):
        return Form.MATRIX
    a_set = (isinstance(tree, Op) and tree.name in SET_OPS) or (
        isinstance(tree, Sym) and tree.name in NAMED_SETS
    )
    return Form.SET if a_set else Form.EXPRESSION


def read(text: str) -> Side:
    """The side that a text of at most `MAX_ANSWER_CHARS` is; short ones are remembered."""
    return _remembered(text) if len(text) <= MAX_CACHED_CHARS else _read(text)


@lru_cache(maxsize=2048)
def _remembered(text: str) -> Side:
    return _read(text)


def _read(text: str) -> Side:
    cleaned = clean(text)
    number = read_number(text)
    words = worded(squad(plain(text))) or plain(text).strip("()[] ").lower()
    if number is None and (number := read_words(plain(cleaned))):
        return Side(text, cleaned, number, units.Quantity(cleaned, ""), None, words)
    quantity = units.split(cleaned)
    if not quantity.unit:
        quantity = quantity._replace(unit=units.currency(text))
    tree: Node | None = None
    if number is None:
        number = read_number(quantity.number) or read_words(plain(quantity.number))
        tree = None if number else _tree(_symbol(quantity.number))
    elif "," in cleaned:
        # The comma of a decimal or of thousands may also separate two items.
        tree = _tree(cleaned, thousands=False)
    return Side(text, cleaned, number, quantity, tree, words)


def _symbol(cleaned: str) -> str:
    """A phrase that has a symbol as that symbol, anything else as it is."""
    return SYMBOLS.get(squad(plain(cleaned)), cleaned)


def _tree(cleaned: str, *, thousands: bool = True) -> Node | None:
    try:
        return parse(cleaned, thousands=thousands)
    except UnreadableError:
        return None


def beside_unit(side: Side) -> Side:
    """The side with a lone letter behind its number taken for a unit: `12N` beside `12 N`."""
    quantity = units.split(side.cleaned, glued=True)
    if not quantity.unit:
        return side
    number = read_number(quantity.number)
    tree = None if number else _tree(quantity.number)
    return replace(side, number=number, quantity=quantity, tree=tree)


def as_tree(side: Side) -> Node | None:
    """The side as a tree, plain numbers included."""
    if side.number is None:
        return side.tree
    number = Num(side.number.value, side.number.places, side.cleaned)
    if not side.number.percent:
        return number
    places = None if number.places is None else number.places - 2
    return Op("percent", (Num(number.value * 100, places or None),))
