"""A live service, a process for each trainer's code, and the table of what came of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import overlays
from tests.conformance.cases import GROUP_SIZE
from tests.conformance.drivers.driving import Row
from tests.conformance.served import RECIPES
from tests.conformance.trainers import TRAINERS
from tests.process import free_port, wait_ready

REQUIRED = bool(os.environ.get("CONFORMANCE"))
"""Set by `make conformance`: then an overlay that is missing is a failure."""


def require(trainer: str) -> None:
    """Skip what needs a trainer's code where it is not here; `make conformance` fails instead."""
    why = overlays.missing(trainer)
    if why is not None:
        (pytest.skip if trainer == "slime" or not REQUIRED else pytest.fail)(why)


class Driver:
    """A trainer's code in a process of its own."""

    def __init__(self, trainer: str) -> None:
        command = [sys.executable, "-m", f"tests.conformance.drivers.{trainer}"]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=overlays.ROOT,
            env=overlays.environment(trainer),
        )

    def __call__(self, base: str, recipe: str, rows: list[Row], **chosen: Any) -> dict[str, Any]:
        """What came of asking for the rewards of these rows."""
        asked = {
            "base": base,
            "recipe": recipe,
            "rows": [asdict(row) for row in rows],
            "group_size": GROUP_SIZE,
            **chosen,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the trainer's process has ended; what it said stands above"
        outcome: dict[str, Any] = json.loads(line)
        return outcome

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="session")
def driver() -> Iterator[Callable[[str], Driver]]:
    """A trainer's process by its name; skipped where its code is not here."""
    running: dict[str, Driver] = {}

    def of(trainer: str) -> Driver:
        require(trainer)
        if trainer not in running:
            running[trainer] = Driver(trainer)
        return running[trainer]

    yield of
    for each in running.values():
        each.end()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a live service with the recipes of `served`."""
    folder: Path = tmp_path_factory.mktemp("recipes")
    flags = []
    for name, text in RECIPES.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        flags += ["--recipe", str(folder / f"{name}.yaml")]
    port = free_port()
    command = [sys.executable, "-m", "tests.conformance.served", "serve", "--port", str(port)]
    paths = os.pathsep.join([str(overlays.ROOT), str(overlays.ROOT / "client")])
    process = subprocess.Popen(
        [*command, "--log-level", "warning", *flags],
        cwd=overlays.ROOT,
        env={**os.environ, "PYTHONPATH": paths},
    )
    try:
        wait_ready(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table of docs/trainers.md, with what came of it now."""
    if not REQUIRED:
        return
    terminalreporter.write_sep("=", "conformance")
    terminalreporter.write_line("| trainer | version | what was run | result |")
    for name, trainer in TRAINERS.items():
        counts = {
            outcome: sum(
                "tests/conformance/" in each.nodeid
                and bool(re.search(rf"[\[-]{name}\]", each.nodeid))
                for each in terminalreporter.stats.get(outcome, [])
            )
            for outcome in ("passed", "failed", "skipped")
        }
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        row = trainer.row(overlays.version_of(name))
        terminalreporter.write_line(f"{row} {told or 'not run'} |")
