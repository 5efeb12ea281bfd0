"""A short soak; `make soak` is the long one, and `SOAK_MINUTES` says how short."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MINUTES = float(os.environ.get("SOAK_MINUTES", "0.33"))


@pytest.mark.slow
def test_a_soak_loses_nothing_and_gets_nothing_wrong(tmp_path: Path) -> None:
    report = tmp_path / "soak.md"
    command = [sys.executable, "-m", "benchmarks.soak", "--minutes", f"{MINUTES}"]
    ran = subprocess.run(
        [*command, "--markdown", str(report)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "| lost answers | 0 |" in report.read_text()
