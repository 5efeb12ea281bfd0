"""The options that a prompt lists: `A. red`, `(ii) blue`, `3) green`, on lines or in one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_PROMPT_CHARS = 8000
"""Of the end of a prompt, where its options are listed."""
MAX_OPTIONS = 26
MAX_OPTION_CHARS = 600
MAX_INDENT_CHARS = 16

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
STYLES: tuple[tuple[str, ...], ...] = (
    tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    tuple("abcdefghij"),
    _ROMAN,
    tuple(key.lower() for key in _ROMAN),
    tuple(str(n) for n in range(1, MAX_OPTIONS + 1)),
    tuple(str(n) for n in range(MAX_OPTIONS)),
)
"""The keys of each way to number options, in order."""
# `A. red`, `(A) red`, `A: red`, `**A.** red`, at a line's start or after a blank.
_MARK = re.compile(
    r"(?<![^\s,;>*|])(?:\*\*)?([(\[]?)([A-Za-z]{1,4}|\d{1,2})([)\].:、．：])"
    r"(?:\*\*)?[.:]?(?=\s|[^\x00-\x7f]|[A-Za-z\\$]{2}|(?<=\))\S)"
)


class _Mark(NamedTuple):
    """A key as a list has it."""

    key: str
    form: str
    """The signs around it, which all of a list share."""
    start: int
    end: int
    leads: bool
    """It begins a line."""


def listed(prompt: str) -> tuple[dict[str, str], ...]:
    """The lists of options in a prompt, the last of each style: texts by key, at least two.

    Args:
        prompt: Its end is read.
    """
    return _listed(prompt[-MAX_PROMPT_CHARS:])


# Groups repeat prompts.
@lru_cache(maxsize=256)
def _listed(prompt: str) -> tuple[dict[str, str], ...]:
    marks = [
        _Mark(found[2], found[1] + found[3], found.start(), found.end(), _leads(prompt, found))
        for found in _MARK.finditer(prompt)
    ]
    # Of lines, those inside are none: `A. B. subtilis`.
    leading = [mark for mark in marks if mark.leads]
    found = (_of_style(prompt, leading, s) or _of_style(prompt, marks, s) for s in STYLES)
    return tuple(options for options in found if options)


def _leads(prompt: str, mark: re.Match[str]) -> bool:
    """True if nothing but blanks and signs of Markdown stands before a mark on its line."""
    before = prompt[max(mark.start() - MAX_INDENT_CHARS, 0) : mark.start()]
    return not before.rpartition("\n")[2].strip(" \t>*|-")


def _of_style(prompt: str, marks: Sequence[_Mark], style: tuple[str, ...]) -> dict[str, str]:
    """The last run of marks that counts up from a style's first key."""
    best: list[_Mark] = []
    run: list[_Mark] = []
    for mark in marks:
        if mark.key == style[0]:
            run = [mark]
        elif run and (mark.key, mark.form) == (style[len(run) % len(style)], run[0].form):
            run.append(mark)
        if len(run) >= 2:
            best = run
    ends = [*(mark.start for mark in best[1:]), len(prompt)]
    texts = {
        mark.key: _text(prompt[mark.end : end], last=end == len(prompt))
        for mark, end in zip(best, ends, strict=False)
    }
    return texts if all(texts.values()) else {}


def _text(span: str, *, last: bool) -> str:
    """An option's text: up to the line's end, for the last one, or all up to the next mark."""
    span = span.strip()
    if last:
        span = span.partition("\n")[0]
    return span[:MAX_OPTION_CHARS].strip(" \t\n,;|*")
