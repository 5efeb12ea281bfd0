"""Scored groups -> the JSON of the answer."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence

from pydantic_core import to_json

from harmo.app.engine import ScoredGroup
from harmo.app.samples import Received
from harmo.rewards.plan import Plan
from harmo.scorers.types import ZERO_VARIANCE, Reason, Reward, Score

MAX_DETAIL_ITEMS = 128
MAX_DETAIL_CHARS = 2000
INTERACTION = {"name": "combine.interaction", "family": "combine", "shadow": False}


def answer(
    plan: Plan,
    scorer_version: str,
    groups: Sequence[Mapping[str, object]],
    *,
    interaction: bool,
    timings_ms: Mapping[str, float],
) -> bytes:
    """The body of a 200.

    Args:
        plan: The recipe that answered.
        scorer_version: What its numbers depend on besides the recipe.
        groups: One `group_answer` per group, in the order asked.
        interaction: True if contributions have the extra column.
        timings_ms: Wall time by phase.
    """
    columns: list[Mapping[str, object]] = [
        {"name": c.name, "family": c.family.value, "shadow": c.shadow} for c in plan.columns
    ]
    if interaction:
        columns.append(INTERACTION)
    return to_json(
        {
            "recipe": {
                "name": plan.recipe.name,
                "version": plan.version,
                "scorer_version": scorer_version,
            },
            "columns": columns,
            "groups": groups,
            "timings_ms": {phase: round(ms, 3) for phase, ms in timings_ms.items()},
        },
        inf_nan_mode="null",
    )


def group_answer(
    part: Received, scored: ScoredGroup, rows: range, *, explain: bool
) -> dict[str, object]:
    """One group of the answer, for the members of this request.

    Args:
        part: As it came in.
        scored: The whole group.
        rows: Which of its rows are this request's members.
        explain: True to add each score's detail.
    """
    rewards = [scored.reward.rewards[i] for i in rows]
    # The interaction column has a contribution but neither score nor reason.
    extra = [None] if scored.reward.interaction else []
    completions = []
    for completion_id, i, reward in zip(part.ids, rows, rewards, strict=True):
        row = _completion(completion_id, scored.scores[i], reward, extra)
        if explain:
            row["detail"] = _detail(scored.scores[i], reward, part.fault_detail)
        completions.append(row)
    return {
        "id": part.group.id,
        "complete": len(scored.scores) == part.group.size,
        "weights": scored.reward.weights,
        "completions": completions,
        "stats": _stats(scored.reward.rewards),
    }


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


def _detail(scores: Sequence[Score], reward: Reward, fault: str) -> list[Mapping[str, object]]:
    detail = [{str(k): _plain(v, 4) for k, v in score.detail.items()} for score in scores]
    if fault and reward.reason is Reason.UNREADABLE_IMAGE:
        detail = [{**entry, "image": fault} for entry in detail]
    return list(detail)


def _plain(value: object, depth: int) -> object:
    """A detail as JSON can say it: bounded, finite, without surrogates."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping) and depth:
        shown = itertools.islice(value.items(), MAX_DETAIL_ITEMS)
        return {_text(key): _plain(item, depth - 1) for key, item in shown}
    if isinstance(value, list | tuple) and depth:
        return [_plain(item, depth - 1) for item in value[:MAX_DETAIL_ITEMS]]
    return _text(value)


def _text(value: object) -> str:
    return str(value)[:MAX_DETAIL_CHARS].encode(errors="replace").decode()


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
