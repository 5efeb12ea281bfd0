"""What groups were paid, and what another composition would have paid them, as flat arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harmo.app.replay.matching import Matched, matched, meant, stored_plan
from harmo.app.replay.recombine import NeedsScoringError, recombined
from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.rewards.combine import settle_correctness
from harmo.rewards.plan import INTERACTION, Plan
from harmo.scorers.types import Reason, Reward

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """What stands of some groups, whatever they are paid."""

    numbers: Ints
    """One per group, as those below that do not say otherwise."""
    steps: Floats
    """NaN where a group has no step."""
    tasks: tuple[str, ...]
    index: Ints
    """Per sample the place of its group, ascending."""
    whole: Bools
    """True if every sibling is here."""
    right: Floats
    """Per sample 1, 0, or NaN where it is not known: by the recipe that scored it."""

    @classmethod
    def of(cls, kept: Sequence[KeptGroup]) -> Groups:
        """The numbers of some groups."""
        plans: dict[str, Plan | None] = {}
        return cls(
            numbers=np.array([each.number for each in kept], dtype=np.intp),
            steps=_floats([each.group.step for each in kept]),
            tasks=tuple(_task(each) for each in kept),
            index=np.repeat(
                np.arange(len(kept)),
                np.array([len(each.group.samples) for each in kept], dtype=np.intp),
            ),
            whole=np.array([each.group.complete for each in kept], dtype=np.bool_),
            right=_floats([known for each in kept for known in _right(each, plans)]),
        )

    def where(self, chosen: Bools) -> Groups:
        """Those of the groups for which it holds."""
        own = chosen[self.index]
        places = np.cumsum(chosen) - 1
        return Groups(
            numbers=self.numbers[chosen],
            steps=self.steps[chosen],
            tasks=tuple(t for t, here in zip(self.tasks, chosen, strict=True) if here),
            index=places[self.index[own]],
            whole=self.whole[chosen],
            right=self.right[own],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Rewards, and what each column pays of them."""

    rewards: Floats
    """NaN where there is none."""
    columns: tuple[str, ...]
    contributions: Floats
    """By sample and column."""
    why: tuple[Reason | None, ...]
    """Why there is no reward."""

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many samples have no reward, by reason, the most common first."""
        return dict(Counter(str(r) for r in self.why if r is not None).most_common())

    def where(self, own: Bools) -> Paid:
        """Those of the samples for which it holds."""
        return Paid(
            rewards=self.rewards[own],
            columns=self.columns,
            contributions=self.contributions[own],
            why=tuple(r for r, here in zip(self.why, own, strict=True) if here),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What stored scores cannot tell of a composition."""

    columns: tuple[str, ...] = ()
    """Columns that have to be scored."""
    groups: int = 0
    """That lack scores for one of them, and are left out of both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Was:
    """Some groups with what they were paid."""

    kept: Sequence[KeptGroup]
    groups: Groups
    paid: Paid

    @classmethod
    def of(cls, kept: Sequence[KeptGroup]) -> Was:
        """Some groups, their texts left out or not."""
        return cls(kept=kept, groups=Groups.of(kept), paid=was_paid(kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The same groups under two compositions."""

    groups: Groups
    before: Paid
    after: Paid
    gaps: Gaps


def was_paid(kept: Sequence[KeptGroup]) -> Paid:
    """What was answered when the groups were scored."""
    columns = tuple(dict.fromkeys(name for each in kept for name in _paying(each)))
    places = {name: k for k, name in enumerate(columns)}
    rows: list[Sequence[float]] = []
    for each in kept:
        own = [places[name] for name in _paying(each)]
        for reward in each.rewards:
            row = [0.0] * len(columns)
            for place, contribution in zip(own, reward.contributions, strict=True):
                row[place] = contribution
            rows.append(row)
    return _paid([reward for each in kept for reward in each.rewards], columns, rows)


def weighed(was: Was, plan: Plan) -> Weighed:
    """What was paid beside what a composition makes of the stored scores.

    Args:
        was: The groups.
        plan: The composition.
    """
    matches: dict[tuple[str, str], tuple[Plan, Matched]] = {}
    rewards: list[Reward] = []
    lacking: dict[str, None] = {}
    told = []
    for each in was.kept:
        of = _match(each.recipe, plan, matches)
        try:
            rewards.extend(recombined(of[0], each, of[1]).rewards)
        except NeedsScoringError as error:
            lacking |= {plan.columns[k].name: None for k in error.columns}
            told.append(False)
        else:
            told.append(True)
    has = np.array(told, dtype=np.bool_)
    has_own = has[was.groups.index]
    columns = [column.name for column in plan.columns] + [INTERACTION] * plan.interacts
    return Weighed(
        groups=was.groups if has.all() else was.groups.where(has),
        before=was.paid if has.all() else was.paid.where(has_own),
        after=_paid(rewards, tuple(columns), [reward.contributions for reward in rewards]),
        gaps=Gaps(columns=tuple(lacking), groups=int((~has).sum())),
    )


def joined(parts: Sequence[Weighed]) -> Weighed:
    """Several lots of groups as one; at least one."""
    offsets = np.cumsum([0, *(len(part.groups.numbers) for part in parts)])
    groups = Groups(
        numbers=np.concatenate([part.groups.numbers for part in parts]),
        steps=np.concatenate([part.groups.steps for part in parts]),
        tasks=tuple(task for part in parts for task in part.groups.tasks),
        index=np.concatenate(
            [p.groups.index + off for p, off in zip(parts, offsets, strict=False)]
        ),
        whole=np.concatenate([part.groups.whole for part in parts]),
        right=np.concatenate([part.groups.right for part in parts]),
    )
    return Weighed(
        groups=groups,
        before=_end_to_end([part.before for part in parts]),
        after=_end_to_end([part.after for part in parts]),
        gaps=Gaps(
            columns=tuple(dict.fromkeys(name for part in parts for name in part.gaps.columns)),
            groups=sum(part.gaps.groups for part in parts),
        ),
    )


def _end_to_end(parts: Sequence[Paid]) -> Paid:
    columns = tuple(dict.fromkeys(name for part in parts for name in part.columns))
    tables = []
    for part in parts:
        table = np.zeros((len(part.rewards), len(columns)))
        table[:, [columns.index(name) for name in part.columns]] = part.contributions
        tables.append(table)
    return Paid(
        rewards=np.concatenate([part.rewards for part in parts]),
        columns=columns,
        contributions=np.concatenate(tables),
        why=tuple(reason for part in parts for reason in part.why),
    )


def _match(
    recipe: KeptRecipe, plan: Plan, matches: dict[tuple[str, str], tuple[Plan, Matched]]
) -> tuple[Plan, Matched]:
    key = (recipe.version, recipe.scorer_version)
    if key not in matches:
        known = meant(plan, recipe)
        matches[key] = (known, matched(known, recipe))
    return matches[key]


def _right(kept: KeptGroup, plans: dict[str, Plan | None]) -> Sequence[bool | None]:
    """The correctness that was settled, or that the stored recipe would settle."""
    if kept.group.correctness:
        return kept.group.correctness
    version = kept.recipe.version
    if version not in plans:
        plan = stored_plan(kept.recipe)
        plans[version] = None if plan is None else meant(plan, kept.recipe)
    plan = plans[version]
    if plan is None:
        return [None] * len(kept.group.samples)
    return settle_correctness(plan, kept.group, [reward.scores for reward in kept.rewards])


def _paying(kept: KeptGroup) -> list[str]:
    return [column.name for column in kept.recipe.columns] + [INTERACTION] * kept.interaction


def _paid(rewards: Sequence[Reward], columns: tuple[str, ...], rows: Sequence[object]) -> Paid:
    return Paid(
        rewards=_floats([reward.value for reward in rewards]),
        columns=columns,
        contributions=np.array(rows, dtype=np.float64).reshape(len(rewards), len(columns)),
        why=tuple(reward.reason for reward in rewards),
    )


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _task(kept: KeptGroup) -> str:
    return (kept.group.samples[0].task or "") if kept.group.samples else ""
