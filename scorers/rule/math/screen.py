"""What is too large or too deep to compare symbolically. One pass over the text."""

from __future__ import annotations

import re

from harmo.scorers.reading.extract import MAX_ANSWER_CHARS

MAX_NESTING = 40

_TOO_LARGE = (
    ("exponent", re.compile(r"(?:\^|\*\*)\s{0,4}+\{?+\s{0,4}+-?+\(?+\s{0,4}+\d{4}")),
    ("factorial", re.compile(r"(?:\d{4}|[)}!])\s{0,4}+!")),
    ("binomial", re.compile(r"\\[dt]?binom\s{0,4}+\{\d{4}")),
    ("sum", re.compile(r"\\(?:sum|prod)\b")),
    ("heavy", re.compile(r"\\(?:int|iint|oint|lim|det|gcd)\b")),
)
MAX_DIGITS = 400
MAX_MARKS = 16
"""Of one kind: bars, factorials, percents and logarithms in a row cost a parser seconds."""
_MARKS = ("|", "!", "%", "\\log", "\\ln")
_DIGITS = re.compile(r"\d+")
_POWER = re.compile(r"\^|\*\*")


def refusal(text: str) -> str | None:
    """Why a text must not reach the symbolic verifier; None if it may."""
    if len(text) > MAX_ANSWER_CHARS:
        return "length"
    if _nesting(text) > MAX_NESTING:
        return "nesting"
    if _tower(text):
        return "tower"
    if any(text.count(mark) > MAX_MARKS for mark in _MARKS):
        return "marks"
    if any(len(digits) >= MAX_DIGITS for digits in _DIGITS.findall(text)):
        return "number"
    return next((why for why, pattern in _TOO_LARGE if pattern.search(text)), None)


def _nesting(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character in "{([":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "})]":
            depth -= 1
    return deepest


def _tower(text: str) -> bool:
    """True for a power whose exponent holds a power: 9^{9^9}, 9**9**9."""
    opened: list[bool] = []
    after_power = False
    i = 0
    while i < len(text):
        if power := _POWER.match(text, i):
            if any(opened) or after_power:
                return True
            after_power = True
            i = power.end()
            continue
        if text[i] in "{(":
            opened.append(after_power)
            after_power = False
        elif text[i] in "})" and opened:
            opened.pop()
        elif (text[i] not in " -+" and not text[i].isalnum()) or (
            text[i] in "+-" and i and text[i - 1].isalnum()
        ):
            after_power = False
        i += 1
    return False
