"""The few figures that say what an edit does, in words and three digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harmo.console.model.whatif.outcome import Outcome, Side
from harmo.console.view.numbers import NONE, count, share, three


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
    before, after = outcome.before, outcome.after
    return [
        Figure(
            key="best",
            label="best completion changes",
            title="groups in which nothing that was paid most still is",
            after=_ratio(outcome.best_changes, outcome.compared),
            note=f"{count(outcome.best_changes)} of {count(outcome.compared)} groups",
        ),
        Figure(
            key="signs",
            label="advantages change sign",
            title="completions that go from above their group's mean to below it, or the other "
            "way; dividing by the group's deviation changes no sign",
            after=_ratio(outcome.signs, outcome.both_scored),
            note=f"{count(outcome.signs)} of {count(outcome.both_scored)}",
        ),
        Figure(
            key="moved",
            label="advantages move by",
            title="mean distance of a completion's two advantages, in its group's standard "
            "deviations; below it, in reward, for a trainer that does not divide",
            after=three(outcome.by),
            note=f"{three(outcome.by_unscaled)} undivided",
        ),
        Figure(
            key="ranks",
            label="rank correlation",
            title="mean Spearman of the two rewards within groups: 1 leaves every order as it was",
            after=three(outcome.rank_correlation),
            note="within groups",
        ),
        _both(outcome, "flat", "no signal", _FLAT, _flat, less=True),
        _both(
            outcome, "right", "paid most is right", _RIGHT, lambda s: s.right_is_best, less=False
        ),
        Figure(
            key="scored",
            label="scored",
            title="completions with a reward",
            before=_ratio(before.scored, outcome.samples),
            after=_ratio(after.scored, outcome.samples),
            note=_scored(outcome),
        ),
        Figure(
            key="mean",
            label="mean reward",
            title="of all completions that have one; its height trains nothing",
            before=three(before.mean),
            after=three(after.mean),
        ),
    ]


_FLAT = "groups whose rewards are all equal: they teach nothing"
_RIGHT = "share of what is paid most that is right, over groups of right and wrong completions"


def _both(
    outcome: Outcome,
    key: str,
    label: str,
    title: str,
    read: Callable[[Side], float | None],
    *,
    less: bool,
) -> Figure:
    before, after = read(outcome.before), read(outcome.after)
    better = None
    if less and outcome.before.zero_variance != outcome.after.zero_variance:
        better = outcome.after.zero_variance < outcome.before.zero_variance
    elif not less and before is not None and after is not None and share(before) != share(after):
        better = after > before
    return Figure(
        key=key,
        label=label,
        title=title,
        before=share(before),
        after=share(after),
        better=better,
        note=_flat_note(outcome) if less else "where siblings differ",
    )


def _flat_note(outcome: Outcome) -> str:
    before, after = outcome.before.zero_variance, outcome.after.zero_variance
    if before == after:
        return f"{count(after)} of {count(outcome.after.comparable)} groups"
    return f"{count(before)} → {count(after)} groups"


def _flat(side: Side) -> float | None:
    return side.zero_variance / side.comparable if side.comparable else None


def _ratio(part: int, whole: int) -> str:
    return share(part / whole) if whole else NONE


def _scored(outcome: Outcome) -> str:
    gained, lost = outcome.newly_scored, outcome.newly_unscored
    parts = [f"+{count(gained)}"] * bool(gained) + [f"−{count(lost)}"] * bool(lost)
    return " ".join(parts) or f"of {count(outcome.samples)}"
