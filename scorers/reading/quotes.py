"""Messages of ours that may quote what a policy wrote, without the quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from harmo.scorers.types import Group, Sample

MAX_MESSAGE_CHARS = 300
MAX_TEXT_CHARS = 10_000
"""Of all texts together; beyond it a message is not shown at all."""
RUN_CHARS = 8
"""So many characters in a row that stand in a text are taken from it."""
CUT = "…"

# Longer spans are runs anyway.
_QUOTED = re.compile(r"'([^']{1,200}+)'|\"([^\"]{1,200}+)\"|`([^`]{1,200}+)`")
_UNSHOWABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def unquoted(message: str, texts: Sequence[str]) -> str:
    """The message on one line, at most 300 characters, with what it quotes of the texts cut out.

    Cut are runs of eight characters or more that a text has too, quoted spans that a text holds,
    and a short text as a whole; in the texts' own spelling, or escaped as `repr` and JSON do.

    Args:
        message: What an exception says.
        texts: What the policy wrote.
    """
    if sum(map(len, texts)) > MAX_TEXT_CHARS:
        return "(not shown: the texts are too long to cut out of it)"
    shown = message[:MAX_MESSAGE_CHARS]
    folded = _lower(shown)
    taken = [False] * len(shown)
    for written in dict.fromkeys(spelled for text in texts for spelled in _spellings(text)):
        for start, end in _spans(folded, written):
            taken[start:end] = [True] * (end - start)
    kept = "".join(c if not t else "\x00" for c, t in zip(shown, taken, strict=True))
    kept = re.sub("\x00+", CUT, kept)
    return _UNSHOWABLE.sub(" ", kept).strip().encode(errors="replace").decode()


def written(asked: Sample | Group) -> list[str]:
    """What the policy wrote of a sample, or of all of a group."""
    samples = asked.samples if isinstance(asked, Group) else (asked,)
    texts = []
    for sample in samples:
        if isinstance(sample.completion, str):
            texts.append(sample.completion)
            continue
        for turn in sample.completion:
            texts.append(turn.text)
            texts += [said for call in turn.tool_calls for said in (call.name, call.arguments)]
    return texts


def _spellings(text: str) -> Iterator[str]:
    """A text as a message may say it."""
    yield text.lower()
    yield repr(text)[1:-1].lower()
    yield json.dumps(text)[1:-1].lower()


def _lower(message: str) -> str:
    """In lower case, with every character in its place."""
    return "".join(low if len(low := c.lower()) == 1 else c for c in message)


def _spans(message: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a message quotes a text. Linear in the text: the message is short."""
    starts = range(len(message) - RUN_CHARS + 1)
    runs = {message[start : start + RUN_CHARS] for start in starts}
    shared = {run for at in range(len(text)) if (run := text[at : at + RUN_CHARS]) in runs}
    for start in starts:
        if message[start : start + RUN_CHARS] in shared:
            yield start, start + RUN_CHARS
    for quoted in _QUOTED.finditer(message):
        if quoted[quoted.lastindex or 0] in text:
            yield quoted.span(quoted.lastindex or 0)
    whole = text.strip()
    if len(whole) < RUN_CHARS:
        yield from _words(message, whole)


def _words(message: str, whole: str) -> Iterator[tuple[int, int]]:
    """Where a short text stands in a message on its own, not inside a word."""
    start = message.find(whole) if whole else -1
    while start >= 0:
        end = start + len(whole)
        if not (message[:start][-1:].isalnum() or message[end : end + 1].isalnum()):
            yield start, end
        start = message.find(whole, end)
