"""From the store to arrays: the numbers of a run, siblings that wrote the same, ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harmo.audit.read import Query, Reader
from harmo.audit.tables import Table
from harmo.console.model.flat import chosen_of
from harmo.console.model.groups.numbers import Bools, Ints, Numbers

MAX_SAMPLES = 2_000_000
"""Completions that one list is made of; what comes after waits for a narrower question."""
MAX_CONFIRMED = 3000
"""Groups whose texts are compared for one list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The numbers that a query finds."""

    blocks: tuple[Numbers, ...]
    """One per version of a recipe."""
    tasks: tuple[str, ...]
    """Every task word once, sorted."""
    whole: bool
    """False if there are more than `MAX_SAMPLES` completions, and the latest are left out."""

    @property
    def numbers(self) -> Ints:
        """The groups' numbers, ascending."""
        found = [block.numbers_G for block in self.blocks]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    @property
    def samples(self) -> int:
        """How many completions there are."""
        return sum(len(block.group_N) for block in self.blocks)

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
    blocks = [block.where(_chosen(block, query)) for block in joined(tables)]
    tasks = {task for table in tables for task in table.tasks_G if task}
    return Gathered(
        blocks=tuple(block for block in blocks if len(block.numbers_G)),
        tasks=tuple(sorted(tasks)),
        whole=whole,
    )


def _chosen(block: Numbers, query: Query) -> Bools:
    mask = chosen_of(block.steps_G, query.steps)
    if query.split is not None:
        mask &= block.splits_G == query.split
    if query.task is not None:
        mask &= block.tasks_G == query.task
    return mask


def joined(tables: Iterable[Table]) -> tuple[Numbers, ...]:
    """Tables as one block per version of a recipe."""
    versions: dict[tuple[str, str, str], list[Table]] = {}
    for table in tables:
        recipe = table.recipe
        versions.setdefault((recipe.name, recipe.version, recipe.scorer_version), []).append(table)
    return tuple(_block(same) for same in versions.values())


def _block(tables: Sequence[Table]) -> Numbers:
    groups = np.cumsum([0, *(len(t.numbers_G) for t in tables)])
    samples = np.cumsum([0, *(len(t.group_N) for t in tables)]).tolist()
    tasks = [task or "" for t in tables for task in t.tasks_G]
    return Numbers(
        recipe=tables[0].recipe,
        numbers_G=np.concatenate([t.numbers_G for t in tables]),
        steps_G=np.concatenate([t.steps_G for t in tables]),
        splits_G=np.array([split for t in tables for split in t.splits_G], dtype=object),
        tasks_G=np.array(tasks, dtype=object),
        group_N=np.concatenate([t.group_N + g for t, g in zip(tables, groups, strict=False)]),
        rewards_N=np.concatenate([t.rewards_N for t in tables]),
        correct_N=np.concatenate([t.correct_N for t in tables]),
        tokens_N=np.concatenate([t.tokens_N for t in tables]),
        truncated_N=np.concatenate([t.truncated_N for t in tables]),
        scores_NK=np.concatenate([t.scores_NK for t in tables]),
        reasons=[
            (start + n, k, reason)
            for t, start in zip(tables, samples, strict=False)
            for n, k, reason in t.reasons
        ],
    )


def twins(reader: Reader, numbers: Sequence[int]) -> Mapping[tuple[int, int], int]:
    """By group and place of every completion that a sibling wrote, too, how many wrote it.

    Of texts of which not even a hash was kept nothing is said. At most `MAX_CONFIRMED` groups are
    looked at, the latest.
    """
    same: dict[tuple[int, int], int] = {}
    for number in numbers[-MAX_CONFIRMED:]:
        kept = reader.group(number)
        if kept is None:
            continue
        places: dict[str, list[int]] = {}
        for place, digest in enumerate(kept.digests):
            places.setdefault(digest, []).append(place)
        for alike in places.values():
            if len(alike) > 1:
                same |= {(number, place): len(alike) for place in alike}
    return same


def called(reader: Reader, query: Query, identity: str, *, limit: int) -> list[int]:
    """Numbers of the groups with an id, as their trainer called them; at most `limit`."""
    found = []
    for kept in reader.groups(query, texts=False):
        if kept.group.id == identity:
            found.append(kept.number)
            if len(found) == limit:
                break
    return found
