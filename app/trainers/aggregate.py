"""NeMo-Gym's aggregate metrics: statistics of every number that verified rollouts carry."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

TASK = "_ng_task_index"
"""NeMo-Gym's name for a rollout's place in its dataset."""
MASKED = "mask_sample"
MAX_NUMBER = 1e100
MAX_NAMES, MAX_NAME_CHARS = 512, 256
"""Of numbers that are counted: each comes back five times."""


def aggregated(rollouts: Sequence[Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
    """`group_level_metrics` by task, `agent_metrics` over all rollouts, `key_metrics` of rewards.

    Rollouts without a valid reward count for none of it.

    Args:
        rollouts: Answers of `/verify`.
    """
    valid = [rollout for rollout in rollouts if rollout.get(MASKED) is not True]
    by_task: dict[JsonValue, list[Mapping[str, JsonValue]]] = defaultdict(list)
    for rollout in valid:
        task = rollout.get(TASK)
        by_task[task if isinstance(task, int | str) else None].append(rollout)
    overall = _statistics(valid)
    return {
        "group_level_metrics": [
            {TASK: task, **_statistics(members)} for task, members in by_task.items()
        ],
        "agent_metrics": overall,
        "key_metrics": {name: value for name, value in overall.items() if name == "mean/reward"},
    }


def _statistics(rollouts: Iterable[Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
    numbers: dict[str, list[float]] = defaultdict(list)
    for rollout in rollouts:
        for name, value in rollout.items():
            if isinstance(value, bool) or name.startswith("_ng_"):
                continue
            known = name in numbers or len(numbers) < MAX_NAMES
            if known and len(name) <= MAX_NAME_CHARS and isinstance(value, int | float):
                # Of a size whose sums are finite.
                numbers[name].append(float(max(-MAX_NUMBER, min(MAX_NUMBER, value))))
    found: dict[str, JsonValue] = {}
    for name, values in numbers.items():
        found |= {
            f"mean/{name}": math.fsum(values) / len(values),
            f"max/{name}": max(values),
            f"min/{name}": min(values),
            f"median/{name}": statistics.median(values),
            f"std/{name}": statistics.stdev(values) if len(values) > 1 else 0.0,
        }
    return found
