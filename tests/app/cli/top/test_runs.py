"""What the runs are paid, out of what the service's own metrics write."""

from __future__ import annotations

import pytest

from harmo.app.cli.top.runs import Run, runs
from harmo.app.cli.top.view import View, between, since_start
from harmo.app.metrics import Metrics
from harmo.scorers.types import Group, Reason, Reward, Sample, Score
from tests.app.cli.top.exposed import exposition, scrape

COLUMNS = [("answer", "rule.math"), ("style", "aspect.format")]


def count(metrics: Metrics, rewards: list[float | None], *, run: str = "exp-1") -> None:
    """Have the service's own metrics count a group of the recipe `math`."""
    samples = [Sample(prompt="?", completion="!") for _ in rewards]
    group = Group(id="7", samples=samples, size=len(samples), run=run, split="train")
    abstained = Score.abstain(Reason.NO_REFERENCE)
    scores = [
        [abstained if reward is None else Score(value=reward), Score(value=-1.0)]
        for reward in rewards
    ]
    reasons = [Reason.NO_REFERENCE if reward is None else None for reward in rewards]
    given = [
        Reward(value=reward, reason=reason, scores=row, contributions=[])
        for reward, reason, row in zip(rewards, reasons, scores, strict=True)
    ]
    metrics.observe("math", COLUMNS, group, scores, given)


def looked(before: str, after: str) -> tuple[Run, ...]:
    first, second = scrape(0.0, before), scrape(10.0, after)
    return runs(View([between(first, second)]), View([since_start(second)]))


def test_a_run_has_the_means_and_shares_of_the_window() -> None:
    metrics = Metrics("0")
    count(metrics, [1.0, 1.0, 1.0, 1.0])
    before = metrics.expose().decode()
    count(metrics, [-1.0, 0.5, None, 0.5])
    count(metrics, [0.0, 0.0, None, None])
    (run,) = looked(before, metrics.expose().decode())
    assert run.key == ("math", "exp-1", "train")
    assert run.active
    assert (run.groups_per_s, run.completions_per_s) == (pytest.approx(0.2), pytest.approx(0.8))
    assert run.mean == pytest.approx(0.0)
    assert run.unscored == pytest.approx(3 / 8)
    assert run.reason == "no_reference"
    assert run.zero_variance == pytest.approx(0.5)


def test_a_column_has_its_mean_and_why_it_abstained() -> None:
    metrics = Metrics("0")
    count(metrics, [0.25, 0.75, None, None])
    (run,) = looked("", metrics.expose().decode())
    answer, style = run.columns
    assert (answer.name, answer.mean) == ("answer", pytest.approx(0.5))
    assert (answer.abstained, answer.reason) == (pytest.approx(0.5), "no_reference")
    assert (style.mean, style.abstained, style.reason) == (pytest.approx(-1.0), 0.0, "")


def test_a_run_that_sent_nothing_lately_shows_all_it_ever_sent() -> None:
    metrics = Metrics("0")
    count(metrics, [1.0, 0.0])
    text = metrics.expose().decode()
    (run,) = looked(text, text)
    assert not run.active
    assert (run.groups_per_s, run.mean) == (0.0, pytest.approx(0.5))
    assert run.columns[0].mean == pytest.approx(0.5)


def test_the_busiest_run_comes_first() -> None:
    metrics = Metrics("0")
    count(metrics, [1.0, 0.0], run="gone")
    before = metrics.expose().decode()
    count(metrics, [1.0, 0.0], run="slow")
    for _ in range(3):
        count(metrics, [1.0, 0.0], run="fast")
    found = looked(before, metrics.expose().decode())
    assert [run.run for run in found] == ["fast", "slow", "gone"]


def test_signals_stand_with_the_train_split() -> None:
    found = {run.key: run for run in looked(exposition(100), exposition(200))}
    train = found["visual-math", "exp-42", "train"]
    assert train.signals == {
        "duplicate_siblings_ratio": 0.31,
        "truncated_ratio": 0.04,
        "length_correlation": 0.71,
    }
    similarity, answer, *_ = train.columns
    assert similarity.signals == {"reward_share": 0.18, "model_auc": 0.42, "fooled_ratio": 0.02}
    assert answer.signals == {"reward_share": 0.79}
    other = found["visual-math", "exp-42", "eval"]
    assert (other.signals, other.columns[0].signals) == ({}, {})


def test_of_replicas_that_each_audit_a_run_the_signals_are_averaged() -> None:
    first, second = scrape(0.0, exposition(100)), scrape(10.0, exposition(200))
    span = between(first, second)
    window, always = View([span, span]), View([since_start(second)] * 2)
    run = next(r for r in runs(window, always) if r.key == ("visual-math", "exp-42", "train"))
    assert run.columns[1].signals["reward_share"] == pytest.approx(0.79)
    assert run.groups_per_s == pytest.approx(160.0)
