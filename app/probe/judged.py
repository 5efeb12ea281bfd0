"""What a recipe made of the attempts on one row, against what they are by construction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from harmo.app.probe.attacks import Attempt
from harmo.app.probe.dataset.rows import Row
from harmo.rewards.accuracy import judge, read_truncated, weighted
from harmo.rewards.correctness import settled
from harmo.rewards.plan import Plan
from harmo.scorers.types import Group, Reason, Reward, Score

SAME = 1e-6
"""Rewards and scores that lie closer are the same."""


class Finding(StrEnum):
    """What is wrong with a verdict."""

    PAID = "paid"
    """A wrong answer counts as right, as much as the right one does."""
    OUTRANKS = "outranks"
    """A wrong answer does not count as right, and earns more than the best right one."""
    REFUSED = "refused"
    """A right answer counts as wrong."""
    UNREADABLE = "unreadable"
    """No right answer of its row gets a verdict: the reference, or the row, cannot be read."""
    UNSCORED = "unscored"
    """This text gets no verdict, and others of its row do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One attempt and what came of it."""

    attempt: Attempt
    correct: bool | None
    """As the recipe knows it."""
    accuracy: float | None
    """What its rules, or else its fitted models, make of it together."""
    reward: float | None
    reason: Reason | None
    """Why there is no reward."""
    why: str
    """What the term that abstained says of it; empty where it says nothing."""
    by: Mapping[str, float]
    """Rule and model columns that gave at least half, and what."""
    finding: Finding | None = None
    partly: bool = False
    """A wrong answer that counts as right, but for less than the right one: a graded rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRow:
    """A row with the verdicts on everything that was tried on it."""

    row: Row
    verdicts: Sequence[Verdict]
    seconds: float

    @property
    def best(self) -> float | None:
        """The reward of the best right answer."""
        rewards = [v.reward for v in self.verdicts if v.attempt.right and v.reward is not None]
        return max(rewards, default=None)


def judged(
    plan: Plan,
    row: Row,
    attempts: Sequence[Attempt],
    scored: tuple[Group, Sequence[Sequence[Score]], Sequence[Reward]],
    *,
    seconds: float,
) -> JudgedRow:
    """The verdicts on one row, each with what is wrong with it.

    Args:
        plan: The recipe.
        row: The row.
        attempts: What was tried.
        scored: The group that held the attempts, its scores by attempt and column, and its rewards.
        seconds: How long that took.
    """
    group, scores, rewards = scored
    rows = read_truncated(plan, group, scores)
    accuracy = judge(plan, group, rows)
    correct = settled(plan, group, rows, accuracy)
    rules = plan.shares(accuracy.rules, 1.0)
    models = plan.shares([k for k in accuracy.models if k in plan.fitted], 1.0)
    verdicts = []
    for i, attempt in enumerate(attempts):
        by_rule = weighted(rules, rows[i])
        verdicts.append(
            Verdict(
                attempt=attempt,
                correct=correct[i],
                accuracy=weighted(models, rows[i]) if by_rule is None else by_rule,
                reward=rewards[i].value,
                reason=rewards[i].reason,
                why=_why(rows[i]),
                by=_paying(plan, rows[i]),
            )
        )
    return JudgedRow(row=row, verdicts=_found(verdicts), seconds=seconds)


def _why(row: Sequence[Score]) -> str:
    said = (score.detail.get("why") for score in row if score.reason is not None)
    return next((why for why in said if isinstance(why, str)), "")


def _paying(plan: Plan, row: Sequence[Score]) -> Mapping[str, float]:
    judging = (k for k in plan.judging if (row[k].value or 0.0) >= 0.5)
    return {plan.columns[k].name: row[k].value or 0.0 for k in judging}


def _found(verdicts: Sequence[Verdict]) -> list[Verdict]:
    right = [v for v in verdicts if v.attempt.right]
    readable = any(v.reward is not None for v in right or verdicts)
    best = max((v.reward for v in right if v.reward is not None), default=None)
    full = max((v.accuracy for v in right if v.correct and v.accuracy is not None), default=None)
    found = []
    for verdict in verdicts:
        partly = bool(verdict.correct) and not verdict.attempt.right and _less(verdict, full)
        finding = _finding(verdict, best=best, readable=readable, partly=partly)
        found.append(replace(verdict, finding=finding, partly=partly))
    return found


def _less(verdict: Verdict, full: float | None) -> bool:
    """True if it counts for less than the right answer does."""
    return full is not None and verdict.accuracy is not None and verdict.accuracy < full - SAME


def _finding(
    verdict: Verdict, *, best: float | None, readable: bool, partly: bool
) -> Finding | None:
    if verdict.reward is None:
        if not readable:
            return Finding.UNREADABLE
        return Finding.UNSCORED
    if verdict.attempt.right:
        return Finding.REFUSED if verdict.correct is False else None
    if verdict.correct and not partly:
        return Finding.PAID
    outranks = best is not None and verdict.reward > best + SAME
    return Finding.OUTRANKS if outranks else None
