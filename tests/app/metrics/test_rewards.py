"""What `/metrics` says of a scored group."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from harmo.app.metrics import Metrics
from harmo.app.metrics.runs import MAX_RUNS, OTHER, ROOM_IDLE_S, RUN_IDLE_S
from harmo.scorers import registry
from harmo.scorers.types import Group, Reason, Reward, Score

COLUMNS = [("answer", "rule.by_task"), ("style", "aspect.format")]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def observe(metrics: Metrics, run: str | None, *answers: Score, split: str = "train") -> None:
    """Count a group with these answers and a style of 0.5, rewarded with the answers."""
    rows = [[answer, Score(value=0.5)] for answer in answers]
    rewards = [Reward(value=a.value, reason=a.reason, scores=(), contributions=()) for a in answers]
    group = Group(id="g", samples=(), size=len(answers), run=run, split=split)
    metrics.observe("math", COLUMNS, group, rows, rewards)


RIGHT, NO_TIME = Score(value=1.0), Score.abstain(Reason.DEADLINE)


def runs_of(metrics: Metrics) -> dict[str, set[str]]:
    """Which metrics have series of a run, by run."""
    found: dict[str, set[str]] = {}
    for family in metrics.registry.collect():
        for sample in family.samples:
            if "run" in sample.labels:
                found.setdefault(sample.labels["run"], set()).add(family.name)
    return found


def test_a_group_is_counted_by_outcome_reason_and_column() -> None:
    metrics = Metrics("0")
    observe(metrics, "exp", RIGHT, RIGHT, NO_TIME)
    observe(metrics, "exp", RIGHT, Score(value=0.0))
    text = metrics.expose().decode()
    of = 'recipe="math",run="exp",split="train"'
    for line in (
        f'harmo_completions_total{{outcome="scored",{of}}} 4.0',
        f'harmo_completions_total{{outcome="unscored",{of}}} 1.0',
        f'harmo_unscored_total{{reason="deadline",{of}}} 1.0',
        f"harmo_groups_total{{{of}}} 2.0",
        f"harmo_zero_variance_groups_total{{{of}}} 1.0",
        f'harmo_reward_bucket{{le="0.0",{of}}} 1.0',
        f'harmo_reward_bucket{{le="+Inf",{of}}} 4.0',
        f"harmo_reward_count{{{of}}} 4.0",
        f"harmo_reward_sum{{{of}}} 3.0",
        f"harmo_reward_above_zero_total{{{of}}} 3.0",
        f"harmo_reward_below_zero_total{{{of}}} 0.0",
        f'harmo_score_bucket{{column="answer",le="1.0",{of}}} 4.0',
        f'harmo_score_bucket{{column="style",le="0.5",{of}}} 5.0',
        f'harmo_score_count{{column="style",{of}}} 5.0',
        f'harmo_score_sum{{column="style",{of}}} 2.5',
    ):
        assert line in labels_sorted(text), line


def labels_sorted(text: str) -> str:
    return re.sub(r"\{(.*?)\}", lambda m: "{" + ",".join(sorted(m[1].split(","))) + "}", text)


@pytest.mark.parametrize(
    ("detail", "scorer", "why"),
    [
        ({}, "rule.by_task", "the column's own"),
        ({"scorer": "rule.math"}, "rule.math", "the one that the task was handed to"),
        ({"scorer": "made up"}, "rule.by_task", "no name that is not registered becomes a label"),
        ({"scorer": ["rule.math"]}, "rule.by_task", "nor what is no name"),
    ],
)
def test_an_abstention_names_the_column_and_who_judged(
    detail: dict[str, object], scorer: str, why: str
) -> None:
    registry.load()
    metrics = Metrics("0")
    abstained = Score.abstain(Reason.UNREADABLE_REFERENCE, **detail)
    observe(metrics, None, abstained, abstained, RIGHT)
    line = (
        'harmo_abstentions_total{cause="request",column="answer",reason="unreadable_reference",'
        f'recipe="math",run="",scorer="{scorer}",split="train"}} 2.0'
    )
    assert line in labels_sorted(metrics.expose().decode()), why


def test_run_labels_are_bounded() -> None:
    metrics = Metrics("0")
    labels = {metrics.runs.label(f"run-{k}") for k in range(MAX_RUNS + 5)}
    assert len(labels) == MAX_RUNS + 1
    assert OTHER in labels
    assert metrics.runs.label("run-0") == "run-0"


def test_every_series_of_a_run_that_is_pushed_out_is_removed() -> None:
    clock = Clock()
    metrics = Metrics("0", clock=clock)
    for k in range(MAX_RUNS):
        observe(metrics, f"run-{k}", RIGHT, NO_TIME)
        observe(metrics, f"run-{k}", RIGHT, split="eval")
    labelled = {m.name for m in metrics.registry.collect() if has_run_label(m.samples)}
    assert runs_of(metrics)["run-0"] == labelled
    assert labelled >= {"harmo_reward", "harmo_score", "harmo_score_below_zero"}
    assert labelled >= {"harmo_abstentions", "harmo_unscored", "harmo_incomplete_groups"}

    clock.now_s = ROOM_IDLE_S
    observe(metrics, "run-0", RIGHT)
    observe(metrics, "newcomer", RIGHT)
    left = {f"run-{k}" for k in range(MAX_RUNS)} - {"run-1"}
    assert set(runs_of(metrics)) == left | {"newcomer"}, "the longest idle made room"
    clock.now_s += ROOM_IDLE_S
    observe(metrics, "run-1", RIGHT)
    assert 'harmo_groups_total{recipe="math",run="run-1",split="train"} 1.0' in (
        metrics.expose().decode()
    )


def has_run_label(samples: Sequence[object]) -> bool:
    return any("run" in sample.labels for sample in samples)  # type: ignore[attr-defined]


def test_an_idle_run_is_gone_from_the_next_scrape() -> None:
    clock = Clock()
    metrics = Metrics("0", clock=clock)
    observe(metrics, "old", RIGHT, NO_TIME)
    observe(metrics, None, RIGHT)
    clock.now_s = RUN_IDLE_S / 2
    observe(metrics, "young", RIGHT)
    clock.now_s = RUN_IDLE_S
    metrics.expose()
    assert set(runs_of(metrics)) == {"young", ""}


def test_a_run_beyond_the_bound_pushes_nobody_out_who_is_active() -> None:
    clock = Clock()
    metrics = Metrics("0", clock=clock)
    for k in range(MAX_RUNS + 2):
        observe(metrics, f"run-{k}", RIGHT)
    assert set(runs_of(metrics)) == {*(f"run-{k}" for k in range(MAX_RUNS)), OTHER}


def test_a_flood_of_run_names_costs_little_and_leaves_few_series() -> None:
    clock = Clock()
    metrics = Metrics("0", clock=clock)
    for k in range(MAX_RUNS):
        observe(metrics, f"run-{k}", RIGHT, NO_TIME)
    removed = []
    remove = metrics.runs._remove
    metrics.runs._remove = lambda labels: removed.append(labels) or remove(labels)  # type: ignore
    for k in range(20_000):
        clock.now_s += ROOM_IDLE_S / 10_000
        metrics.runs.label(f"flood-{k}")
    assert len(removed) <= MAX_RUNS, "at most each label once a minute"
    assert len(metrics.runs._seen_s) == MAX_RUNS
    assert len(metrics.runs._series) <= MAX_RUNS + 1


def test_a_run_called_other_is_never_evicted_with_the_rest() -> None:
    clock = Clock()
    metrics = Metrics("0", clock=clock)
    for k in range(MAX_RUNS + 1):
        observe(metrics, f"run-{k}", RIGHT)
    observe(metrics, OTHER, RIGHT)
    clock.now_s = RUN_IDLE_S
    metrics.expose()
    assert set(runs_of(metrics)) == {OTHER}


def test_a_run_that_comes_back_after_its_eviction_starts_at_zero() -> None:
    clock = Clock()
    metrics = Metrics("0", clock=clock)
    for _ in range(2):
        observe(metrics, "exp", RIGHT, NO_TIME)
        clock.now_s += RUN_IDLE_S
        metrics.expose()
    observe(metrics, "exp", RIGHT, NO_TIME)
    of = {"recipe": "math", "run": "exp", "split": "train", "column": "answer"}
    abstained = of | {"scorer": "rule.by_task", "reason": "deadline", "cause": "service"}
    assert metrics.registry.get_sample_value("harmo_score_count", of) == 1
    assert metrics.registry.get_sample_value("harmo_abstentions_total", abstained) == 1


def test_series_are_bounded_however_many_runs_come() -> None:
    """18 run labels, 2 splits; per column 14 buckets, `_count`, `_sum` and two counters."""
    metrics = Metrics("0")
    for k in range(3 * MAX_RUNS):
        for run in (f"run-{k}", None):
            for split in ("train", "eval"):
                observe(metrics, run, RIGHT, split=split)
    families = {family.name: family.samples for family in metrics.registry.collect()}
    cells = 18 * 2 * len(COLUMNS)
    assert len(families["harmo_score"]) == cells * (14 + 2)
    assert len(families["harmo_score_above_zero"]) == cells
