"""Every panel against a live Prometheus that scrapes a live service under a load.

`python -m pytest tests/deploy/test_dashboards_live.py -s` prints what each panel shows.
"""

from __future__ import annotations

import asyncio
import math
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import httpx
import pytest
import yaml

from tests.deploy.boards import Target, named, substituted, targets
from tests.deploy.prometheus import DEPLOY, PROMETHEUS, SCRAPE_S, Prometheus, scraping
from tests.deploy.traffic import RUNS, Seen, Traffic, settings
from tests.process import serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROMETHEUS is None, reason="needs prometheus (Debian: prometheus)"),
]

WARM_S, LOAD_S, RATE_S, STEP_S = 8.0, 30.0, 20, 5
REWARDS = 2_500
"""Of one run, before and after which its drift is told."""
EMPTY = {
    "overview/Hosted models/GPU memory": "no GPU here: only CUDA devices are counted",
    "overview/Is it up?/Restarts and stalls, last hour/B": "no scorer held the loop for a second",
    "overview/What is turned away?/Workers killed": "no text was hard enough to kill a worker",
    "rewards/Why is there no reward?/Rules that raised": "no completion makes a rule raise",
}
"""Panels, or queries of them, that may show nothing here, and why. They are PromQL all the same."""
Chosen = Mapping[str, Sequence[str]]
EXP_A: Chosen = {"recipe": ["hybrid"], "run": ["exp-a"], "split": ["train"]}
SEVERAL: Chosen = {
    "recipe": ["hybrid", "math"],
    "run": ["exp-a", "exp-b"],
    "split": ["train", "eval"],
    "column": ["answer", "judge", "length", "repetition"],
}
Values = dict[str, list[float]]
"""What a query shows: values over time by the name of the series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A service after its load, and the Prometheus that saw it."""

    prometheus: Prometheus
    seen: Seen
    start_s: float
    end_s: float
    instance: str
    metrics: str

    def show(self, target: Target, chosen: Chosen) -> Values:
        """What Grafana would get for a query over the load."""
        intervals = {
            "rate_interval": f"{RATE_S}s",
            "range": f"{self.end_s - self.start_s:.0f}s",
            "interval": f"{STEP_S}s",
        }
        expr = substituted(target.expr, chosen, **intervals)
        if target.instant:
            series = self.prometheus.at(expr, self.end_s)
        else:
            series = self.prometheus.between(expr, self.start_s, self.end_s, STEP_S)
        shown = {named(target.legend, labels): [v for _, v in values] for labels, values in series}
        assert len(shown) == len(series), f"{target.name}: two series of one name: {series}"
        return shown

    def panel(self, name: str, chosen: Chosen = EXP_A) -> Values:
        """All queries of a panel, found by `board/row/panel`."""
        found = [each for each in targets() if each.name.rpartition("/")[0] == name]
        assert found, name
        return {
            series: values for each in found for series, values in self.show(each, chosen).items()
        }


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("live")
    config = folder / "harmo.yaml"
    config.write_text(yaml.safe_dump(settings(folder)))
    with serving("--config", str(config)) as port, scraping(port, folder) as prometheus:
        traffic = Traffic(port)
        asyncio.run(traffic.mishaps())
        asyncio.run(traffic.steps(WARM_S))
        # A counter's growth is told from its first scrape on: what is compared comes after it.
        time.sleep(3 * SCRAPE_S)
        start_s = time.time() - 1.5 * SCRAPE_S
        seen = asyncio.run(both(traffic))
        time.sleep(3 * SCRAPE_S)
        yield Watched(
            prometheus=prometheus,
            seen=seen,
            start_s=start_s,
            end_s=time.time() - SCRAPE_S / 2,
            instance=f"127.0.0.1:{port}",
            metrics=httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text,
        )


async def both(traffic: Traffic) -> Seen:
    """The load, and mishaps in the middle and near its end."""

    async def mishaps() -> None:
        for _ in range(2):
            await asyncio.sleep(LOAD_S * 0.4)
            await traffic.mishaps()

    seen, _ = await asyncio.gather(traffic.steps(LOAD_S, rewards=REWARDS), mishaps())
    return seen


@pytest.mark.parametrize("chosen", [{}, EXP_A, SEVERAL], ids=["all", "one-run", "several"])
def test_every_query_returns_data_that_makes_sense(watched: Watched, chosen: Chosen) -> None:
    wrong, lines = [], []
    for target in targets():
        shown = watched.show(target, chosen)
        lines += [line(target, name, values) for name, values in shown.items()] or [
            line(target, "(nothing)", [])
        ]
        wrong += [f"{target.name}: {why}" for why in faults(target, shown)]
    if not chosen:
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert wrong == []


def faults(target: Target, shown: Values) -> Iterator[str]:
    """What is wrong with what a query shows."""
    if not shown and not any(target.name.startswith(name) for name in EMPTY):
        yield "nothing"
    for name, values in shown.items():
        if not all(map(math.isfinite, values)):
            yield f"{name}: {values}"
        if not name.strip(" :"):
            yield "a series without a name"
        if target.unit == "percentunit" and "reward_share" not in target.expr:
            yield from (f"{name}: a share of {value}" for value in values if not 0 <= value <= 1)
        if target.unit in ("s", "bytes", "reqps", "cps"):
            yield from (f"{name}: {value}" for value in values if value < 0)


def line(target: Target, name: str, values: Sequence[float]) -> str:
    """A row of what a person reads: panel, query, series, last value, and its range."""
    last = f"{values[-1]:.6g}" if values else "-"
    span = f"{min(values):.4g} .. {max(values):.4g}" if len(values) > 1 else ""
    where = f"{target.board} | {target.row[:22]} | {target.panel} | {target.ref}"
    return f"{where:<84} | {name:<44} | {last:>12} {target.unit:<12} | {span}"


def test_the_mean_and_the_spread_of_rewards_are_those_of_the_answers(watched: Watched) -> None:
    rewards = watched.seen.rewards["hybrid", "exp-a", "train"]
    row = "rewards/The selected runs, over the whole time range"
    (mean,) = watched.panel(f"{row}/Mean reward").values()
    (spread,) = watched.panel(f"{row}/Spread of rewards").values()
    assert mean == pytest.approx([statistics.fmean(rewards)], abs=1e-6)
    assert spread == pytest.approx([statistics.pstdev(rewards)], abs=1e-6)


def test_ratios_are_those_of_the_answers(watched: Watched) -> None:
    run = ("hybrid", "exp-a", "train")
    unscored, scored = watched.seen.unscored[run], len(watched.seen.rewards[run])
    row = "rewards/The selected runs, over the whole time range"
    (shown,) = watched.panel(f"{row}/Unscored").values()
    (completions,) = watched.panel(f"{row}/Completions").values()
    assert shown == pytest.approx([unscored / (unscored + scored)], abs=1e-6)
    assert completions == pytest.approx([unscored + scored], rel=0.1)


def test_rates_are_those_of_the_load(watched: Watched) -> None:
    (requests,) = watched.panel("overview/At a glance/Requests / s", {}).values()
    asked = watched.seen.statuses.total() / watched.seen.took_s
    assert statistics.median(requests) == pytest.approx(asked, rel=0.4)
    by_status = watched.panel("overview/What is turned away?/Answers by status", {})
    assert {"200", "401", "429"} <= by_status.keys()
    reasons = watched.panel("overview/What is turned away?/Turned away by reason", {})
    assert max(reasons["completions"]) > 0


def test_shares_of_the_reward_sum_to_one_and_the_shadow_has_none(watched: Watched) -> None:
    shares = watched.panel("rewards/What is the policy paid for?/Who makes the reward", {})
    sums: defaultdict[str, float] = defaultdict(float)
    for name, (value,) in shares.items():
        sums[name.partition(": ")[2]] += value
    assert sums == pytest.approx(dict.fromkeys({recipe for (recipe, _, _), _ in RUNS}, 1.0))
    assert shares.get("repetition: hybrid", [0.0]) == [0.0]


def test_every_rule_is_evaluated_and_only_what_happened_fires(watched: Watched) -> None:
    rules = watched.prometheus.rules()
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    firing = {rule["name"] for rule in rules if rule.get("state") == "firing"}
    # On a crowded machine the event loop may stand still; nothing else happened.
    assert firing - {"HarmoEventLoopStalls"} == {"HarmoBadReferences"}


def test_every_metric_used_exists_and_every_metric_is_used(watched: Watched) -> None:
    exposed = {
        name
        for name in re.findall(r"^# TYPE (harmo_\w+) ", watched.metrics, re.MULTILINE)
        if not name.endswith("_created")
    }
    rules = "".join((DEPLOY / name).read_text() for name in ("alerts.yml", "means.yml"))
    queries = rules + "".join(target.expr for target in targets())
    written = set(re.findall(r"\bharmo_\w+", queries))
    used = {re.sub(r"_(bucket|count|sum)$", "", name) for name in written}
    assert used <= exposed
    assert exposed <= used
    assert Counter(target.name for target in targets()).most_common(1)[0][1] == 1
