"""The list itself: what a filter found over every recipe of a run, in order, a page at a time."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, fields
from itertools import product

import numpy as np

from harmo.console.model.flat import Bools, Flat, Floats, Ints
from harmo.console.model.groups.filters import FILTERS, with_reason
from harmo.console.model.sheet import sheet
from harmo.scorers.types import Reason

PAGE = 50
"""Rows of a page."""
MAX_EXPORTED = 100_000
"""Rows of a file."""
ORDERS = ("bad", "step", "reward", "tokens")
"""What a list is sorted by: how bad, the latest step, the highest reward, the most tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Completions, or groups, in order; one entry each."""

    number: Ints
    """Of the group."""
    place: Ints
    """Of the completion; of a group its worst."""
    bad: Floats
    step: Floats
    reward: Floats
    """Of a group its mean."""
    advantage: Floats
    tokens: Floats
    right: Floats
    found: Ints
    """Of a group how many of its completions are listed; 1 of a completion."""

    def __len__(self) -> int:
        return len(self.number)

    def page(self, page: int) -> Listed:
        """The rows of a page, from 1."""
        return self.where(np.arange(len(self))[(page - 1) * PAGE : page * PAGE])

    def where(self, chosen: Ints | Bools) -> Listed:
        """Those rows, in that order."""
        return Listed(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def position(self, number: int) -> int | None:
        """Where a group first stands, from 0; None if it is not listed."""
        found = np.flatnonzero(self.number == number)
        return int(found[0]) if len(found) else None

    def beside(self, number: int, way: int) -> tuple[int, int] | None:
        """Number and place of the next other group in the list.

        Args:
            number: Of the group that is looked at.
            way: 1 for the one behind it, -1 for the one before.
        """
        at = self.position(number)
        while at is not None and 0 <= at + way < len(self):
            at += way
            if self.number[at] != number:
                return int(self.number[at]), int(self.place[at])
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is of."""

    filter: str = "all"
    """A name of `FILTERS`."""
    column: str | None = None
    reason: Reason | None = None
    by: str = "group"
    """`group`, or `completion`."""
    sort: str = "bad"
    """One of `ORDERS`."""


def listed(blocks: Sequence[Flat], wanted: Wanted) -> Listed:
    """What is wanted of some groups, the worst first.

    Args:
        blocks: One per version of a recipe.
        wanted: Filter, column, reason and order.
    """
    joined = _joined([_rows(seen, wanted) for seen in blocks])
    if wanted.by == "group":
        joined = _by_group(joined, blocks)
    return joined.where(_order(joined, wanted.sort))


def tallied(blocks: Sequence[Flat], by: str, *, without: Container[str]) -> dict[str, int]:
    """By filter how much it lists.

    Args:
        blocks: One per version of a recipe.
        by: `group`, or `completion`.
        without: Names of filters that are left out.
    """
    found = {name: 0 for name in FILTERS if name not in without}
    for name, block in product(found, blocks):
        listed_N = FILTERS[name].find(block, None).listed
        found[name] += int((block.sums(listed_N) > 0 if by == "group" else listed_N).sum())
    return found


def as_csv(rows: Listed) -> str:
    """The list as CSV; at most `MAX_EXPORTED` rows."""
    names = ["group", "completion", "measure", "step", "reward", "advantage", "tokens", "right"]
    values = (rows.number, rows.place, rows.bad, rows.step, rows.reward, rows.advantage)
    columns = [v[:MAX_EXPORTED].tolist() for v in (*values, rows.tokens, rows.right, rows.found)]
    return sheet([*names, "listed"], zip(*columns, strict=True))


def _rows(seen: Flat, wanted: Wanted) -> Listed:
    found = FILTERS[wanted.filter].find(seen, wanted.column)
    mask = found.listed
    if wanted.reason is not None:
        mask = mask & with_reason(seen, wanted.reason, wanted.column)
    elif wanted.column is not None and all(c.name != wanted.column for c in seen.columns):
        mask = np.zeros_like(mask)
    group = seen.group_N[mask]
    return Listed(
        number=seen.numbers_G[group],
        place=seen.place_N[mask],
        bad=found.bad[mask],
        step=seen.steps_G[group],
        reward=seen.rewards_N[mask],
        advantage=seen.advantages_N[mask],
        tokens=seen.tokens_N[mask],
        right=seen.right_N[mask],
        found=np.ones(len(group), dtype=np.int64),
    )


def _joined(rows: Sequence[Listed]) -> Listed:
    if len(rows) == 1:
        return rows[0]
    whole = {"number", "place", "found"}
    return Listed(
        **{
            f.name: np.concatenate([getattr(each, f.name) for each in rows])
            if rows
            else np.zeros(0, dtype=np.int64 if f.name in whole else float)
            for f in fields(Listed)
        }
    )


def _by_group(rows: Listed, blocks: Sequence[Flat]) -> Listed:
    """One row per group: its worst completion's, with the group's mean reward."""
    if not len(rows):
        return rows
    order = np.lexsort((-np.nan_to_num(rows.bad, nan=-np.inf), rows.number))
    ordered = rows.where(order)
    first = np.flatnonzero(np.r_[True, ordered.number[1:] != ordered.number[:-1]])
    counts = np.diff(first, append=len(ordered))
    numbers = np.concatenate([b.numbers_G for b in blocks])
    means = np.concatenate([b.means_G for b in blocks])
    by_number = np.argsort(numbers)
    kept = ordered.where(first)
    means = means[by_number][np.searchsorted(numbers[by_number], kept.number)]
    return Listed(
        **{f.name: getattr(kept, f.name) for f in fields(Listed)}
        | {"reward": means, "found": counts}
    )


def _order(rows: Listed, by: str) -> Ints:
    key = {"step": rows.step, "reward": rows.reward, "tokens": rows.tokens}.get(by, rows.bad)
    known = np.nan_to_num(key, nan=-np.inf)
    # Of equals the latest stand first: they are of the policy as it is now.
    return np.lexsort((rows.place, -rows.number, -known))
