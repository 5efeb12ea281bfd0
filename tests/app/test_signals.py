"""What `/metrics` says of the audit signals: of which runs, how fresh, in how much memory."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from harmo.app.engine import ScoredGroup
from harmo.app.hosting import Hosting
from harmo.app.metrics.runs import MAX_RUNS, OTHER, ROOM_IDLE_S, RUN_IDLE_S, Runs
from harmo.app.settings import Settings
from harmo.app.signals import FRESH_S, Signals
from harmo.rewards.combine import combine
from harmo.rewards.plan import Plan
from harmo.rewards.signals.siblings import MIN_GROUPS
from harmo.scorers.types import Group, Reason, Sample
from tests.app.clock import Clock
from tests.app.fakes import FakeRewardModel
from tests.app.serving import Serving, body, group
from tests.rewards import tables

PLAN = tables.plan(columns="mrals")
"""A model, a rule, an aspect, a length term and a shadow column; the recipe is called `t`."""
MIXED = [[0.9, 1.0, 0.5, 0.0, 1.0], [0.1, 0.0, 0.5, 0.0, 0.0]]
SIGNALS = {
    "groups": [],
    "reward_share": ["column"],
    "model_auc": ["column"],
    "fooled_ratio": ["column"],
    "length_correlation": ["column"],
    "duplicate_siblings_ratio": [],
    "truncated_ratio": [],
    "abstained_ratio": ["column"],
    "drift": ["column"],
    "shadow_correlation": ["column"],
}


class Watching:
    """The signals of some runs, fed by hand, at a time of the test's own."""

    def __init__(self, **options: int) -> None:
        self.clock = Clock()
        self.registry = CollectorRegistry()
        self.runs = Runs(self.registry, clock=self.clock)
        self.signals = Signals(self.runs, clock=self.clock, **options)
        self.registry.register(self.signals)

    def score(
        self,
        table: Sequence[Sequence[float | Reason]] = MIXED,
        *,
        run: str | None = "exp",
        split: str = "train",
        times: int = 1,
        plan: Plan = PLAN,
    ) -> None:
        samples = tuple(
            Sample(completion=f"answer {i}", num_tokens=10 * len(table) - i)
            for i in range(len(table))
        )
        asked = Group(id="g", samples=samples, size=len(samples), run=run, split=split)
        answer = combine(plan, asked, tables.rows(table))
        for _ in range(times):
            self.signals.add(plan, ScoredGroup(group=asked, scores=[], reward=answer))

    def value(self, signal: str, **labels: str) -> float | None:
        labels = {"recipe": "t", "run": "exp"} | labels
        return self.registry.get_sample_value(f"harmo_signal_{signal}", labels)

    def watched(self) -> set[str]:
        """The runs that have signals."""
        samples = [s for m in self.signals.collect() for s in m.samples]
        return {sample.labels["run"] for sample in samples}


def test_a_group_of_groups_comes_out_as_worked_out_by_hand() -> None:
    watching = Watching()
    watching.score(times=MIN_GROUPS * 2)
    shares = {"m0": 0.4 / 1.4, "r0": 1.0 / 1.4, "a0": 0.0, "l0": 0.0}
    for column, share in shares.items():
        assert watching.value("reward_share", column=column) == pytest.approx(share)
    assert watching.value("reward_share", column="s0") is None, "a shadow column pays nothing"
    assert watching.value("groups") == 32
    assert watching.value("model_auc", column="m0") == 1.0
    assert watching.value("fooled_ratio", column="m0") == 0.0
    assert watching.value("length_correlation", column="m0") == 1.0
    assert watching.value("length_correlation", column="reward") == 1.0
    assert watching.value("length_correlation", column="a0") is None, "it is constant"
    assert watching.value("shadow_correlation", column="s0") == 1.0
    assert watching.value("duplicate_siblings_ratio") == 0.0
    assert watching.value("truncated_ratio") == 0.0
    assert watching.value("abstained_ratio", column="r0") == 0.0
    assert watching.value("drift", column="m0") is None, "too few scores"


def test_names_and_labels_are_those_that_dashboards_read() -> None:
    watching = Watching()
    found = {metric.name: metric for metric in watching.signals.describe()}
    assert set(found) == {f"harmo_signal_{signal}" for signal in SIGNALS}
    watching.score([[1.0, 1.0, 0.5, 0.0, 0.0], [0.0, 0.0, 0.4, -0.5, 1.0]] * 32, times=64)
    for metric in watching.signals.collect():
        own = SIGNALS[metric.name.removeprefix("harmo_signal_")]
        assert metric.type == "gauge"
        assert metric.samples, metric.name
        assert all(set(s.labels) == {"recipe", "run", *own} for s in metric.samples), metric.name


def test_promtool_finds_nothing_to_object_to() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool (Debian: prometheus)")
    watching = Watching()
    watching.score(times=MIN_GROUPS)
    exposed = b"\n".join(
        line for line in generate_latest(watching.registry).splitlines() if b"harmo_signal" in line
    )
    found = subprocess.run(
        [promtool, "check", "metrics"], input=exposed + b"\n", capture_output=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")


def test_too_few_groups_say_how_many_they_are_and_nothing_else() -> None:
    watching = Watching()
    watching.score(times=MIN_GROUPS - 1)
    samples = [s for metric in watching.signals.collect() for s in metric.samples]
    assert [(s.name, s.value) for s in samples] == [("harmo_signal_groups", MIN_GROUPS - 1)]


NOT_WATCHED = [
    ({"split": "eval"}, "an evaluation trains nobody"),
    ({"run": OTHER}, "several policies have no reward in common"),
    ({"table": []}, "an empty group"),
]


@pytest.mark.parametrize(("fields", "why"), NOT_WATCHED, ids=[row[1] for row in NOT_WATCHED])
def test_what_is_not_watched(fields: dict[str, str], why: str) -> None:
    watching = Watching()
    watching.score(**fields)
    assert watching.watched() == set(), why


def test_requests_without_a_run_are_watched_together() -> None:
    watching = Watching()
    watching.score(run=None)
    assert watching.watched() == {""}


def test_a_run_beyond_the_bound_is_not_watched() -> None:
    watching = Watching()
    for k in range(MAX_RUNS + 3):
        watching.score(run=f"run-{k}")
    assert watching.watched() == {f"run-{k}" for k in range(MAX_RUNS)}


def test_a_run_that_loses_its_label_loses_its_window() -> None:
    watching = Watching()
    for k in range(MAX_RUNS):
        watching.score(run=f"run-{k}")
    watching.clock.now_s = ROOM_IDLE_S
    watching.score(run="newcomer")
    assert watching.watched() == {*(f"run-{k}" for k in range(1, MAX_RUNS)), "newcomer"}
    watching.clock.now_s = RUN_IDLE_S
    watching.runs.evict_idle()
    assert watching.watched() == {"newcomer"}
    watching.clock.now_s += RUN_IDLE_S
    watching.runs.evict_idle()
    assert watching.watched() == set()
    assert watching.signals.bytes == 0
    watching.score(run="run-3")
    assert watching.value("groups", run="run-3") == 1.0, "it begins anew"


def test_a_recipe_that_was_loaded_anew_begins_anew() -> None:
    watching = Watching()
    watching.score(times=3)
    watching.score(MIXED, plan=tables.plan(columns="mrals", combine="gate"))
    assert watching.value("groups") == 1.0


def test_signals_are_worked_out_anew_when_groups_came_and_some_seconds_went_by() -> None:
    watching = Watching()
    watching.score(times=3)
    assert watching.value("groups") == 3.0
    watching.score()
    assert watching.value("groups") == 3.0, "two scrapes in a row cost one"
    watching.clock.now_s += FRESH_S
    assert watching.value("groups") == 4.0
    (_, before), *_ = watching.signals._audits()
    watching.clock.now_s += FRESH_S
    (_, after), *_ = watching.signals._audits()
    assert after is before, "nothing came"


def test_all_windows_together_are_bounded() -> None:
    watching = Watching(max_bytes=1 << 20)
    plans = [
        replace(PLAN, recipe=PLAN.recipe.model_copy(update={"name": f"t{k}"})) for k in range(3)
    ]
    for plan in plans:
        for k in range(MAX_RUNS + 1):
            run = f"run-{k}" if k < MAX_RUNS else None
            watching.score(MIXED * 32, run=run, plan=plan, times=12)
            assert watching.signals.bytes <= 1 << 20
    groups = watching.value("groups", recipe="t2", run="run-3")
    assert groups is not None
    assert 1 <= groups < 12, "each window is short, none is gone"


HOSTILE = [
    ([[1e12, 1.0, 0.5, 0.0, 0.0], [-1e12, 0.0, 0.5, 0.0, 0.0]], "the largest scores"),
    ([[5e-324, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -5e-324, 0.0, 0.0]], "the smallest"),
    ([[tables.DEADLINE] * 5] * 4, "nothing was scored"),
    ([[0.5, 1.0, tables.DEADLINE, 0.0, tables.NO_REF], [0.1, 0.0, 0.5, 0.0, 0.1]], "gaps"),
    ([[0.5, 1.0, 0.5, 0.0, 0.0]], "groups of one"),
    ([[0.5, 1.0, 0.5, 0.0, 0.0]] * 8, "all alike"),
    ([[1.0 * (i % 7), 1.0 * (i % 2), 0.5, 0.0, 0.0] for i in range(4096)], "4,096 siblings"),
]
RANGES = {
    "groups": (0, 256),
    "reward_share": (-10, 10),
    "length_correlation": (-1, 1),
    "shadow_correlation": (-1, 1),
    "drift": (0, 100),
}


@pytest.mark.parametrize(("table", "why"), HOSTILE, ids=[row[1] for row in HOSTILE])
def test_whatever_comes_every_value_is_finite_and_in_its_range(
    table: list[list[float | Reason]], why: str
) -> None:
    watching = Watching()
    watching.score(table, times=MIN_GROUPS * 2)
    watching.score(MIXED, times=2)
    for metric in watching.signals.collect():
        least, most = RANGES.get(metric.name.removeprefix("harmo_signal_"), (0, 1))
        for sample in metric.samples:
            assert least <= sample.value <= most, (sample, why)


def test_scrapes_on_other_threads_disturb_nobody() -> None:
    watching = Watching()
    done = threading.Event()
    faults: list[str] = []

    def scrape() -> None:
        while not done.is_set():
            watching.clock.now_s += FRESH_S
            for metric in watching.signals.collect():
                faults.extend(str(s) for s in metric.samples if s.value != s.value)

    threads = [threading.Thread(target=scrape) for _ in range(2)]
    for thread in threads:
        thread.start()
    for k in range(2_000):
        watching.score(run=f"run-{k % 8}")
        if k % 50 == 0:
            watching.signals.forget(f"run-{k % 8}")
    done.set()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert faults == []


async def test_a_service_says_what_its_model_pays_for() -> None:
    """The fake model scores by length: reward and score go with it, whatever is right."""
    settings = Settings(workers=1)
    hosting = Hosting(models={"fake": FakeRewardModel("fake")})
    asked = [group("a", "ab", "abc", "abc", id=str(k)) for k in range(MIN_GROUPS)]
    async with Serving(settings, hosting) as http:
        for split in ("train", "eval"):
            sent = body(*asked, recipe="model", run="exp", split=split)
            assert (await http.post("/score", json=sent)).status_code == 200
        exposed = (await http.get("/metrics")).text
    for line in (
        'harmo_signal_groups{recipe="model",run="exp"} 16.0',
        'harmo_signal_reward_share{column="model.fake",recipe="model",run="exp"} 1.0',
        'harmo_signal_length_correlation{column="model.fake",recipe="model",run="exp"} 1.0',
        'harmo_signal_length_correlation{column="reward",recipe="model",run="exp"} 1.0',
        'harmo_signal_duplicate_siblings_ratio{recipe="model",run="exp"} 0.5',
        'harmo_signal_abstained_ratio{column="model.fake",recipe="model",run="exp"} 0.0',
    ):
        assert line in exposed, line
    assert "harmo_signal_model_auc{" not in exposed, "no rule says what is right"
