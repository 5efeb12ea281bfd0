"""Stored scores, combined by another recipe: no scorer runs, but length terms may, on numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harmo.app.replay.lengths import length_scores
from harmo.app.replay.matching import Matched, matched, meant
from harmo.audit.records import KeptGroup
from harmo.rewards.combine import GroupReward, combine, settle_correctness
from harmo.rewards.plan import Plan
from harmo.scorers.types import Group, Reason, Score

__all__ = ["Matched", "NeedsScoringError", "matched", "meant", "recombined", "standing"]

Rows = Sequence[Sequence[Score]]
"""Scores by sample and column of the plan."""


class NeedsScoringError(ValueError):
    """A group has no scores that stand for some columns; the message names them."""

    def __init__(self, plan: Plan, columns: Sequence[int]) -> None:
        self.columns = tuple(columns)
        """Of the plan."""
        names = ", ".join(plan.columns[k].name for k in columns)
        super().__init__(f"{names}: no stored scores stand for it; score the group again")


def recombined(
    plan: Plan,
    kept: KeptGroup,
    matched: Matched,
    scored: Mapping[int, Sequence[Score]] | None = None,
) -> GroupReward:
    """What a kept group's scores combine to under another recipe.

    A length column whose completions' correctness is no longer what it saw is scored anew from the
    group's numbers; its stored scores are not used.

    Args:
        plan: The recipe.
        kept: The group; texts need not have been read.
        matched: Which of its scores stand for which column of the plan.
        scored: Scores of columns of the plan that were scored anew, one per sample.

    Raises:
        NeedsScoringError: If a column has no scores that stand, and takes more than numbers.
    """
    group, rows = standing(plan, kept, matched, scored)
    return combine(plan, group, rows)


def standing(
    plan: Plan,
    kept: KeptGroup,
    matched: Matched,
    scored: Mapping[int, Sequence[Score]] | None = None,
) -> tuple[Group, Rows]:
    """The group with its correctness under a plan, and the scores that stand; see `recombined`."""
    scored = scored or {}
    absent = [k for k in matched.missing if k not in scored]
    if absent and not set(absent) <= set(matched.lengths):
        raise NeedsScoringError(plan, absent)
    rows = _rows(kept, matched, scored)
    stale = [k for k in matched.lengths if k not in scored]
    if kept.group.correctness and not matched.rejudged:
        return kept.group, _relengthed(plan, kept, kept.group, rows, absent)
    if not matched.lengths:
        # The combiner settles it where it reads it.
        return replace(kept.group, correctness=()), rows
    group = _settled(plan, kept.group, rows, matched.lengths)
    if group.correctness == (kept.group.correctness or (None,) * len(rows)):
        stale = [k for k in stale if k in absent]
    return group, _relengthed(plan, kept, group, rows, stale)


_NOT_YET = Score.abstain(Reason.DEADLINE)
"""What stands in a length column while correctness is settled, as in the engine."""


def _rows(kept: KeptGroup, matched: Matched, scored: Mapping[int, Sequence[Score]]) -> Rows:
    if matched.same_places and not scored:
        return [reward.scores for reward in kept.rewards]
    columns = [scored.get(k, place) for k, place in enumerate(matched.places)]
    return [
        [
            reward.scores[c] if isinstance(c, int) else _NOT_YET if c is None else c[i]
            for c in columns
        ]
        for i, reward in enumerate(kept.rewards)
    ]


def _settled(plan: Plan, group: Group, rows: Rows, lengths: Sequence[int]) -> Group:
    """The group with its correctness under a plan, of which length columns know nothing."""
    firsts = [list(row) for row in rows]
    for row in firsts:
        for k in lengths:
            row[k] = _NOT_YET
    return replace(group, correctness=settle_correctness(plan, group, firsts))


def _relengthed(
    plan: Plan, kept: KeptGroup, group: Group, rows: Rows, columns: Sequence[int]
) -> Rows:
    """The rows with some length columns scored from numbers; a sample's fault is its score."""
    if not columns:
        return rows
    changed = [list(row) for row in rows]
    for k in columns:
        scores = length_scores(plan.columns[k], group)
        if scores is None:
            raise NeedsScoringError(plan, columns)
        for row, score, fault in zip(changed, scores, kept.faults, strict=True):
            row[k] = score if fault is None else Score.abstain(fault)
    return changed
