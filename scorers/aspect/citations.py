"""`aspect.citations`: does an answer cite the sources that it was given?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from harmo.scorers.reading.extract import parts
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_SOURCES = 10_000
# What a bracket holds is read once, be it closed or not: brackets cannot nest in it.
_BRACKET = re.compile(r"\[([^\[\]\n]{1,200}+)(\](?!\())?")
_RANGE = re.compile(r"(\d{1,6})\s?[-–]\s?(\d{1,6})")


@scorer("aspect.citations", reads="answer", on_loop=True)
def citations(sample: Sample, *, min_sources: Annotated[int, Field(ge=1, le=1000)] = 1) -> Score:
    """How well the answer part cites its sources, in [0, 1].

    Real citations / citations * min(1, sources cited / `min_sources`). The constraints say what may
    be cited: `{"sources": 3}` for [1] to [3], or `{"sources": ["smith2020", ..]}`; without them it
    abstains (`no_constraints`, or `unreadable_constraints`). A citation is a number, a `^` or `@`
    name or a source's own name in square brackets; `[1, 2]` and `[1-3]` are several, and the text
    of a Markdown link is none. With 2 sources, "So [1]." is 1.0, "So [1][7]." is 0.5 and an answer
    without citations 0.0.

    Args:
        sample: Its answer part is read.
        min_sources: How many different sources earn the whole score.

    Returns:
        A score whose detail lists the sources cited and the citations of none.
    """
    if not isinstance(sample.constraints, dict) or "sources" not in sample.constraints:
        return Score.abstain(Reason.NO_CONSTRAINTS)
    sources = _sources(sample.constraints["sources"])
    if not sources:
        return Score.abstain(
            Reason.UNREADABLE_CONSTRAINTS, why="sources must be a count or a list of names"
        )
    cited = list(_cited(parts(sample.text, sample.think_tags).answer, sources))
    real = [name for name in cited if name in sources]
    value = 0.0
    if real:
        value = len(real) / len(cited) * min(1.0, len(set(real)) / min_sources)
    return Score(
        value=value,
        detail={
            "cited": sorted(set(real)),
            "unknown": sorted(set(cited) - sources)[:20],
        },
    )


def _sources(given: object) -> frozenset[str]:
    if isinstance(given, int) and not isinstance(given, bool) and 0 < given <= MAX_SOURCES:
        return frozenset(str(number) for number in range(1, given + 1))
    if isinstance(given, list) and 0 < len(given) <= MAX_SOURCES:
        names = frozenset(str(name).strip() for name in given if isinstance(name, str | int))
        return names if "" not in names else frozenset()
    return frozenset()


def _cited(text: str, sources: frozenset[str]) -> Iterator[str]:
    for bracket in _BRACKET.finditer(text):
        for item in re.split(r"[,;]", bracket[1]) if bracket[2] else ():
            name = item.strip()
            if name in sources or name.isdecimal():
                yield name
            elif name[:1] in {"^", "@"}:
                yield name[1:]
            elif numbers := _RANGE.fullmatch(name):
                first, last = int(numbers[1]), int(numbers[2])
                yield from (str(n) for n in range(first, min(last, first + MAX_SOURCES) + 1))
