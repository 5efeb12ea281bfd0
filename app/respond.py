"""Scored requests -> the JSON of POST /score's answer."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence

from pydantic_core import to_json

from harmo.app.scored import ScoredMembers, ScoredRequest
from harmo.rewards.plan import INTERACTION
from harmo.scorers.types import ZERO_VARIANCE, Reason, Reward, Score

MAX_DETAIL_ITEMS = 128
MAX_DETAIL_CHARS = 8000
MAX_EVIDENCE_CHARS = 32 << 20
"""Of one answer, over all its details: what comes after is left out."""
ENTRY_CHARS = 16
_LEFT_OUT = {"left_out": f"evidence beyond {MAX_EVIDENCE_CHARS} characters; ask for less at once"}
_INTERACTION = {"name": INTERACTION, "family": "combine", "shadow": False}


def body(scored: ScoredRequest, *, explain: bool = False) -> bytes:
    """The body of a 200.

    Args:
        scored: What the request came to.
        explain: True to add each score's detail.
    """
    room = Evidence()
    return as_json(
        {
            "recipe": recipe(scored),
            "columns": columns(scored),
            "groups": [group(members, explain=explain, room=room) for members in scored.groups],
            "timings_ms": {p: round(1000 * spent, 3) for p, spent in scored.seconds.items()},
        }
    )


def recipe(scored: ScoredRequest) -> dict[str, str]:
    """Which recipe gave the rewards, and what its numbers depend on."""
    return {
        "name": scored.plan.recipe.name,
        "version": scored.plan.version,
        "scorer_version": scored.scorer_version,
    }


def as_json(value: object) -> bytes:
    """Strict JSON; numbers are finite by now."""
    return to_json(value, inf_nan_mode="null")


def columns(scored: ScoredRequest) -> list[Mapping[str, object]]:
    """The columns that the vectors of every completion line up with."""
    shown: list[Mapping[str, object]] = [
        {"name": c.name, "family": c.family.value, "shadow": c.shadow} for c in scored.plan.columns
    ]
    if any(members.group.reward.interaction for members in scored.groups):
        shown.append(_INTERACTION)
    return shown


class Evidence:
    """What room is left for evidence in one answer."""

    def __init__(self) -> None:
        self.chars = MAX_EVIDENCE_CHARS

    def text(self, value: object) -> str:
        """What a value says, without surrogates and as far as there is room."""
        shown = str(value)[: max(0, min(MAX_DETAIL_CHARS, self.chars))]
        self.chars -= len(shown) + ENTRY_CHARS
        return shown.encode(errors="replace").decode()


def group(
    members: ScoredMembers, *, explain: bool, room: Evidence | None = None
) -> dict[str, object]:
    """One group of the answer, for the members that came with the request."""
    whole, room = members.group, room or Evidence()
    # The interaction column has a contribution but neither score nor reason.
    extra = [None] if whole.reward.interaction else []
    completions = []
    for completion_id, i in zip(members.received.ids, members.rows, strict=True):
        reward = whole.reward.rewards[i]
        row = _completion(completion_id, whole.scores[i], reward, extra)
        if explain:
            row["detail"] = _detail(whole.scores[i], reward, members.received.fault_detail, room)
        completions.append(row)
    shown: dict[str, object] = {
        "id": members.received.group.id,
        "complete": members.complete,
        "weights": whole.reward.weights,
        "completions": completions,
        "stats": _stats(whole.reward.rewards),
    }
    if members.received.shortfall is not None:
        shown["note"] = members.received.shortfall.note
    return shown


def _completion(
    completion_id: str, scores: Sequence[Score], reward: Reward, extra: list[None]
) -> dict[str, object]:
    return {
        "id": completion_id,
        "reward": reward.value,
        "reason": reward.reason,
        "scores": [s.value for s in scores] + extra,
        "confidences": [None if s.value is None else s.confidence for s in scores] + extra,
        "contributions": reward.contributions,
        "reasons": [s.reason for s in scores] + extra,
    }


def _detail(
    scores: Sequence[Score], reward: Reward, fault: str, room: Evidence
) -> list[Mapping[str, object]]:
    detail = [_evidence(score, room) for score in scores]
    if fault and reward.reason is Reason.UNREADABLE_IMAGE:
        detail = [{**entry, "image": fault} for entry in detail]
    return detail


def _evidence(score: Score, room: Evidence) -> Mapping[str, object]:
    if room.chars <= 0:
        return _LEFT_OUT
    return {str(k): _plain(v, 4, room) for k, v in score.detail.items()}


def _plain(value: object, depth: int, room: Evidence) -> object:
    """A detail as JSON can say it: bounded, finite, without surrogates."""
    if value is None or isinstance(value, bool | int):
        room.chars -= ENTRY_CHARS
        return value
    if isinstance(value, float):
        room.chars -= ENTRY_CHARS
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping) and depth:
        shown = itertools.islice(value.items(), _items(room))
        return {room.text(key): _plain(item, depth - 1, room) for key, item in shown}
    if isinstance(value, list | tuple) and depth:
        return [_plain(item, depth - 1, room) for item in value[: _items(room)]]
    return room.text(value)


def _items(room: Evidence) -> int:
    return MAX_DETAIL_ITEMS if room.chars > 0 else 0


def _stats(rewards: Sequence[Reward]) -> dict[str, object]:
    values = [reward.value for reward in rewards if reward.value is not None]
    several = len(values) > 1
    return {
        "scored": len(values),
        "mean": statistics.fmean(values) if values else None,
        "std": _std(values) if several else None,
        "zero_variance": max(values) - min(values) < ZERO_VARIANCE if several else None,
    }


def _std(values: Sequence[float]) -> float:
    mean = statistics.fmean(values)
    return float((sum((v - mean) * (v - mean) for v in values) / (len(values) - 1)) ** 0.5)
