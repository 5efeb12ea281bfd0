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
_FORMULA = re.compile(r"(?:\d{0,3}(?:[A-Z][a-z]?|[(\[)\]])\d{0,3}(?:\*\d{0,3})?)+(?:\d?[+-])?")
_CHARGE = re.compile(r"\^\{?(\d?[+-]|[+-]\d?)\}?\Z")


def worded(words: str) -> str:
    """The usual words for an answer in words."""
    return _WORDS.get(words, words)


def formula(cleaned: str, *, element: bool = False) -> str | None:
    """A chemical formula without typesetting, or None: `NH_4^+` is `NH4+`.

    Without digits or a charge it may be a word; `element` takes it for a formula all the same.
    """
    text = cleaned.replace("\\text", "").replace("\\ce", "").replace("\\cdot", "*")
    text = _CHARGE.sub(
        lambda m: "".join(sorted(m[1], reverse=True)), text.replace(" ", "").rstrip("}")
    )
    text = re.sub(r"[{}_]", "", text).replace("·", "*").replace(".", "*")
    chemical = len(text) <= 60 and _FORMULA.fullmatch(text)
    charged = text.endswith(("+", "-"))
    plainly = element or charged or any(c.isdigit() for c in text)
    return text if chemical and plainly else None
