"""What is too large or too deep to compare symbolically. One pass over the text."""

from __future__ import annotations

import re

from harmo.scorers.reading.extract import MAX_ANSWER_CHARS

MAX_NESTING = 40

_TOO_LARGE = (
    ("exponent", re.compile(r"(?:\^|\*\*)\s{0,4}+\{?+\s{0,4}+-?+\(?+\s{0,4}+\d{4}")),
    ("factorial", re.compile(r"(?:\d{4}|[)}!])\s{0,4}+!")),
    ("binomial", re.compile(r"\\[dt]?binom\s{0,4}+\{\d{4}")),
    ("sum", re.compile(r"\\(?:sum|prod|coprod)(?![A-Za-z])")),
    ("heavy", re.compile(r"\\(?:i{1,3}nt|oint|lim|limsup|liminf|det|gcd)(?![A-Za-z])")),
)
MAX_DIGITS = 400
MAX_MARKS = 16
"""Of one kind: bars, factorials, percents and logarithms in a row cost a parser seconds."""
_MARKS = ("|", "!", "%", "\\log", "\\ln")
_DIGITS = re.compile(r"\d+")
_POWER = re.compile(r"(?:\^|\*\*)[ +-]{0,40}")
_OPERAND = re.compile(r"\\[A-Za-z]{1,40}+|[\d.]{1,200}+|.?", re.DOTALL)
_OPENING = ("{", "(", "[")


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
    """True for a power whose base or exponent is a power: 9^{9^9}, 9**9**9, (x^2)^3."""
    # Per open bracket: whether it is an exponent, or holds a power.
    exponents, powers = [False], [False]
    at, after_power = 0, False
    while at < len(text):
        if power := _POWER.match(text, at):
            if any(exponents) or after_power:
                return True
            powers[-1] = True
            at = power.end()
            if text[at : at + 1] in _OPENING:
                exponents.append(True)
                powers.append(False)
                at += 1
            else:
                operand = _OPERAND.match(text, at)
                at, after_power = operand.end() if operand else at, True
            continue
        character, at = text[at], at + 1
        if character in "{([":
            exponents.append(False)
            powers.append(False)
        if character in "})]" and len(powers) > 1:
            # What the bracket is closed on may be raised again.
            after_power = powers.pop() | exponents.pop()
        elif character != " ":
            after_power = False
    return False
