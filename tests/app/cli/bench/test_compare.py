"""Results that are saved, read again, printed and compared."""

from __future__ import annotations

import io
import json
import math
import random
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from harmo.app.cli.bench.compare import COMPLETIONS, ratios, spread
from harmo.app.cli.bench.report import comparison, report
from harmo.app.cli.bench.result import Client, Result, Service, Stretch, read_result
from harmo.app.cli.bench.tally import bucket, merged, quantile_s
from harmo.models.documents import DocumentError
from tests.app.cli.bench.loads import load

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def bench(
    *,
    rate: int = 100,
    latency_s: float = 0.1,
    noise: float = 0.05,
    seconds: int = 30,
    **changed: object,
) -> Result:
    """A result of so many requests a second, which vary by this share from second to second."""
    rng = random.Random(f"{rate} {latency_s}")
    stretches = []
    for _ in range(seconds):
        n = round(rate * rng.uniform(1 - noise, 1 + noise))
        taken = [bucket(latency_s * rng.uniform(1 - noise, 1 + noise)) for _ in range(n)]
        counts = {each: taken.count(each) for each in set(taken)}
        stretches.append(Stretch(requests=n, completions=6 * n, latencies=counts))
    total = sum(stretch.requests for stretch in stretches)
    latencies = merged(Counter(stretch.latencies) for stretch in stretches)
    fields: dict[str, object] = {
        "began": "2026-11-30T00:00:00+00:00",
        "service": Service(
            url="http://box:8000",
            version="0.1.0",
            recipe="math",
            recipe_version="sha256:1",
            scorer_version="sha256:2",
        ),
        "client": Client(version="0.1.0", python="3.11.7", cpu_share=0.2),
        "settings": load(duration_s=float(seconds)),
        "interrupted": False,
        "measured_s": float(seconds),
        "requests": total,
        "groups": 2 * total,
        "distinct_groups": None,
        "completions": 6 * total,
        "tokens": 360 * total,
        "failed": 0,
        "unsent": 0,
        "retries": 0,
        "statuses": {"200": total},
        "unscored": {},
        "sent_bytes": 1 << 20,
        "received_bytes": 1 << 20,
        "latency_s": {
            "mean": latency_s,
            **{name: quantile_s(latencies, q) for name, q in PERCENTILES.items()},
            "max": latency_s * (1 + noise),
        },
        "late_p99_s": None,
        "stretch_s": 1.0,
        "stretches": stretches,
    }
    return Result.model_validate({**fields, **changed})


def edited(**changed: object) -> str:
    """A saved result that somebody changed."""
    return json.dumps({**json.loads(bench(seconds=5).model_dump_json()), **changed})


def shown(what: RenderableType) -> str:
    file = io.StringIO()
    Console(width=80, file=file).print(what, highlight=False)
    return file.getvalue()


def test_twice_as_fast_is_better_and_noise_is_noise() -> None:
    found = {ratio.name: ratio for ratio in ratios(bench(), bench(rate=200, latency_s=0.1001))}
    faster = found[COMPLETIONS]
    assert faster.value == pytest.approx(2.0, rel=0.05)
    assert faster.low is not None
    assert faster.high is not None
    assert 1.8 < faster.low < faster.value < faster.high < 2.2
    assert faster.is_noise is False
    assert found["p50"].is_noise is True


def test_the_noisier_a_bench_the_wider_its_spread() -> None:
    results = [bench(noise=noise) for noise in (0.02, 0.8)]
    (calm_low, calm_high), (low, high) = (spread(each)[COMPLETIONS] for each in results)
    assert high - low > 5 * (calm_high - calm_low)
    assert calm_low < results[0].per_s(results[0].completions) < calm_high


def test_of_a_few_seconds_no_spread_is_claimed() -> None:
    assert spread(bench(seconds=4)) == {}
    found = ratios(bench(seconds=4), bench())
    assert {ratio.is_noise for ratio in found} == {None}
    assert "too short to tell" in shown(comparison(bench(seconds=4), bench(), ("a", "b")))


def test_a_comparison_says_what_is_better_and_what_is_not_the_same() -> None:
    other = bench(rate=200, latency_s=0.2, settings=load(groups=9, seed=1))
    text = shown(comparison(bench(), other, ("before", "after")))
    assert "before" in text
    assert [line.split()[-1] for line in text.splitlines() if line.startswith(("comp", "p50"))] == [
        "better",
        "worse",
    ]
    assert "they were asked differently: groups 2, then 9" in text
    assert "seed" not in text


def test_with_a_bench_that_scored_nothing_there_is_no_ratio() -> None:
    none = {"requests": 0, "completions": 0, "stretches": [], "latency_s": {}}
    nothing = bench().model_copy(update=none)
    for pair in ((nothing, bench()), (bench(), nothing)):
        assert ratios(*pair) == []
        assert "nothing was scored" in shown(comparison(*pair, ("a", "b")))


def test_a_saved_result_is_the_same_when_it_is_read(tmp_path: Path) -> None:
    saved = tmp_path / "a.json"
    saved.write_text(bench().model_dump_json())
    assert read_result(saved) == bench()
    assert json.loads(saved.read_text())["settings"]["groups"] == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no result of `harmo bench --json`"),
        ('{"requests": 3}', "began: "),
        ("[]", "no result"),
        (edited(measured_s=0), "measured_s: "),
        (edited(measured_s=math.nan), "measured_s: "),
        (edited(stretch_s=0), "stretch_s: "),
        (edited(harmo_bench=2), "harmo_bench: Input should be 1"),
        (edited(stretches=[{"requests": 1, "completions": 1, "latencies": {99999: 1}}]), "99999"),
    ],
)
def test_a_file_that_is_no_result_is_named(tmp_path: Path, text: str, why: str) -> None:
    saved = tmp_path / "a.json"
    saved.write_text(text)
    with pytest.raises(DocumentError, match=r"a\.json: ") as error:
        read_result(saved)
    assert why in str(error.value)


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ({"client": Client(version="0", python="3", cpu_share=0.97)}, "the client was busy"),
        ({"requests": 0, "completions": 0}, "nothing was scored"),
        ({"completions": 90, "unscored": {"no_reference": 90}}, "nothing was scored"),
        ({"completions": 90, "unscored": {"no_reference": 9}}, "what went unscored may have cost"),
        ({"interrupted": True}, "interrupted"),
        ({"distinct_groups": 50}, "the file's 50 groups were sent again and again"),
        ({"statuses": {"200": 3000, "429": 40}}, "--retry does"),
        ({"settings": load(rate=9.0), "late_p99_s": 0.7}, "requests began late"),
        ({"settings": load(rate=9.0), "unsent": 120}, "120 requests were due and never began"),
    ],
)
def test_what_makes_a_result_doubtful_is_said(changed: dict[str, object], warning: str) -> None:
    assert "! " not in shown(report(bench()))
    assert warning in " ".join(shown(report(bench(**changed))).partition("! ")[2].split())


def test_a_report_says_how_it_was_measured_and_what_came_of_it() -> None:
    text = shown(report(bench(unscored={"deadline": 90}, statuses={"200": 3000, "503": 30})))
    for words in (
        *("closed loop", "recipe math", "2 groups of 3 completions", "seed 7", "completions/s ("),
        *("p99", "200: 3000, 503: 30", "1.0% of the tries", "0.5% (deadline: 90)", "20% of a core"),
    ):
        assert words in text, words
    assert "open loop: latency counts from when" in shown(report(bench(settings=load(rate=9.0))))
