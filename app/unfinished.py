"""What is no answer: a request of which too little was scored to be a 200."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from harmo.app.engine import Program
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.scored import ScoredMembers
from harmo.app.shed import ShedError, ShedReason
from harmo.scorers.types import Reason

LATE = frozenset({Reason.DEADLINE, Reason.OVERLOADED})
"""What says that time ran out, and not that anything is broken."""
SOON_S = 1.0


def require_finished(
    program: Program,
    groups: Sequence[ScoredMembers],
    deadline_s: float,
    backlog_s: float,
    *,
    always_paid: bool = False,
) -> None:
    """Refuse what the deadline left without any reward, and what it was not reached by in part.

    A 200 with one `overloaded` in it would be a batch that no client sends again, and texts that
    take long would buy nulls for themselves and their siblings.

    Args:
        program: What scored them.
        groups: The members asked about.
        deadline_s: `time.monotonic()` instant.
        backlog_s: How long work that comes now would wait.
        always_paid: True where the caller named a number for what has no reward.

    Raises:
        ServiceError: 504 where there is not one reward, 429 where a score was not reached.
    """
    # A group that several requests share is sent again by all of them, so that it is whole again.
    rows = [row for members in groups for row in members.group.scores]
    paid = [k for k, column in enumerate(program.plan.columns) if not column.shadow]
    reasons = Counter(row[k].reason for row in rows for k in paid)
    # Siblings' rewards count, whoever brought them: their mean can stand for what hangs.
    rewarded = always_paid or any(
        reward.value is not None for members in groups for reward in members.group.reward.rewards
    )
    if not rewarded and not LATE.isdisjoint(reasons) and time.monotonic() >= deadline_s:
        waited_for = ", ".join(program.columns[step.column][0] for step in program.first)
        raise ServiceError(
            ErrorType.DEADLINE,
            f"the deadline passed before anything was rewarded; waited for {waited_for}; "
            "send less at once or a longer X-Deadline-Ms",
        )
    if left := reasons[Reason.OVERLOADED]:
        message = (
            f"{left} of {reasons.total()} scores were not reached before the deadline; send the"
            " same again (what workers scored is remembered), or less, or a longer X-Deadline-Ms"
        )
        raise ShedError(ShedReason.OVERLOADED, message, wait_s=max(SOON_S, backlog_s))
