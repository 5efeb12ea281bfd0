"""Whether a side of a verdict has words that what settled it did not read."""

from __future__ import annotations

import re
from collections.abc import Mapping

READS_WORDS = frozenset(
    {"words", "quantity", "option", "date", "formula", "same_text"}
    | {"no_answer", "conflict", "screen", "deadline"}
)
"""What settles a verdict on words, units and letters, or on no words at all."""
MAX_CHARS = 2000
_NO_WORD = re.compile(r"\\(?:begin|end)\{[a-z*]{1,20}\}|\\[a-zA-Z]+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_FUNCTIONS = frozenset(
    _WORD.findall("""
    sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log exp sqrt frac mod gcd lcm max
    min lim det sup inf arg deg dim ker sgn cis
    """)
)


def has_unread(detail: Mapping[str, object]) -> bool:
    """True of a detail whose sides have words left, or a form that the parser does not know.

    Only a rule that says what settled its verdict can be asked; of others it is False.
    """
    settled_by = detail.get("settled_by")
    if settled_by is None or settled_by in READS_WORDS:
        return False
    if "other" in (detail.get("reference_form"), detail.get("answer_form")):
        return True
    return any(_has_words(str(detail.get(side, ""))) for side in ("reference", "answer"))


def _has_words(text: str) -> bool:
    words = _WORD.findall(_NO_WORD.sub(" ", text[:MAX_CHARS]))
    return not _FUNCTIONS.issuperset(word.lower() for word in words)
