"""Table tests for scorers: one row per behaviour, each with its reason."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from harmo.scorers import registry
from harmo.scorers.confidence.verdict import unanswered
from harmo.scorers.reading.extract import view
from harmo.scorers.spec import BoundScorer, within
from harmo.scorers.types import Family, Group, Sample, Score

Row = tuple[Mapping[str, object], float | str, str]
"""Fields of the sample, the expected value or abstention reason, and why."""


def run_table(name: str, rows: Iterable[Row], **params: object) -> None:
    """Score every row and compare; raises AssertionError that names each row that differs.

    Args:
        name: A scorer that needs no resource, of Harmo, of an installed package or of the test
            itself; a group scorer gets groups of one.
        rows: What to score and what to expect: a value (to 1e-6) or an abstention's reason.
        **params: The scorer's params, as a recipe would give them.

    Raises:
        AssertionError: If any row differs; lists all of them with their reasons.
    """
    registry.load()
    bound = registry.bind(name, params)
    wrong = []
    for fields, expected, why in rows:
        raw = Sample(**fields)  # type: ignore[arg-type]  # rows are written by hand
        if bound.think_tags is not None:
            raw = replace(raw, think_tags=bound.think_tags)
        score = _score(bound, view(raw, part=bound.spec.reads, reference=None))
        if not _matches(score, expected):
            got = score.reason if score.value is None else score.value
            wrong.append(f"{why}: expected {expected!r}, got {got!r} {dict(score.detail)}")
    if wrong:
        raise AssertionError(f"{name}: " + "\n".join(wrong))


def _score(bound: BoundScorer, sample: Sample) -> Score:
    group = Group(id="row", samples=(sample,), size=1)
    takes_group = bound.spec.takes == "group"
    answer = bound.spec.fn(group if takes_group else sample, **bound.params)
    if inspect.isawaitable(answer):
        answer = asyncio.run(_result(answer))
    score = answer[0] if takes_group and isinstance(answer, list) else answer
    if not isinstance(score, Score):
        raise AssertionError(f"returned {type(score).__name__}, not a Score")  # noqa: TRY004 - for pytest
    score = within(score, bound.bounds)
    if sample.unanswered and bound.spec.family is Family.RULE:
        return unanswered(score, sample.unanswered)
    return score


async def _result(answer: object) -> object:
    return await answer  # type: ignore[misc]  # only called on awaitables


def _matches(score: Score, expected: float | str) -> bool:
    if isinstance(expected, str):
        return score.reason == expected
    return score.value is not None and math.isclose(score.value, expected, abs_tol=1e-6)
