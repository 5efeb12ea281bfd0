"""A real server process as an attacker meets it, and as whoever runs it can measure it."""

from __future__ import annotations

import base64
import http.client
import io
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests.process import HARMO, free_port, wait_ready

MARK = "zqxmarker"
"""Stands in attacks; never in an error, never in the log."""
SECRET_FOLDER = "zqxfolder"
"""Part of the path where the service runs and its files lie."""
LEAKS = re.compile(
    r"0x[0-9a-f]{6,}|Traceback|File \"|site-packages|\.py\b|"
    + f"{MARK}|{SECRET_FOLDER}|/tmp/|/root/"
)
TICK_S = 1 / os.sysconf("SC_CLK_TCK")

BOXES = """
tasks:
  bbox: {scorer: rule.bbox_iou, params: {frame: unit}}
  point: {scorer: rule.point_in_box, params: {frame: unit}}
"""
RECIPES = {
    "answer": BOXES + "rule: [{scorer: rule.by_task, name: answer}]",
    "wide": BOXES
    + """
rule: [{scorer: rule.by_task, name: answer}]
aspect:
  - {scorer: aspect.format, params: {pattern: think_answer}}
  - {scorer: aspect.tag_count}
  - {scorer: aspect.reasoning_steps}
  - {scorer: aspect.repetition}
  - {scorer: aspect.language, params: {language: en}}
  - {scorer: aspect.citations}
  - {scorer: aspect.ifeval}
length: [{scorer: length.soft_overlong, params: {max_tokens: 4096}}]
allow_inversion: true
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def completions(self) -> list[dict[str, Any]]:
        return [c for g in self.body["groups"] for c in g["completions"]]

    @property
    def rewards(self) -> list[float | None]:
        return [c["reward"] for c in self.completions]

    @property
    def reasons(self) -> list[str | None]:
        return [c["reason"] for c in self.completions]


class Target:
    """One `harmo serve`, alive until its block ends."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], port: int) -> None:
        self.folder = folder
        self.process = process
        self.port = port
        self._log_read = 0

    def ask(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 120.0,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, content, dict(headers or {}))
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(status=response.status, headers=named, content=response.read())
        finally:
            connection.close()

    def post(self, content: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask(
            "POST", "/score", content, {"Content-Type": "application/json", **(headers or {})}
        )

    def score(self, *groups: Mapping[str, Any], recipe: str = "answer", **more: Any) -> Answer:
        body = {"recipe": recipe, "groups": list(groups), **more}
        return self.post(json.dumps(body).encode())

    def new_log(self) -> str:
        """What was logged since the last call."""
        log = (self.folder / "log").read_bytes()
        new, self._log_read = log[self._log_read :], len(log)
        return new.decode(errors="replace")

    def metric(self, name: str) -> float:
        """The sum of a metric's series."""
        text = self.ask("GET", "/metrics").content.decode()
        lines = re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE)
        return sum(map(float, lines))

    def cpu_s(self) -> float:
        """Processor time of the serving process, its workers left out."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_S

    def children(self) -> list[int]:
        """Processes below the serving one, at any depth."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it has ended
        found, before = {self.process.pid}, 0
        while len(found) > before:
            before = len(found)
            found |= {pid for pid, parent in parents.items() if parent in found}
        return sorted(found - {self.process.pid})

    def memory_bytes(self, pid: int | None = None) -> int:
        """Resident memory of a process, by default the serving one."""
        return self._status("VmRSS", pid)

    def peak_bytes(self, pid: int | None = None) -> int:
        """The most it had since `forget_peak`."""
        return self._status("VmHWM", pid)

    def forget_peak(self) -> None:
        for pid in (self.process.pid, *self.children()):
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _status(self, name: str, pid: int | None) -> int:
        text = Path(f"/proc/{pid or self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) * 1024  # type: ignore[index]


@contextmanager
def attacked(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[Target]:
    """A service with the recipes above, in a folder whose name is a secret."""
    folder = folder / SECRET_FOLDER
    folder.mkdir()
    flags = []
    for name, text in RECIPES.items():
        recipe = folder / f"{name}.yaml"
        recipe.write_text(f"name: {name}\n{text}")
        flags += ["--recipe", str(recipe)]
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [HARMO, "serve", "--port", str(port), "--workers", "1", *flags, *arguments],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, **(env or {})},
        )
    try:
        wait_ready(port, process)
        yield Target(folder, process, port)
    finally:
        process.terminate()
        process.wait(60)


@dataclass(slots=True, kw_only=True)
class Cost:
    """What an attack cost the serving process."""

    cpu_s: float = 0.0
    memory_bytes: int = 0
    kills: float = 0.0
    alive: int = 0
    """Answers of `/livez` while it ran."""


@contextmanager
def measured(target: Target) -> Iterator[Cost]:
    """What happens in the block, in processor time, peak memory and killed workers.

    Probes go on meanwhile: `/livez` has to answer.
    """
    cost, over = Cost(), threading.Event()

    def probe() -> None:
        while not over.wait(0.05):
            cost.alive += target.ask("GET", "/livez").status == 204

    kills, target_memory = target.metric("harmo_worker_kills_total"), target.memory_bytes()
    target.forget_peak()
    prober = threading.Thread(target=probe)
    started_s = target.cpu_s()
    prober.start()
    try:
        yield cost
    finally:
        cost.cpu_s = target.cpu_s() - started_s
        over.set()
        prober.join()
    cost.memory_bytes = target.peak_bytes() - target_memory
    cost.kills = target.metric("harmo_worker_kills_total") - kills


def require_cheap(cost: Cost, harmless: Cost, *, size: int, kills: int = 0) -> None:
    """An attack costs about what harmless text of its size does; the factors are generous."""
    assert cost.cpu_s <= 1.0 + 5 * harmless.cpu_s, "processor time"
    assert cost.memory_bytes <= (64 << 20) + 5 * max(harmless.memory_bytes, 8 * size), "memory"
    assert cost.kills <= kills, "workers killed"


def require_nothing_leaked(target: Target, answer: Answer | None = None) -> None:
    """No path, address, trace or text of the attack in an error or the log; nothing was run."""
    if answer is not None and answer.status >= 400:
        assert set(answer.body) == {"error"}
        assert set(answer.body["error"]) == {"type", "message", "field"}
        assert not LEAKS.search(answer.content.decode()), answer.content
    log = target.new_log()
    assert MARK not in log
    assert "Traceback" not in log, log.strip().splitlines()[-1]
    left = {path.name for path in target.folder.iterdir()}
    assert left == {"log", *(f"{name}.yaml" for name in RECIPES)}, "files that nobody asked for"
    assert target.process.poll() is None, "it died"


def completions(*texts: str) -> Sequence[dict[str, Any]]:
    return [{"id": str(i), "text": text} for i, text in enumerate(texts)]


def group(*texts: str, **fields: Any) -> dict[str, Any]:
    """One wire group of text completions."""
    given = {"id": "g", "prompt": "2 + 2 = ?", "reference": "5", "task": "math"}
    return {**given, "completions": completions(*texts), **fields}


def picture(kind: str = "PNG", size: tuple[int, int] = (100, 100)) -> bytes:
    """The bytes of a small picture."""
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind)
    return file.getvalue()


def encoded(content: bytes) -> dict[str, str]:
    """A picture as the wire has it."""
    return {"data": base64.b64encode(content).decode()}
