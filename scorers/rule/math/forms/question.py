"""What a prompt asks for: a percentage, the value of an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from harmo.scorers.reading.fold import fold
from harmo.scorers.rule.math.syntax.clean import clean
from harmo.scorers.rule.math.syntax.lex import FUNCTIONS, UnreadableError
from harmo.scorers.rule.math.syntax.normal import bare, normal
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.rule.math.syntax.tree import Node, Op, scalar, symbols
from harmo.scorers.types import Sample

MAX_PROMPT_CHARS = 4000
MAX_ENDS_CHARS = 6000
"""Of a prompt that is searched for expressions, half at either end."""
MAX_RUNS = 16
"""Stretches of a prompt that may be expressions, from either end, that are read."""
MAX_RUN_CHARS = 400
_PERCENT_WORDS = ("percent", "%", "百分", "pourcent", "prozent", "porcentaje")
_ASKING = ("find", "compute", "evaluate", "determine", "calculate", "valueof", "whatis")


def asks_percent(sample: Sample) -> bool:
    """True if the prompt speaks of percentages."""
    low = sample.prompt_text[-MAX_PROMPT_CHARS:].lower()
    return any(word in low for word in _PERCENT_WORDS)


def asks_for(sample: Sample, expression: str) -> bool:
    """True if the prompt says "find" or the like before the expression: `Find m+n`."""
    squeezed = _squeezed(expression).lower()
    low = _squeezed(sample.prompt_text[-MAX_PROMPT_CHARS:]).lower()
    return bool(squeezed) and any(verb + squeezed in low for verb in _ASKING)


def _squeezed(text: str) -> str:
    return "".join(text.replace("$", "").split())


class Asked(NamedTuple):
    """An expression in numbers that a prompt writes out."""

    node: Node
    """In normal form, with an operation in it."""
    direct: bool
    """It stands alone on its line, or where what is asked for stands: `What is 21/8?`."""


def expressions(sample: Sample) -> tuple[Asked, ...]:
    r"""The expressions in numbers alone that a prompt writes out, in symbols or in words.

    `51 * 99`, `\frac{51}{3}`, `51 times 99`, `the product of 51 and 99`; numbers that are spelled
    are not read. Siblings share the prompt, so it is read once.
    """
    text = sample.prompt_text
    if len(text) > MAX_ENDS_CHARS:
        half = MAX_ENDS_CHARS // 2
        text = f"{text[:half]}\n{text[-half:]}"
    return _expressions(text)


@lru_cache(maxsize=128)
def _expressions(text: str) -> tuple[Asked, ...]:
    lines = _spelled_out(text).splitlines()
    runs = [run for line in lines for run in _runs(line) if not _NUMBERS.match(run.text)]
    found = {
        Asked(node, run.direct)
        for run in (*runs[:MAX_RUNS], *runs[MAX_RUNS:][-MAX_RUNS:])
        for reading in _readings(run.text)
        if (node := _expression(reading)) is not None
    }
    return tuple(found)


_NUMBERS = re.compile(r"[-+]?[\d\s.,;?%]*:?\Z")
"""What has no operation in it."""
_NUMBER = r"-?\d{1,20}+(?>(?:,\d{3}){0,6})(?>(?:\.\d{1,20}+)?)%?+(?>(?:/\d{1,20}+)?)"
_BETWEEN = {
    "times": "*", "multiplied by": "*", "plus": "+", "added to": "+", "minus": "-",
    "divided by": "/", "over": "/", "raised to the power of": "^", "to the power of": "^",
    "raised to": "^", "squared": "^2", "cubed": "^3", "modulo": "mod", "percent": "%",
}  # fmt: skip
_BEFORE = {"product": "*", "sum": "+", "difference": "-", "quotient": "/"}
_VERBS = {"multiply": "{} * {}", "divide": "{} / {}", "add": "{} + {}", "subtract": "{1} - {0}"}
_SPOKEN = re.compile(rf"(?<![\\A-Za-z])(?:{'|'.join(_BETWEEN)})(?![a-z])", re.IGNORECASE)
_LISTED = re.compile(
    rf"\b({'|'.join(_BEFORE)}) (?:of|between) ({_NUMBER}(?:(?:, and|,| and) {_NUMBER}){{1,12}})",
    re.IGNORECASE,
)
_TOLD = re.compile(
    rf"\b({'|'.join(_VERBS)}) ({_NUMBER}) (?:by|and|with|to|from) ({_NUMBER})", re.IGNORECASE
)
_DELIMITERS = re.compile(r"\\[()\[\]]|[$`]")
_OF = re.compile(r"(?<=[\d%}]) of (?=[\d\\])")
_CROSS = re.compile(r"(?<=[\d)}]) ?[xX] ?(?=[\d(\\])")


def _spelled_out(text: str) -> str:
    """A prompt with what its words do to numbers in symbols, single-spaced line by line."""
    lines = (" ".join(line.split()) for line in _DELIMITERS.sub(" ", fold(text)).splitlines())
    text = _LISTED.sub(_listed, "\n".join(lines).replace(" ,", ","))
    text = _TOLD.sub(lambda told: _VERBS[told[1].lower()].format(told[2], told[3]), text)
    text = _SPOKEN.sub(lambda spoken: _BETWEEN[spoken[0].lower()], text)
    return _CROSS.sub(" * ", _OF.sub(" * ", text.replace(" %", "%")))


def _listed(listed: re.Match[str]) -> str:
    return f" {_BEFORE[listed[1].lower()]} ".join(re.split(r",? and |, ", listed[2]))


class _Run(NamedTuple):
    """Words on end that may be an expression."""

    text: str
    direct: bool


_NAMES = re.compile(
    rf"\\[A-Za-z]+|(?<![A-Za-z])(?:x|e|i|pi|mod|{'|'.join(sorted(FUNCTIONS))})(?![A-Za-z])"
)
_LEADS = frozenset(
    {
        "what is", "whats", "what's", "how much is", "compute", "evaluate", "calculate", "find",
        "determine", "simplify", "write", "convert", "express", "work out", "value of",
    }
)  # fmt: skip


def _runs(line: str) -> Iterator[_Run]:
    """The stretches of a line without words, cut where a sentence or clause ends."""
    run: list[str] = []
    before: list[str] = []
    depth = 0
    words = line.split(" ")
    for place, word in enumerate(words):
        wordless = not any(c.isalpha() for c in _NAMES.sub("", word))
        if wordless:
            run.append(word)
            depth += sum(map(word.count, "([{")) - sum(map(word.count, ")]}"))
        ends = not wordless or (word[-1:] in set(".,;:?!") and depth <= 0)
        if run and (ends or place == len(words) - 1):
            alone = len(run) == len(words)
            yield _Run(" ".join(run), alone or _leads(before))
            run, depth, before = [], 0, []
        if not wordless:
            before = [*before[-2:], word.lower().strip(",.:*_")]


def _leads(words: list[str]) -> bool:
    """True if what follows these words is what is asked for."""
    return any(" ".join(words[-count:]) in _LEADS for count in (1, 2, 3))


def _readings(run: str) -> Iterator[str]:
    """What in a run may be an expression: each side of an equation, less what is left over."""
    for side in run.split("="):
        text = side.strip(" *_.,;:?")
        if len(text) > MAX_RUN_CHARS:
            continue
        # "1) 51 * 99": the first word may number the question.
        less = text.lstrip("-+*/^ ").rstrip("-+*/^! "), text.partition(" ")[2]
        yield from (each for each in dict.fromkeys((text, *less)) if not _NUMBERS.match(each))


def _expression(text: str) -> Node | None:
    """The normal tree of an expression in numbers alone that has an operation; else None."""
    try:
        tree = parse(clean(text))
    except UnreadableError:
        return None
    if not scalar(tree) or symbols(tree):
        return None
    node = normal(tree)
    return node if isinstance(bare(node), Op) else None
