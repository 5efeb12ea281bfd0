"""Length terms scored from what is kept as numbers: token counts, truncation, correctness."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import NoReturn, cast

from harmo.app.boundary import Boundary, Reports
from harmo.rewards.plan import Column
from harmo.scorers.types import Group, Sample, Score

_REPORTS = Reports()


class NotReadError(LookupError):
    """A scorer asked for a text that was not read from the store, or is not in it."""


class _NotRead(Mapping[str, object]):
    """Stands where a text, a reference or metadata would: whoever looks into it is told."""

    def __getitem__(self, key: object) -> NoReturn:
        raise NotReadError

    def __iter__(self) -> Iterator[str]:
        raise NotReadError

    def __len__(self) -> int:
        raise NotReadError

    def __str__(self) -> str:
        raise NotReadError


_NOT_READ = _NotRead()


def length_scores(column: Column, group: Group) -> list[Score] | None:
    """One score per sample; None where it takes more than this group's numbers and metadata.

    Args:
        column: Of the length family.
        group: With the correctness it is to see. Where it was read without texts, terms that look
            into the metadata need it read with them.
    """
    if not reads_numbers(column):
        return None
    spec, blind = column.scorer.spec, False
    shown = group if _has_texts(group) else _numbers_of(group)

    def call(_: Group) -> object:
        nonlocal blind
        try:
            return spec.fn(shown, **column.scorer.params)
        except NotReadError:
            blind = True
            return None

    boundary = Boundary(spec=spec, bounds=column.output.bounds, reports=_REPORTS)
    answer = boundary.guard(call, group)
    return None if blind else boundary.scores(answer, len(group.samples))


def reads_numbers(column: Column) -> bool:
    """True of a plain function of a group that may run where it is called, and cuts no text."""
    spec, fn = column.scorer.spec, column.scorer.spec.fn
    plain = spec.on_loop and spec.takes == "group" and spec.resource is None
    whole = column.part == "full" and column.term.reference is None
    return plain and whole and not spec.dispatches and not inspect.iscoroutinefunction(fn)


def _has_texts(group: Group) -> bool:
    return any(s.completion or s.prompt or s.metadata for s in group.samples)


def _numbers_of(group: Group) -> Group:
    nothing = cast("str", _NOT_READ)
    samples = tuple(
        Sample(
            prompt=nothing,
            completion=nothing,
            reference=_NOT_READ,
            references=_NOT_READ,
            constraints=_NOT_READ,
            metadata=_NOT_READ,
            task=sample.task,
            num_tokens=sample.num_tokens,
            truncated=sample.truncated,
        )
        for sample in group.samples
    )
    return Group(
        id=group.id,
        samples=samples,
        size=group.size,
        run=group.run,
        step=group.step,
        split=group.split,
        correctness=group.correctness,
    )
