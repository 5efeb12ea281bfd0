"""How a text stands to an answer in it."""

from __future__ import annotations

from enum import IntEnum

WINDOW_CHARS = 160
"""So much before and after an answer is looked at."""


class Stance(IntEnum):
    """How a text stands to an answer in it."""

    CLAIMED = 0
    """It is the answer."""
    BOUNDED = 1
    """At least, at most or up to this: the answer where the prompt asks for a bound."""
    DOUBTED = 2
    """Perhaps, either, between, if, twice this: nothing is settled."""
    DENIED = 3
    """It is not the answer."""
