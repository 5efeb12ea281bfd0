"""Whether a text starts with a verb, by the tagger of TextBlob: the extra `harmo[tagger]`.

Nothing here is imported before a sample asks for it, and nothing is without the extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from harmo.scorers.aspect.ifeval.text import treebank_words

MAX_WORDS = 12
"""What is tagged: no later word bears on the first one's tag."""
MAX_START_CHARS = 1000
ABSENT = "needs a part-of-speech tagger: install harmo[tagger]"


class _Parser(Protocol):
    def find_tags(self, tokens: Sequence[str]) -> list[list[str]]: ...


def installed() -> bool:
    """True if the extra is there."""
    return find_spec("textblob") is not None


def starts_with_verb(text: str) -> str | None:
    """None if the first word of a text is a verb, else what it is."""
    words = treebank_words(text[:MAX_START_CHARS])[:MAX_WORDS]
    if not words:
        return "no word"
    word, tag = _parser().find_tags(words)[0][:2]
    return None if tag.startswith("VB") else f"{word[:40]!r} is tagged {tag}, no verb"


@cache
def _parser() -> _Parser:
    parser: _Parser = import_module("textblob.en").parser
    return parser
