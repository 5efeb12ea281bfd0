"""Words that put one choice in the place of another, or take one back."""

from __future__ import annotations

import re

from harmo.scorers.reading.around.lexicon import vocabulary

_CONCLUDING = vocabulary("so thus therefore hence final finally overall conclusion consequently")
_MARKERS = vocabulary(
    "actually wait instead but however no correction sorry mistake recheck reconsider rather "
    "double-check scratch oops hmm"
)
_RETRACTS = re.compile(
    r"\b(?:it|this|that|which) (?:(?:is|was) (?:not|wrong|incorrect|false)|isn't|wasn't)"
    r"(?= ?[.,;!]| ?\Z)|\bno,? wait\b(?= ?[.!]| ?\Z)|\bwait,? no\b(?= ?[.!]| ?\Z)"
)
_ADDING = vocabulary("also additionally")
_OUTER = " \"'()[]*`.,:;!-"


def turns(between: str, *, concluding: bool = True) -> bool:
    """True if words between two choices say that the second replaces the first: `wait, no`.

    Args:
        between: The words.
        concluding: `so` and `therefore` say so, too.
    """
    words = {word.strip(_OUTER) for word in between.lower().split()}
    if not _MARKERS.isdisjoint(words):
        return True
    concludes = not _CONCLUDING.isdisjoint(words) or "所以" in between or "因此" in between
    return concluding and concludes


def adds(between: str) -> bool:
    """True if words between two choices say that both hold: `and B is also`."""
    return not _ADDING.isdisjoint(between.lower().split())


def retracts(rest: str) -> bool:
    """True if the rest of a sentence takes back what it began with: `but it is not`."""
    return _RETRACTS.search(rest.lower()) is not None
