"""Whether the words around a stretch of a text leave it an answer: a list, a table, a call."""

from __future__ import annotations

import re

from harmo.scorers.reading.around import words
from harmo.scorers.reading.around.words import Stance

NEARBY_CHARS = 400
"""So much before and behind is looked at."""
_MARKUP = re.compile(r"```\w{0,20}+|</?\w{1,20}+>|<\|\w{1,30}+\|>|\\(?:boxed|fbox|text) ?\{|[*`]")


def denied(text: str, start: int, end: int) -> bool:
    """True where the words around a stretch of a text deny it or leave it in doubt.

    `not [1, 2]`, `maybe [1, 2]`, `[1, 2] is wrong`, `is it [1, 2]?`; markup between is nothing.
    """
    left = _MARKUP.sub(" ", text[max(start - NEARBY_CHARS, 0) : start])
    right = _MARKUP.sub(" ", text[end : end + NEARBY_CHARS])
    said = text[start : min(end, start + NEARBY_CHARS)]
    around = max(words.before(left, said), words.after(right, said))
    return around is not Stance.CLAIMED
