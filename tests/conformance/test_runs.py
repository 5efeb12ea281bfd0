"""The tiny runs that end the pages of TRL, verl and OpenRLHF, pasted and run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import overlays
from tests.conformance.conftest import require

PAGES = overlays.ROOT / "docs" / "trainers"

pytestmark = pytest.mark.conformance


def run(trainer: str, service: int, folder: Path) -> str:
    """What the page's script prints, with the address of a service that runs."""
    require(trainer)
    page = (PAGES / f"{trainer}.md").read_text(encoding="utf-8")
    [script] = re.findall(
        rf"^```python\n# tiny_{trainer}\.py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL
    )
    file = folder / f"tiny_{trainer}.py"
    file.write_text(script.replace("localhost:8000", f"127.0.0.1:{service}"), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, file.name],
        cwd=folder,
        env=overlays.environment(trainer),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    return ran.stdout


@pytest.mark.parametrize("trainer", ["trl", "openrlhf"])
def test_a_policy_learns_from_served_rewards(trainer: str, service: int, tmp_path: Path) -> None:
    printed = run(trainer, service, tmp_path)
    [(first, last)] = re.findall(r"mean reward: (\S+) .*first.*, (\S+) .*last", printed)
    assert float(last) > float(first) + 0.25, printed[-500:]


@pytest.mark.parametrize("trainer", ["verl"])
def test_reward_workers_get_whole_groups_scored(trainer: str, service: int, tmp_path: Path) -> None:
    printed = run(trainer, service, tmp_path)
    rows = re.findall(r"^What is (\d) \+ \d\? \\boxed\{(\d+)\} (\S+)$", printed, re.MULTILINE)
    assert len(rows) == 16, printed
    for number, said, reward in rows:
        right = int(said) == 2 * int(number)
        assert float(reward) == pytest.approx(1.25 if right else 0.25)
    assert "'group_complete': 1.0" in printed
