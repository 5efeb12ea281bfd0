"""Rewards before and after, of some groups at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from harmo.rewards.signals.samples import Bools, Floats, Ints
from harmo.scorers.types import Reward

_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPair:
    """One column, where it stands before and after; None where it does not."""

    name: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """One entry per completion, siblings together; what is not there is NaN."""

    numbers: tuple[int, ...]
    """One per group."""
    tasks: tuple[str, ...]
    """One per group."""
    whole: Bools
    """One per group: False where some of its members were scored elsewhere."""
    places: Ints
    """Which of the groups it is of, ascending."""
    before: Floats
    after: Floats
    columns: tuple[ColumnPair, ...]
    scores_before: Floats
    """By completion and column pair, and so the next three."""
    scores_after: Floats
    paid_before: Floats
    """Contributions; NaN where there is no reward."""
    paid_after: Floats


@dataclass(slots=True)
class Gathering:
    """Groups on their way to become `Pairs`."""

    columns: tuple[ColumnPair, ...]
    numbers: list[int] = field(default_factory=list)
    _tasks: list[str] = field(default_factory=list)
    _whole: list[bool] = field(default_factory=list)
    _sizes: list[int] = field(default_factory=list)
    _rows: list[float] = field(default_factory=list)

    def add(
        self,
        number: int,
        before: Sequence[Reward],
        after: Sequence[Reward],
        *,
        task: str = "",
        whole: bool = True,
    ) -> None:
        """Take a group in.

        Args:
            number: Its own.
            before: A reward per completion, with scores and contributions.
            after: As before.
            task: Its samples'.
            whole: True if all of its members are here.
        """
        self.numbers.append(number)
        self._tasks.append(task)
        self._whole.append(whole)
        self._sizes.append(len(before))
        places = [(pair.before, pair.after) for pair in self.columns]
        for old, new in zip(before, after, strict=True):
            self._rows += (_value(old.value), _value(new.value))
            for b, a in places:
                self._rows += (*_cells(old, b), *_cells(new, a))

    def pairs(self) -> Pairs:
        """All that was taken in."""
        count, width = sum(self._sizes), len(self.columns)
        wide = np.array(self._rows, dtype=float).reshape(count, 2 + 4 * width)
        cells = wide[:, 2:].reshape(count, width, 4)
        return Pairs(
            numbers=tuple(self.numbers),
            tasks=tuple(self._tasks),
            whole=np.array(self._whole, dtype=bool),
            places=np.repeat(np.arange(len(self._sizes)), self._sizes),
            before=wide[:, 0],
            after=wide[:, 1],
            columns=self.columns,
            scores_before=cells[:, :, 0],
            paid_before=cells[:, :, 1],
            scores_after=cells[:, :, 2],
            paid_after=cells[:, :, 3],
        )


def _value(value: float | None) -> float:
    return _NAN if value is None else value


def _cells(reward: Reward, column: int | None) -> tuple[float, float]:
    """Score and contribution of one column; the interaction's has no score."""
    if column is None:
        return _NAN, _NAN
    score = reward.scores[column].value if column < len(reward.scores) else None
    paid = reward.contributions[column] if reward.value is not None else _NAN
    return _value(score), paid
