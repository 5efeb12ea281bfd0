"""A short soak; `make soak` is the long one, and `SOAK_MINUTES` says how short."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.soak.report import Report
from benchmarks.soak.traffic import Tally
from benchmarks.soak.watch import Sample

ROOT = Path(__file__).parents[2]
MINUTES = float(os.environ.get("SOAK_MINUTES", "0.33"))


LOOK = Sample(
    seconds=1.0, own_mib=1.0, tree_mib=1.0, files=20, processes=4, ready=True, livez_s=0.01
)
STALLS = 'harmo_event_loop_stalls_total{{scorer="{}"}} {}\n'


@pytest.mark.parametrize(
    ("before", "after", "ready", "failures", "why"),
    [
        ("", "", True, 0, "all is well"),
        (STALLS.format("rule.math", "2.0"), STALLS.format("rule.math", "2.0"), True, 0, "older"),
        ("", STALLS.format("rule.math", "1.0"), True, 1, "a scorer held the event loop"),
        ("", STALLS.format("none", "1.0"), True, 0, "the machine stood still"),
        ("", "", False, 1, "probes would have sent everybody away"),
    ],
)
def test_a_soak_fails_on_a_stall_of_ours_and_on_probes_that_fall(
    before: str, after: str, ready: bool, failures: int, why: str
) -> None:
    report = Report(
        minutes=1.0,
        tally=Tally(),
        before=LOOK,
        samples=[LOOK, replace(LOOK, ready=ready)],
        after=LOOK,
        metrics=(before, after),
    )
    assert len(report.failures) == failures, why


@pytest.mark.slow
def test_a_soak_loses_nothing_and_gets_nothing_wrong(tmp_path: Path) -> None:
    report = tmp_path / "soak.md"
    command = [sys.executable, "-m", "benchmarks.soak", "--minutes", f"{MINUTES}"]
    ran = subprocess.run(
        [*command, "--markdown", str(report)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "| lost answers | 0 |" in report.read_text()
