"""What trainers are paid that take nothing but numbers: rewards, and stand-ins that are flagged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmo.app.engine import ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.scored import ScoredMembers, ScoredRequest
from harmo.app.trainers.options import OnUnscored, Options
from harmo.rewards.correctness import settle_correctness
from harmo.rewards.plan import INTERACTION, Plan
from harmo.scorers.types import Cause, Family, Reason, Reward, Score

RETRY_AFTER_S = 1
UNKNOWN = 0.5
"""Accuracy of a completion of which nobody knows whether it is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One completion's number, and what is behind it."""

    value: float
    stand_in: bool
    """True where it has no reward, and this is what its trainer gets instead."""
    scores: Sequence[Score]
    contributions: Sequence[float]
    """They sum to the reward; all 0 for a stand-in."""
    accuracy: float | None
    """In [0, 1]: 1.0 right, 0.0 wrong; where that is not known the mean of the siblings of which
    it is, else 0.5. None where the recipe has neither a rule nor a model that knows."""
    complete: bool
    """True if its whole group was here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaid:
    """A completion without a reward, for which nothing may stand."""

    reason: Reason | None


def each_paid(scored: ScoredRequest, options: Options) -> list[Paid | Unpaid]:
    """A finite number for every completion in the order asked, or why there is none.

    Args:
        scored: What the request came to.
        options: Say what a completion without a reward gets.
    """
    found: list[Paid | Unpaid] = []
    for members in scored.groups:
        whole = members.group
        accuracy = _accuracy(scored.plan, whole)
        stand_in = _stand_in(whole.reward.rewards, options)
        for row in members.rows:
            reward = whole.reward.rewards[row]
            value = stand_in if reward.value is None else reward.value
            if value is None:
                found.append(Unpaid(reason=reward.reason))
            else:
                found.append(_number(members, row, value, accuracy[row]))
    return found


def paid(scored: ScoredRequest, options: Options) -> list[Paid]:
    """A finite number for every completion, in the order asked.

    Args:
        scored: What the request came to.
        options: Say what a completion without a reward gets.

    Raises:
        ServiceError: 422, or 503 where it is our fault, if one has no reward and nothing may
            stand for it.
    """
    found = each_paid(scored, options)
    without = [each.reason for each in found if isinstance(each, Unpaid)]
    if without:
        raise _refusal([reason for reason in without if reason], len(found), options)
    return [each for each in found if isinstance(each, Paid)]


def stand_ins(scored: ScoredRequest, options: Options) -> int:
    """For how many of the completions asked about a number stands that is no reward.

    Args:
        scored: What the request came to.
        options: Say what a completion without a reward gets.
    """
    count = 0
    for members in scored.groups:
        without = sum(reward.value is None for reward in members.rewards)
        if without and _stand_in(members.group.reward.rewards, options) is not None:
            count += without
    return count


def _number(members: ScoredMembers, row: int, value: float, accuracy: float | None) -> Paid:
    reward = members.group.reward.rewards[row]
    return Paid(
        value=value,
        stand_in=reward.value is None,
        scores=members.group.scores[row],
        contributions=reward.contributions,
        accuracy=accuracy,
        complete=members.complete,
    )


def _accuracy(plan: Plan, whole: ScoredGroup) -> Sequence[float | None]:
    if not plan.by_family[Family.RULE] and not plan.fitted:
        return [None] * len(whole.scores)
    right = whole.group.correctness or settle_correctness(plan, whole.group, whole.scores)
    known = [each for each in right if each is not None]
    unknown = sum(known) / len(known) if known else UNKNOWN
    return [unknown if each is None else float(each) for each in right]


def _stand_in(rewards: Sequence[Reward], options: Options) -> float | None:
    match options.on_unscored:
        case OnUnscored.VALUE:
            return options.value
        case OnUnscored.GROUP_MEAN:
            known = [reward.value for reward in rewards if reward.value is not None]
            return math.fsum(known) / len(known) if known else None
        case OnUnscored.STOP:
            return None


def _refusal(reasons: Sequence[Reason], total: int, options: Options) -> ServiceError:
    counts = ", ".join(f"{reason} {n}" for reason, n in Counter(reasons).most_common())
    stops = options.on_unscored is OnUnscored.STOP
    why = "on_unscored is stop" if stops else "no sibling has one whose mean could stand for it"
    message = (
        f"{len(reasons)} of {total} completions have no reward ({counts}), and {why}; mend the"
        " cause, or ask for a number of your own with ?on_unscored=value&value=0"
    )
    if any(reason.cause is Cause.SERVICE for reason in reasons):
        return ServiceError(ErrorType.FELL_SHORT, message, retry_after_s=RETRY_AFTER_S)
    return ServiceError(ErrorType.UNSCORED, message)


def columns(plan: Plan, number: Paid) -> Mapping[str, float]:
    """Every column's score by its name, the same names for every completion of a recipe.

    Next to each stands `NAME_ok`: 0.0 where it abstained and its 0.0 is no score.

    Args:
        plan: The recipe.
        number: One completion's.
    """
    shown: dict[str, float] = {}
    for column, score in zip(plan.columns, number.scores, strict=False):
        shown[column.name] = 0.0 if score.value is None else score.value
        shown[f"{column.name}_ok"] = float(score.value is not None)
    return shown


def named(plan: Plan, number: Paid) -> Mapping[str, float]:
    """The reward as `score`, every column's score and flags: all numbers, all names fixed.

    Args:
        plan: The recipe.
        number: One completion's.
    """
    flags = {
        "score": number.value,
        "stand_in": float(number.stand_in),
        "group_complete": float(number.complete),
    }
    known = {} if number.accuracy is None else {"acc": number.accuracy}
    return {**columns(plan, number), **known, **flags}


def contributed(plan: Plan) -> list[str]:
    """What contributions are named by: the columns, and the interaction where there is one.

    Args:
        plan: The recipe.
    """
    names = [column.name for column in plan.columns]
    return [*names, INTERACTION] if plan.interacts else names


def contributions(plan: Plan, number: Paid) -> Mapping[str, float]:
    """What every column gives to the reward, by its name: they sum to it, and are 0 without one.

    Args:
        plan: The recipe.
        number: One completion's.
    """
    return dict(zip(contributed(plan), number.contributions, strict=True))
