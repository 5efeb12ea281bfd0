"""What a request came to, as values: what the answer of every route is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harmo.app.engine import ScoredGroup
from harmo.app.samples import Received
from harmo.rewards.plan import Plan
from harmo.scorers.types import Cause, Reward


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredMembers:
    """The members of one group that came with a request; the group may have others elsewhere."""

    received: Received
    group: ScoredGroup
    """The whole group, as far as it is here."""
    rows: range
    """Which of its rows are these members, in the order asked."""

    @property
    def rewards(self) -> Sequence[Reward]:
        """One per member, in the order asked."""
        return self.group.reward.rewards[self.rows.start : self.rows.stop]

    @property
    def complete(self) -> bool:
        """True if the whole group is here."""
        return len(self.group.scores) == self.received.group.size

    @property
    def fell_short(self) -> bool:
        """True if one of these members has no reward because of us."""
        reasons = (reward.reason for reward in self.rewards)
        return any(reason is not None and reason.cause is Cause.SERVICE for reason in reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRequest:
    """Every group of one request, in the order asked."""

    plan: Plan
    scorer_version: str
    """What its numbers depend on besides the recipe."""
    groups: Sequence[ScoredMembers]
    seconds: Mapping[str, float]
    """Wall time by phase."""

    @property
    def joined(self) -> bool | None:
        """Of members whose siblings come elsewhere: whether all were here; None where none do."""
        pieces = [each for each in self.groups if len(each.rows) < each.received.group.size]
        return all(members.complete for members in pieces) if pieces else None

    @property
    def final(self) -> bool:
        """False if a completion is unscored because of us: asking again may score it."""
        return not any(members.fell_short for members in self.groups)


def phases(groups: Iterable[ScoredGroup]) -> dict[str, float]:
    """Wall time by family: groups run side by side, so the slowest counts."""
    phases: dict[str, float] = {}
    for group in groups:
        for family, seconds in group.seconds.items():
            phases[family] = max(phases.get(family, 0.0), seconds)
    return phases
