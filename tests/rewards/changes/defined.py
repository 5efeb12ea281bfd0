"""What each change is by its definition, one group and one completion after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, fmean

from harmo.rewards.advantages import advantages
from harmo.rewards.changes import ColumnPair, Pairs
from harmo.rewards.changes.pairs import Gathering
from harmo.scorers.types import Reason, Reward, Score

Values = Sequence[float | None]
EQUAL = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """One group's rewards."""

    before: Values
    after: Values
    task: str = ""
    whole: bool = True


def reward(value: float | None, cells: Values = (), paid: Sequence[float] = ()) -> Reward:
    """A reward with its columns' scores, which are what they pay unless something else is said."""
    scores = tuple(
        Score.abstain(Reason.DEADLINE) if cell is None else Score(value=cell) for cell in cells
    )
    contributions = tuple(paid) or tuple(cell or 0.0 for cell in cells)
    reason = Reason.DEADLINE if value is None else None
    return Reward(value=value, reason=reason, scores=scores, contributions=contributions)


def pairs(*groups: Both, first: int = 1) -> Pairs:
    """The groups, numbered from the first on, with no columns."""
    gathering = Gathering(columns=())
    for number, group in enumerate(groups, first):
        before, after = (list(map(reward, side)) for side in (group.before, group.after))
        gathering.add(number, before, after, task=group.task, whole=group.whole)
    return gathering.pairs()


def with_columns(names: str, *groups: Sequence[tuple[Reward, Reward]], whole: bool = True) -> Pairs:
    """Groups of rewards before and after, whose columns stand in the same places."""
    columns = tuple(ColumnPair(name=n, before=k, after=k) for k, n in enumerate(names))
    gathering = Gathering(columns=columns)
    for number, rows in enumerate(groups, 1):
        old, new = ([each[side] for each in rows] for side in (0, 1))
        gathering.add(number, old, new, whole=whole)
    return gathering.pairs()


def known(values: Values) -> list[float]:
    return [value for value in values if value is not None]


def best(values: Values) -> set[int]:
    most = max(known(values))
    return {i for i, value in enumerate(values) if value is not None and most - value < EQUAL}


def compared(group: Both) -> bool:
    return group.whole and len(known(group.before)) > 1 and len(known(group.after)) > 1


def best_changed(group: Both) -> bool:
    return compared(group) and not best(group.before) & best(group.after)


def flat(values: Values) -> bool:
    return len(known(values)) > 1 and max(known(values)) - min(known(values)) < EQUAL


def signs(values: Values) -> list[int | None]:
    """Of the advantages: None without a reward."""
    found = advantages(values, scaled=False)
    quiet = flat(values)
    return [
        None if gap is None else 0 if quiet or abs(gap) < EQUAL else (1 if gap > 0 else -1)
        for gap in found
    ]


def sign_pairs(group: Both) -> list[tuple[int, int]]:
    if not group.whole:
        return []
    rows = zip(signs(group.before), signs(group.after), strict=True)
    return [(old, new) for old, new in rows if old is not None and new is not None]


def change(group: Both, *, scaled: bool) -> float:
    """Sum over completions with an advantage on both sides."""
    if not group.whole:
        return 0.0
    old, new = (advantages(side, scaled=scaled) for side in (group.before, group.after))
    rows = zip(old, new, strict=True)
    return sum(abs(b - a) for a, b in rows if a is not None and b is not None)


def moved(group: Both) -> float:
    if not (group.whole and group.before):
        return 0.0
    old, new = (advantages(side, scaled=True) for side in (group.before, group.after))
    return fmean(abs((b or 0.0) - (a or 0.0)) for a, b in zip(old, new, strict=True))


def rank_correlation(group: Both) -> float | None:
    """Spearman's rho by counting."""
    rows = zip(group.before, group.after, strict=True)
    both = [(a, b) for a, b in rows if a is not None and b is not None]
    if not group.whole or len(both) < 2:
        return None

    def ranks(values: Sequence[float]) -> list[float]:
        values = equalled(values)
        return [sum(v < x for v in values) + sum(v == x for v in values) / 2 for x in values]

    try:
        return correlation(*(ranks(side) for side in zip(*both, strict=True)))
    except StatisticsError:
        return None


def equalled(values: Sequence[float]) -> list[float]:
    """Each value as the first of those that lead up to it in steps below what counts as equal."""
    firsts: dict[float, float] = {}
    last = None
    for value in sorted(values):
        near = last is not None and value - last < EQUAL
        firsts[value] = firsts[last] if near and last is not None else value
        last = value
    return [firsts[value] for value in values]


def differs(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is not b
    return bool(abs(a - b) > EQUAL * max(1.0, abs(a), abs(b)))
