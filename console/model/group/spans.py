"""A completion's text in pieces: what opened it, what was thought, what answers, what was read.

Pieces are split by the one parser of answers and by plain search; nothing here makes markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from harmo.scorers.reading.extract import answer_start
from harmo.scorers.types import THINK_TAGS, ThinkTags

_TRIES = 64
"""Occurrences of a value that are looked at, from the last one back."""
_AROUND = 400
"""Characters kept on each side of a mark where a text is cut."""


class Kind(StrEnum):
    """Which part of the completion a piece is of."""

    PREFIX = "prefix"
    THINK = "think"
    ANSWER = "answer"
    GAP = "gap"
    """Left out; its text says how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One piece of the text."""

    text: str
    kind: Kind
    read: tuple[str, ...] = ()
    """The columns that read it as the answer."""


def spans(
    text: str,
    *,
    prefix: str = "",
    tags: ThinkTags = THINK_TAGS,
    read: Sequence[tuple[str, str]] = (),
) -> tuple[Span, ...]:
    """A completion in pieces that join to prefix and text, in order; none of them empty.

    Args:
        text: What the policy wrote.
        prefix: What the chat template opened before it.
        tags: What stands round the think part.
        read: Columns, and what each read as the answer.
    """
    whole = prefix + text
    start, why = answer_start(whole, tags)
    if why.startswith(tags[0]):
        start = len(whole)
    marks = _marks(whole, start, read)
    edges = {0, len(prefix), start, len(whole), *(edge for mark in marks for edge in mark[:2])}
    ordered = sorted(edges)
    return tuple(
        Span(
            text=whole[a:b],
            kind=_kind(a, prefix=len(prefix), answer=start),
            read=tuple(name for first, last, name in marks if first <= a and b <= last),
        )
        for a, b in pairwise(ordered)
    )


def excerpt(pieces: Sequence[Span], *, limit: int) -> tuple[Span, ...]:
    """The pieces of at most about `limit` characters: the ends, and what stands round the marks.

    Args:
        pieces: As `spans` gives them.
        limit: Characters that are shown; what is left out becomes a gap that says how much.
    """
    total = sum(len(piece.text) for piece in pieces)
    if total <= limit:
        return tuple(pieces)
    end = limit // 3
    kept = [(0, end), (total - end, total)]
    at = 0
    for piece in pieces:
        if piece.read:
            kept.append((at - _AROUND, at + min(len(piece.text), end) + _AROUND))
        at += len(piece.text)
    return tuple(_cut(pieces, _joined(kept, total)))


def _kind(at: int, *, prefix: int, answer: int) -> Kind:
    if at < prefix:
        return Kind.PREFIX
    return Kind.THINK if at < answer else Kind.ANSWER


def _marks(whole: str, start: int, read: Sequence[tuple[str, str]]) -> list[tuple[int, int, str]]:
    """First, end and column of every value that stands in the text as it was read."""
    marks = []
    for name, value in read:
        shown = value.removesuffix("…").strip()
        if not shown:
            continue
        at = _last(whole, shown, start)
        at = _last(whole, shown, 0) if at < 0 else at
        if at >= 0:
            marks.append((at, at + len(shown), name))
            continue
        # Several answers are read as one line; each of them is marked.
        for one in {each.strip() for each in shown.split(", ")} - {"", shown}:
            at = _last(whole, one, start)
            if at >= 0:
                marks.append((at, at + len(one), name))
    return marks


def _last(whole: str, value: str, start: int) -> int:
    """Where a value last stands from `start` on: in a box or tag, else by itself, else at all."""
    for before in ("boxed{", "<answer>"):
        at = whole.rfind(before + value, start)
        if at >= 0:
            return at + len(before)
    end = len(whole)
    for _ in range(_TRIES):
        at = whole.rfind(value, start, end)
        if at < 0:
            break
        if _alone(whole, at, at + len(value)):
            return at
        end = at + len(value) - 1
    return whole.rfind(value, start)


def _alone(whole: str, first: int, end: int) -> bool:
    """True if no letter or digit touches the stretch."""
    return not (whole[first - 1 : first].isalnum() or whole[end : end + 1].isalnum())


def _joined(kept: Sequence[tuple[int, int]], total: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted((max(a, 0), min(b, total)) for a, b in kept):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _cut(pieces: Sequence[Span], kept: Sequence[tuple[int, int]]) -> Iterator[Span]:
    at, shown = 0, 0
    for piece in pieces:
        for first, last in kept:
            a, b = max(first, at), min(last, at + len(piece.text))
            if a < b:
                if a > shown:
                    yield Span(text=f"{a - shown:,} characters", kind=Kind.GAP)
                yield replace(piece, text=piece.text[a - at : b - at])
                shown = b
        at += len(piece.text)
