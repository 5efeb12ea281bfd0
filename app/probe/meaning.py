"""What two answers mean, as far as it takes to be sure that they differ.

Only `differ` matters, and only its True: a probe whose wrongness is in doubt is not sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from harmo.app.probe.arithmetic import Formula, UnreadError, formula

MAX_CHARS = 2000
CLOSE = 2e-3
"""Numbers that are relatively closer may be one rounded to the other."""
_WRAPPED = re.compile(r"\\(?:boxed|text|textbf|mathrm|mathbf|fbox) ?\{([^{}]{0,80})\}")
_NOISE = re.compile(
    r"\\\$|\$|\\[,;:! ()\[\]]|~|\\left\b|\\right\b|\\displaystyle\b|\\%|%|\^\\circ|°"
)
_NAMED = re.compile(r"[A-Za-z](?:\([A-Za-z]\))? ?=(?!=) ?")
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{1,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?")
_FRACTION = re.compile(r"([+-]?\d{1,20}) ?/ ?(\d{1,20})")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3}){1,12}(?:\.\d{1,20})?")
_QUANTITY = re.compile(r"([+-]?\d{1,20}(?:\.\d{1,20})?) ?([^\W\d_][^\d]{0,20})")
_NAMES = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2}")
"""Two letters in a row outside a command: no variables."""
_LETTER = re.compile(r"\(?([A-Z])[).:]?")
_LISTED = re.compile(r"\(?[A-J][).:] ")
"""An option with its text."""
_MEASURED = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})? ?[A-Za-zμ]")
"""A number and a letter that may be a unit."""
_WORD = re.compile(r"[^\W_]+")
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("\\{", "\\}"), ("[", ")"), ("(", "]"), ("", ""))
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}

_COUNTED = frozenset(
    _WORD.findall(
        "none nothing zero one two three four five six seven eight nine ten eleven twelve twenty "
        "thirty half third quarter hundred thousand million empty infinity infinite not all any"
    )
)
"""Words that may be a number or everything: not surely another answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One answer, read without any rule; fields that do not apply are empty."""

    text: str
    """Bare: without dollars, boxes, case, spaces."""
    exact: Fraction | None = None
    """A plain number."""
    unit: str = ""
    """What stands after it."""
    formula: Formula | None = None
    """What it is worth, plain numbers too."""
    items: tuple[Meaning, ...] = ()
    brackets: str = ""
    letter: str = ""
    """An option's letter, if it is nothing else."""
    truth: bool | None = None
    """For a yes, a no, a true or a false."""
    words: frozenset[str] = frozenset()
    """Its words, if it is nothing but words."""

    @property
    def plain(self) -> bool:
        """True for a number alone."""
        return self.exact is not None and not self.unit


def bare(text: str) -> str:
    """The text without boxes, dollars, LaTeX spaces and the full stop at its end."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARS])
    for _ in range(3):
        text = _WRAPPED.sub(r"\1", text)
    return " ".join(_NOISE.sub("", text).split()).rstrip(".").strip()


def meaning(text: str) -> Meaning:
    """What a text says, as far as it can be told.

    Args:
        text: An answer or a reference.
    """
    shown = bare(text)
    if _THOUSANDS.fullmatch(shown):
        shown = shown.replace(",", "")
    if named := _NAMED.match(shown):
        shown = shown[named.end() :]
    squeezed = "".join(shown.casefold().split())
    if (exact := _exact(shown)) is not None:
        value = complex(float(exact))
        return Meaning(text=squeezed, exact=exact, formula=Formula((value,) * 3, frozenset()))
    if "%" not in text and (parts := _QUANTITY.fullmatch(shown)) and parts[2].isalpha():
        return Meaning(text=squeezed, exact=Fraction(parts[1]), unit=parts[2].casefold())
    if lettered := _LETTER.fullmatch(shown):
        return Meaning(text=squeezed, letter=lettered[1])
    if squeezed in _TRUTHS:
        return Meaning(text=squeezed, truth=_TRUTHS[squeezed])
    words = frozenset(_WORD.findall(shown.casefold()))
    if (
        words
        and len(max(words, key=len)) > 1
        and not any(c.isdigit() or c in "\\=^" for c in shown)
    ):
        return Meaning(text=squeezed, words=words)
    return _composed(shown, squeezed)


def _composed(shown: str, squeezed: str) -> Meaning:
    """A list, a formula, or what is neither."""
    if (listed := _items(shown)) is not None:
        return Meaning(text=squeezed, items=listed[1], brackets=listed[0])
    if _NAMES.search(shown) or _LISTED.match(shown):
        return Meaning(text=squeezed)
    try:
        return Meaning(text=squeezed, formula=formula(shown))
    except UnreadError:
        return Meaning(text=squeezed)


def _exact(text: str) -> Fraction | None:
    if _NUMBER.fullmatch(text):
        return Fraction(text)
    if (parts := _FRACTION.fullmatch(text)) and int(parts[2]):
        return Fraction(int(parts[1]), int(parts[2]))
    return None


def _items(text: str) -> tuple[str, tuple[Meaning, ...]] | None:
    """The brackets and items of a tuple, set, list or interval of at least two."""
    for opening, closing in _BRACKETS:
        if text.startswith(opening) and text.endswith(closing):
            inside = text[len(opening) : -len(closing)]
            parts = inside.split(",")
            if (
                len(parts) > 1
                and not any(c in inside for c in "()[]{}")
                and (opening or ", " in text)
            ):
                kind = (opening + closing).replace("\\", "")
                return kind, tuple(meaning(part) for part in parts)
    return None


def differ(one: Meaning, other: Meaning) -> bool:
    """True if they surely are different answers; False where they are the same or in doubt."""
    if one.text == other.text:
        return False
    if one.letter and other.letter:
        return one.letter != other.letter
    if one.truth is not None or other.truth is not None:
        return _truths_differ(one, other)
    if one.items or other.items:
        return _items_differ(one, other)
    if one.words and other.words:
        return not one.words & other.words and not (one.words | other.words) & _COUNTED
    if one.words or other.words:
        said, rest = (one, other) if one.words else (other, one)
        return rest.plain and not said.words & _COUNTED
    if one.unit or other.unit:
        return one.unit == other.unit and _numbers_differ(one, other)
    if one.plain and other.plain:
        return _numbers_differ(one, other)
    if any(_MEASURED.match(said.text) for said in (one, other)) and (one.plain or other.plain):
        return False
    return _formulas_differ(one.formula, other.formula)


def _truths_differ(one: Meaning, other: Meaning) -> bool:
    if one.truth is not None and other.truth is not None:
        return one.truth is not other.truth
    other = other if one.truth is not None else one
    if other.exact is not None:
        return other.exact not in (0, 1)
    return bool(other.words) and not other.words & (_COUNTED | _TRUTHS.keys())


def _numbers_differ(one: Meaning, other: Meaning) -> bool:
    a, b = one.exact, other.exact
    if a is None or b is None or a == b or a in (100 * b, b / 100):
        return False
    both_whole = a.denominator == b.denominator == 1
    return both_whole or abs(a - b) > CLOSE * max(abs(a), abs(b))


def _formulas_differ(one: Formula | None, other: Formula | None) -> bool:
    if one is None or other is None:
        return False
    if one.letters and other.letters and one.letters != other.letters:
        return False
    pairs = list(zip(one.values, other.values, strict=True))
    if any(abs(a - 100 * b) < 1e-9 * abs(a) or abs(100 * a - b) < 1e-9 * abs(b) for a, b in pairs):
        return False
    return any(abs(a - b) > CLOSE * max(abs(a), abs(b)) for a, b in pairs)


def _items_differ(one: Meaning, other: Meaning) -> bool:
    """Lists of numbers with the same brackets, of which one item has no partner; or no list."""
    if not (one.items and other.items):
        single = other if one.items else one
        return single.plain or bool(single.letter)
    if one.brackets != other.brackets or not all(i.plain for i in (*one.items, *other.items)):
        return False
    return _unmatched(one.items, other.items) or _unmatched(other.items, one.items)


def _unmatched(items: Sequence[Meaning], among: Sequence[Meaning]) -> bool:
    return any(all(_numbers_differ(item, each) for each in among) for item in items)
