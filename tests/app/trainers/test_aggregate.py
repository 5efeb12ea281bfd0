"""NeMo-Gym's aggregate metrics."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import JsonValue

from harmo.app.respond import as_json
from harmo.app.trainers.aggregate import MAX_NAMES, aggregated

Rollout = dict[str, JsonValue]


def test_every_number_is_averaged_over_all_and_by_task() -> None:
    rollouts: list[Rollout] = [
        {"_ng_task_index": 0, "reward": 1.0, "harmo/answer": 1, "reward_components": {"a": 1.0}},
        {"_ng_task_index": 0, "reward": 0.0, "harmo/answer": 0, "text": "x", "flag": True},
        {"_ng_task_index": 1, "reward": 0.5},
    ]
    got: Any = aggregated(rollouts)
    assert got["key_metrics"] == {"mean/reward": 0.5}
    assert got["agent_metrics"]["mean/harmo/answer"] == 0.5
    assert got["agent_metrics"]["std/reward"] == 0.5
    assert {name.partition("/")[2] for name in got["agent_metrics"]} == {"reward", "harmo/answer"}
    first, second = got["group_level_metrics"]
    assert (first["_ng_task_index"], first["mean/reward"], first["max/reward"]) == (0, 0.5, 1.0)
    assert (second["_ng_task_index"], second["mean/reward"], second["std/reward"]) == (1, 0.5, 0.0)


def test_a_rollout_that_is_masked_counts_for_nothing() -> None:
    got: Any = aggregated([{"reward": 1.0}, {"reward": 0.0, "mask_sample": True}])
    assert got["key_metrics"] == {"mean/reward": 1.0}


@pytest.mark.parametrize(
    ("rollouts", "why"),
    [
        ([], "nothing"),
        ([{}], "no number"),
        ([{"reward": 1e308}, {"reward": 1e308}], "sums beyond all floats"),
        ([{"reward": 10**400}, {"reward": -(10**400)}], "whole numbers beyond all floats"),
        ([{"reward": 5e-324}, {"reward": -5e-324}], "the least there is"),
        ([{"_ng_task_index": {"a": 1}, "reward": 1}], "a task of no kind"),
        ([{"_ng_task_index": True, "reward": 1}], "another"),
        ([{"reward": None, "mask_sample": "yes"}], "fields of no kind"),
    ],
)
def test_every_statistic_is_finite(rollouts: list[Rollout], why: str) -> None:
    got: Any = aggregated(rollouts)
    assert b"null" not in as_json({**got, "group_level_metrics": []}), why
    for metrics in (got["agent_metrics"], got["key_metrics"], *got["group_level_metrics"]):
        values = [value for name, value in metrics.items() if "/" in name]
        assert all(math.isfinite(value) for value in values), why


def test_names_without_end_come_back_a_few_times() -> None:
    many: Rollout = {f"n{i}": i for i in range(10_000)}
    got: Any = aggregated([many, {"x" * 10_000: 1}])
    assert len(got["agent_metrics"]) == 5 * MAX_NAMES
