"""A box that does not come up: it says why, and nothing of it is left."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

pytest.importorskip("ray.serve", reason="Ray is not installed: pip install 'harmo[ray]'")

from tests.deploy.ray_box import Box, alive, starting, until


def ended(it: Box) -> int:
    """Its exit code, once nothing that was seen of it runs."""
    seen: set[psutil.Process] = set()
    stop_s = time.monotonic() + 240
    while alive(it.process):
        assert time.monotonic() < stop_s, it.said()
        seen.update(it.processes())
        time.sleep(0.1)
    assert len(seen) > 5
    until(lambda: not any(map(alive, seen)), "all processes gone")
    return it.process.wait(10) or 0


def test_a_model_that_is_not_there_is_named_in_one_sentence(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with starting("--recipe", "math", "--model", f"rm={nowhere}") as it:
        assert ended(it) == 2
        (said,) = [line for line in it.said().splitlines() if line.startswith("harmo: ")]
    assert said.startswith("harmo: model-rm: ")
    assert str(nowhere) in said


def test_who_is_told_to_end_while_it_starts_does() -> None:
    with starting("--recipe", "math") as it:
        until(lambda: "Started Serve" in it.said(), "Serve")
        it.process.terminate()
        assert ended(it) != 0
        assert "ready url" not in it.said()
