"""The numbers of the groups that a list is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harmo.audit.read import Query
from harmo.audit.tables import Table
from harmo.console.model.flat import Flat, Ints, flat

MAX_SAMPLES = 2_000_000
"""Completions that one list is made of; what comes after waits for a narrower question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The numbers that a query finds."""

    blocks: tuple[Flat, ...]
    """One per version of a recipe: what a model scores is ranked among its like."""
    tasks: tuple[str, ...]
    """Every task word once, sorted."""
    whole: bool
    """False if there are more than `MAX_SAMPLES` completions, and the oldest runs are left out."""

    @property
    def numbers(self) -> Ints:
        """The groups' numbers, ascending."""
        found = [block.numbers_G for block in self.blocks]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column's name once, in order of first use."""
        return tuple(dict.fromkeys(c.name for block in self.blocks for c in block.columns))

    def beside(self, number: int, way: int) -> int | None:
        """The next group's number, ahead or behind; None at the end."""
        numbers = self.numbers
        at = int(np.searchsorted(numbers, number, side="right" if way > 0 else "left"))
        at = at if way > 0 else at - 1
        return int(numbers[at]) if 0 <= at < len(numbers) else None


def gathered(tables: Sequence[Table], query: Query, *, whole: bool = True) -> Gathered:
    """The numbers of the groups that a query finds among some tables.

    Args:
        tables: Of the query's runs.
        query: Split, steps and task.
        whole: False if there are more tables than these.
    """
    blocks = [
        block.where(split=query.split, steps=query.steps, task=query.task)
        for block in joined(tables)
    ]
    tasks = {task for table in tables for task in table.tasks_G if task}
    return Gathered(
        blocks=tuple(block for block in blocks if block.groups),
        tasks=tuple(sorted(tasks)),
        whole=whole,
    )


def joined(tables: Iterable[Table]) -> tuple[Flat, ...]:
    """Tables as one block per version of a recipe."""
    versions: dict[tuple[str, str, str], list[Table]] = {}
    for table in tables:
        recipe = table.recipe
        versions.setdefault((recipe.name, recipe.version, recipe.scorer_version), []).append(table)
    return tuple(flat(same) for same in versions.values())
