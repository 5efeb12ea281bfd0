"""The few figures that say what an edit does, in words and three digits."""

from __future__ import annotations

from dataclasses import dataclass

from harmo.console.model.whatif.outcome import Outcome
from harmo.console.view.numbers import NONE, count, share, three
from harmo.rewards.changes import Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure; before and after, or one for both."""

    key: str
    label: str
    title: str
    """What it is, in a sentence."""
    after: str
    before: str = ""
    """Empty where the figure is of the change itself."""
    note: str = ""
    better: bool | None = None
    """Whether the change is welcome; None where that is not known or nothing changes."""


def figures(outcome: Outcome) -> list[Figure]:
    """What a trainer would notice.

    Args:
        outcome: Of two compositions.
    """
    return [*_flips(outcome.changes), _flat(outcome.changes), _right(outcome), *_paid(outcome)]


def _flips(changes: Changes) -> list[Figure]:
    """Who is best, whose advantage changes, in which order siblings stand."""
    return [
        Figure(
            key="best",
            label="best completion changes",
            title="groups in which nothing that was paid most still is",
            after=share(changes.best_changed_ratio),
            note=f"{count(changes.best_changed)} of {count(changes.compared_groups)} groups",
        ),
        Figure(
            key="signs",
            label="advantages change sign",
            title="completions that go from above their group's mean to below it, or the other "
            "way: the same whether or not a trainer divides by the group's deviation",
            after=share(changes.flipped_ratio),
            note=f"{count(changes.flipped)} of {count(changes.advantages)}",
        ),
        Figure(
            key="moved",
            label="advantages move by",
            title="mean distance of a completion's two advantages, in its group's standard "
            "deviations; undivided, in units of reward",
            after=three(changes.mean_scaled_advantage_change),
            note=f"std of the group; {three(changes.mean_advantage_change)} undivided",
        ),
        Figure(
            key="ranks",
            label="rank correlation",
            title="mean Spearman of the two rewards within groups: 1 leaves every order as it was",
            after=three(changes.rank_correlation),
            note="within groups",
        ),
    ]


def _paid(outcome: Outcome) -> list[Figure]:
    """How many have a reward, and how much."""
    changes = outcome.changes
    return [
        Figure(
            key="scored",
            label="scored",
            title=_why(outcome),
            before=_ratio(changes.scored_before, changes.completions),
            after=_ratio(changes.scored_after, changes.completions),
            note=_scored(outcome),
        ),
        Figure(
            key="mean",
            label="mean reward",
            title="of all completions that have one; its height trains nothing",
            before=three(outcome.before.mean),
            after=three(outcome.after.mean),
        ),
    ]


def _flat(changes: Changes) -> Figure:
    before, after = changes.zero_variance_before, changes.zero_variance_after
    note = f"{count(after)} of {count(changes.varied_after)} groups"
    return Figure(
        key="flat",
        label="no signal",
        title="groups whose rewards are all equal: they teach nothing",
        before=_ratio(before, changes.varied_before),
        after=_ratio(after, changes.varied_after),
        note=note if before == after else f"{count(before)} → {count(after)} groups",
        better=None if before == after else after < before,
    )


def _right(outcome: Outcome) -> Figure:
    before, after = outcome.before.right_is_best, outcome.after.right_is_best
    known = before is not None and after is not None and share(before) != share(after)
    return Figure(
        key="right",
        label="paid most is right",
        title="share of what is paid most that is right, over groups of right and wrong ones",
        before=share(before),
        after=share(after),
        note="where siblings differ",
        better=(after or 0.0) > (before or 0.0) if known else None,
    )


def _ratio(part: int, whole: int) -> str:
    return share(part / whole) if whole else NONE


def _scored(outcome: Outcome) -> str:
    changes = outcome.changes
    gained, lost = changes.newly_scored, changes.newly_unscored
    parts = [f"+{count(gained)}"] * bool(gained) + [f"−{count(lost)}"] * bool(lost)
    return " ".join(parts) or f"of {count(changes.completions)}"


def _why(outcome: Outcome) -> str:
    """What `scored` counts, and why the others have no reward after the edit."""
    reasons = ", ".join(f"{count(n)} {reason}" for reason, n in outcome.after.reasons.items())
    return f"completions with a reward; without one after the edit: {reasons or 'none'}"
