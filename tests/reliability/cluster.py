"""Real servers for tests that break them: started, watched from outside, and ended whatever comes.

A `Server` is one `harmo serve` with its settings in a file, its log in another, and the plugin
package of `faults` beside it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from tests.process import HARMO, free_port, wait_ready

SOON_S = 60.0
"""Long enough for anything that happens at all on a busy machine."""
FORKED = "harmo.app.workers.forked"
"""Stands in the command of the process that forks the workers."""
FAULTS = Path(__file__).with_name("faults.py")


def installed(site: Path) -> Path:
    """The folder with the plugin package in it, as pip would leave it there."""
    metadata = site / "harmo_faults-0.1.dist-info"
    metadata.mkdir(parents=True)
    shutil.copy(FAULTS, site / "harmo_faults.py")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: harmo-faults\nVersion: 0.1\n")
    (metadata / "entry_points.txt").write_text("[harmo.scorers]\nfaults = harmo_faults\n")
    return site


def until(holds: Callable[[], object], what: str, *, within_s: float = SOON_S) -> None:
    """Return once it holds."""
    stop_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > stop_s:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(0.02)


@dataclass(slots=True, kw_only=True)
class Server:
    """One `harmo serve`, as its operator sees it."""

    folder: Path
    """Settings, recipes, log, and what the plugin is told."""
    port: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path = Path("log")
    process: subprocess.Popen[bytes] = field(init=False)
    family: set[psutil.Process] = field(default_factory=set)
    """Every process seen below it: one that loses its parent is still ours to end."""

    def start(self) -> None:
        """Start the process; on the same port as before, if there was one."""
        config = self.folder / "harmo.yaml"
        config.write_text(yaml.safe_dump({**self.settings, "port": self.port}))
        ours = {k: v for k, v in os.environ.items() if not k.startswith("HARMO_")}
        with (self.folder / self.log).open("ab") as log:
            self.process = subprocess.Popen(
                [HARMO, "serve", "--config", str(config)],
                cwd=self.folder,
                env={**ours, "FAULTS": str(self.folder), **self.environment},
                stdout=log,
                stderr=log,
            )

    def wait_ready(self) -> None:
        """Return once `/readyz` answers 200."""
        try:
            wait_ready(self.port, self.process)
        except RuntimeError as error:
            raise RuntimeError(f"{error}:\n{self.logged()[-2000:]}") from None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def logged(self) -> str:
        return (self.folder / self.log).read_text(errors="replace")

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=SOON_S, trust_env=False)

    def status(self, path: str) -> int:
        """The status of a GET; 0 where nobody answers."""
        try:
            return self.get(path).status_code
        except httpx.TransportError:
            return 0

    def post(self, body: Mapping[str, Any] | str, **headers: str) -> httpx.Response:
        """The answer to POST /score; headers with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(
            f"{self.url}/score",
            content=body if isinstance(body, str) else json.dumps(body),
            headers={"Content-Type": "application/json", **named},
            timeout=SOON_S,
            trust_env=False,
        )

    def metric(self, name: str) -> float:
        """A metric summed over its labels; 0 where it has not counted yet."""
        rows = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", self.get("/metrics").text, re.MULTILINE)
        return sum(map(float, rows))

    def forkservers(self) -> list[psutil.Process]:
        """What the workers are forked from."""
        below = self._below(self.process.pid)
        return [process for process in below if FORKED in " ".join(process.cmdline())]

    def workers(self) -> list[psutil.Process]:
        """The processes that symbolic work runs in."""
        return [worker for server in self.forkservers() for worker in self._below(server.pid)]

    def _below(self, pid: int) -> list[psutil.Process]:
        try:
            children = psutil.Process(pid).children()
        except psutil.NoSuchProcess:
            return []
        self.family |= set(children)
        return [p for p in children if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]

    def calls(self) -> Counter[str]:
        """How often the plugin scored each text."""
        file = self.folder / "calls"
        return Counter(file.read_text().splitlines() if file.exists() else [])

    def tell(self, name: str, text: str = "") -> Path:
        """Make a file the plugin looks at; unlink it to have things go on."""
        path = self.folder / name
        path.write_text(text)
        return path

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """The exit code, once it has one."""
        return self.process.wait(SOON_S)

    def kill(self) -> None:
        """SIGKILL, and nobody tidies up."""
        self.workers()
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Leave no process behind."""
        self.workers()
        if self.process.poll() is None:
            self.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10.0)
        self.kill()
        for process in self.family:
            with suppress(psutil.NoSuchProcess):
                process.kill()


@contextmanager
def started(
    folder: Path,
    recipes: Mapping[str, str],
    site: Path | None = None,
    *,
    wait: bool = True,
    log: Path = Path("log"),
    environment: Mapping[str, str] | None = None,
    **settings: Any,
) -> Iterator[Server]:
    """A server with these recipes and settings, ready unless it is not waited for.

    Args:
        folder: Where its files lie; made if need be.
        recipes: What a recipe file says after its name, by name.
        site: Where a plugin package is installed.
        wait: False to return while it still loads.
        log: Where it logs, in its folder.
        environment: Variables besides ours.
        **settings: As in `--config`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [_written(folder, name, terms) for name, terms in recipes.items()]
    paths = os.pathsep.join(filter(None, (str(site or ""), os.environ.get("PYTHONPATH", ""))))
    server = Server(
        folder=folder,
        port=free_port(),
        log=log,
        # What is asked again is worked out again, unless a test is about just that.
        settings={
            "recipes": names,
            "workers": 2,
            "drain_wait_s": 0.0,
            "max_remembered_bytes": 0,
            **settings,
        },
        environment={"PYTHONPATH": paths, **(environment or {})},
    )
    server.start()
    try:
        if wait:
            server.wait_ready()
        yield server
    finally:
        server.end()


@contextmanager
def two_started(
    folder: Path, recipes: Mapping[str, str], site: Path
) -> Iterator[tuple[Server, Server]]:
    """Two instances that start side by side, each with one worker; both ready."""
    with ExitStack() as running:
        first, second = (
            running.enter_context(started(folder / name, recipes, site, wait=False, workers=1))
            for name in ("first", "second")
        )
        first.wait_ready()
        second.wait_ready()
        yield first, second


def _written(folder: Path, name: str, terms: str) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(f"name: {name}\n{terms}")
    return str(path)


def all_stopped(processes: Sequence[psutil.Process]) -> bool:
    """True if none of them runs."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)
