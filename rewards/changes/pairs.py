"""Rewards before and after, of some groups at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from harmo.rewards.signals.samples import Bools, Floats, Ints
from harmo.scorers.types import Reward


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
    """Groups on their way to become `Pairs`; all are of one recipe before, and of one after."""

    columns: tuple[ColumnPair, ...]
    numbers: list[int] = field(default_factory=list)
    _tasks: list[str] = field(default_factory=list)
    _whole: list[bool] = field(default_factory=list)
    _sizes: list[int] = field(default_factory=list)
    _before: list[float | None] = field(default_factory=list)
    _after: list[float | None] = field(default_factory=list)
    _scores: tuple[int, int] = (0, 0)
    """How many a completion has before and after."""

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
        if before:
            self._scores = len(before[0].scores), len(after[0].scores)
        self._before += _row(before)
        self._after += _row(after)

    def pairs(self) -> Pairs:
        """All that was taken in."""
        count = sum(self._sizes)
        before, after = (
            np.array(side, dtype=float).reshape(count, -1) if count else np.zeros((0, 1))
            for side in (self._before, self._after)
        )
        scores_before, paid_before = _cells(
            before, self._scores[0], [p.before for p in self.columns]
        )
        scores_after, paid_after = _cells(after, self._scores[1], [p.after for p in self.columns])
        return Pairs(
            numbers=tuple(self.numbers),
            tasks=tuple(self._tasks),
            whole=np.array(self._whole, dtype=bool),
            places=np.repeat(np.arange(len(self._sizes)), self._sizes),
            before=before[:, 0],
            after=after[:, 0],
            columns=self.columns,
            scores_before=scores_before,
            paid_before=paid_before,
            scores_after=scores_after,
            paid_after=paid_after,
        )


def _row(rewards: Sequence[Reward]) -> list[float | None]:
    """Per completion its reward, its scores and its contributions."""
    numbers: list[float | None] = []
    for reward in rewards:
        numbers.append(reward.value)
        numbers += [score.value for score in reward.scores]
        numbers += reward.contributions
    return numbers


def _cells(rows: Floats, width: int, places: Sequence[int | None]) -> tuple[Floats, Floats]:
    """Scores and contributions of some columns; the interaction has no scores.

    Args:
        rows: Per completion its reward, its scores and its contributions.
        width: How many scores.
        places: Of the columns; NaN for None.
    """
    scores, paid = (np.full((len(rows), len(places)), np.nan) for _ in range(2))
    known = ~np.isnan(rows[:, 0])
    for k, place in enumerate(places):
        if place is None or not len(rows):
            continue
        if place < width:
            scores[:, k] = rows[:, 1 + place]
        paid[known, k] = rows[known, 1 + width + place]
    return scores, paid
