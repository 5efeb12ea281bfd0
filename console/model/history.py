"""The numbers of one run, held in memory and grown by what came since: pages follow a run live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harmo.audit.read import Query, Reader, RunSummary
from harmo.audit.tables import MAX_GROUPS, Table
from harmo.console.model.asked import Steps
from harmo.console.model.flat import chosen_of

Bools = NDArray[np.bool_]
TRAIN = "train"
"""The split of what is trained on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of a run up to a group."""

    run: str
    tables: tuple[Table, ...] = ()
    last: int = 0
    """Number of the newest group that is in it."""

    @property
    def groups(self) -> int:
        """How many."""
        return sum(len(table.numbers_G) for table in self.tables)

    @property
    def samples(self) -> int:
        """How many."""
        return sum(len(table.rewards_N) for table in self.tables)

    @property
    def splits(self) -> Sequence[str]:
        """What it was split into, `train` first."""
        found = {split for table in self.tables for split in table.splits_G}
        return sorted(found, key=lambda split: (split != TRAIN, split))


def grown(
    reader: Reader, run: str, before: History | None = None, summary: RunSummary | None = None
) -> History:
    """The history of a run as the store has it now.

    Args:
        reader: Of the store.
        run: Its name.
        before: What was known; only what came after it is read, unless groups have left the store.
        summary: What the store has just said of the run; None to ask it.
    """
    if before is not None and summary is None:
        summary = next((each for each in reader.runs() if each.run == run), None)
    kept = 0 if summary is None else summary.groups
    if before is None or kept < before.groups:
        before = History(run=run)
    new = list(reader.tables(Query(run=run, after=before.last)))
    if not new:
        return before
    last = max(int(table.numbers_G[-1]) for table in new)
    return replace(before, tables=tuple(_joined([*before.tables, *new])), last=last)


def chosen(tables: Iterable[Table], *, split: str | None, steps: Steps) -> list[Table]:
    """The tables with the groups of one split and some steps alone, and without reasons.

    Args:
        tables: Of a run.
        split: None for all.
        steps: First and last, both included; None is open. A bound leaves groups without a step
            out.
    """
    found = []
    for table in tables:
        mask = _chosen(table, split, steps)
        if mask.any():
            found.append(table if mask.all() else _masked(table, mask))
    return found


def changes(tables: Iterable[Table], *, split: str | None, steps: Steps) -> list[float]:
    """The steps at which groups of another version of the recipe begin, without the first one's.

    Args:
        tables: Of a run.
        split: As of `chosen`.
        steps: The same.
    """
    begun: dict[object, float] = {}
    for table in tables:
        own = table.steps_G[_chosen(table, split, steps) & ~np.isnan(table.steps_G)]
        if len(own):
            begun[version(table)] = min(float(own.min()), begun.get(version(table), np.inf))
    return sorted(set(begun.values()))[1:]


def version(table: Table) -> tuple[object, ...]:
    """What scored a table's groups: groups of another version are worked out by themselves."""
    recipe = table.recipe
    return recipe.name, recipe.version, recipe.scorer_version, table.interaction


def _chosen(table: Table, split: str | None, steps: Steps) -> Bools:
    mask = chosen_of(table.steps_G, steps)
    if split is not None:
        mask &= np.array([each == split for each in table.splits_G], dtype=bool)
    return mask


def _masked(table: Table, mask_G: Bools) -> Table:
    mask_N = mask_G[table.group_N]
    made: dict[str, Any] = {}
    for field in fields(table):
        value = getattr(table, field.name)
        mask = mask_G if _of_groups(field.name) else mask_N
        if isinstance(value, np.ndarray):
            made[field.name] = value[mask]
        elif _of_groups(field.name):
            made[field.name] = [v for v, kept in zip(value, mask.tolist(), strict=True) if kept]
    place_G = np.cumsum(mask_G) - 1
    return replace(table, **made | {"group_N": place_G[made["group_N"]], "reasons": []})


def _of_groups(name: str) -> bool:
    """True if the field has one entry per group; else one per sample."""
    return name.endswith(("_G", "_GC"))


def _joined(tables: Sequence[Table]) -> list[Table]:
    """The tables with small neighbours of one kind put together, as a live run brings them."""
    found: list[Table] = []
    for table in sorted(tables, key=lambda table: int(table.numbers_G[0])):
        like = next((i for i, each in enumerate(found) if _alike(each, table)), None)
        if like is None:
            found.append(table)
        else:
            found[like] = _together(found[like], table)
    return found


def _alike(one: Table, other: Table) -> bool:
    """True if both are of one kind and small enough to be one."""
    return (
        version(one) == version(other) and len(one.numbers_G) + len(other.numbers_G) <= MAX_GROUPS
    )


def _together(one: Table, other: Table) -> Table:
    made: dict[str, Any] = {}
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            made[field.name] = np.concatenate((a, b))
        elif isinstance(a, list):
            made[field.name] = [*a, *b]
    samples = len(one.rewards_N)
    made["group_N"] = np.concatenate((one.group_N, other.group_N + len(one.numbers_G)))
    made["reasons"] = [*one.reasons, *((n + samples, k, r) for n, k, r in other.reasons)]
    return replace(one, **made)
