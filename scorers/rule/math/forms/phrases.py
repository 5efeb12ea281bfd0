"""Answers in words that have a symbol, and formulas of chemistry."""

from __future__ import annotations

import re

SYMBOLS = {
    "infinity": "\\infty", "positive infinity": "\\infty", "negative infinity": "-\\infty",
    "minus infinity": "-\\infty", "empty set": "\\emptyset", "null set": "\\emptyset",
    "no solution": "\\emptyset", "no solutions": "\\emptyset", "no real solution": "\\emptyset",
    "no real solutions": "\\emptyset", "all real numbers": "\\mathbb{R}",
    "all reals": "\\mathbb{R}", "real numbers": "\\mathbb{R}",
    "set of all real numbers": "\\mathbb{R}",
}  # fmt: skip
"""Phrases in SQuAD's normal form, in LaTeX."""
_WORDS = {
    "dne": "does not exist", "doesn t exist": "does not exist",
    "limit does not exist": "does not exist", "mon": "monday", "tue": "tuesday",
    "tues": "tuesday", "wed": "wednesday", "thu": "thursday", "thur": "thursday",
    "thurs": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday",
}  # fmt: skip
_ELEMENT = r"(?:[A-Z][a-z]?+|[(\[)\]])"
# Between two elements stand the count of the one, a dot, the factor of the other: one way to read.
_FORMULA = re.compile(
    rf"\d{{0,3}}+{_ELEMENT}(?>(?:(?:\d{{0,3}}+\*)?\d{{0,6}}+{_ELEMENT})*)"
    r"\d{0,3}(?:\*\d{0,3})?(?:\d?[+-])?"
)
MAX_REACTION_CHARS = 240
_ARROW = re.compile(r"\\(?:long)?rightarrow(?![A-Za-z])|\\to(?![A-Za-z])|[-=]{1,2}>|→")
_PLUS = re.compile(r" \+ |(?<=[\w)}])\+(?=[\w(\\])")
_CHARGE = re.compile(r"\^\{?(\d?[+-]|[+-]\d?)\}?\Z")


def worded(words: str) -> str:
    """The usual words for an answer in words."""
    return _WORDS.get(words, words)


def reaction(cleaned: str) -> tuple[frozenset[str], ...] | None:
    """The formulas on either side of a reaction's arrow; None for anything else.

    Args:
        cleaned: The text.
    """
    sides = _ARROW.split(cleaned[:MAX_REACTION_CHARS])
    if len(sides) != 2:
        return None
    found = [[chemical_formula(part, element=True) for part in _PLUS.split(side)] for side in sides]
    if not all(each for side in found for each in side):
        return None
    return tuple(frozenset(each for each in side if each) for side in found)


def chemical_formula(cleaned: str, *, element: bool = False) -> str | None:
    """A chemical formula without typesetting, `NH_4^+` as `NH4+`; None for anything else.

    Args:
        cleaned: The text.
        element: Also take for a formula what has no digit and no charge: `Cl`, which may be a word.
    """
    text = cleaned.replace("\\text", "").replace("\\ce", "").replace("\\cdot", "*")
    text = _CHARGE.sub(_charge, text.replace(" ", "").rstrip("}"))
    text = re.sub(r"[{}_]", "", text).replace("·", "*").replace(".", "*")
    chemical = len(text) <= 60 and _FORMULA.fullmatch(text)
    charged = text.endswith(("+", "-"))
    no_word = element or charged or any(c.isdigit() for c in text)
    return text if chemical and no_word else None


def _charge(superscript: re.Match[str]) -> str:
    """`^{2-}` and `^{-2}` as `2-`."""
    return "".join(sorted(superscript[1], reverse=True))
