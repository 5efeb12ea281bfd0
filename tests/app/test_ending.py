"""The process ends at SIGTERM within its drain time, whatever scorers still do."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.process import free_port, wait_ready

PROGRAM = """
import asyncio, sys, time
from pathlib import Path
from harmo import Sample, Score, scorer
from harmo.app.cli.serve import serve

@scorer("aspect.in_a_thread", timeout_s=600.0)
def in_a_thread(sample: Sample) -> Score:
    "Never comes back."
    while "thread" in sample.text:
        time.sleep(3600.0)
    return Score(value=1.0)

@scorer("aspect.awaited", timeout_s=600.0)
async def awaited(sample: Sample) -> Score:
    "Never comes back."
    while "await" in sample.text:
        await asyncio.sleep(3600.0)
    return Score(value=1.0)

@scorer("rule.in_a_worker", isolate=True, timeout_s=600.0)
def in_a_worker(sample: Sample) -> Score:
    "Never comes back."
    while "worker" in sample.text:
        pass
    return Score(value=1.0)

def main() -> None:
    serve(port=int(sys.argv[1]), config=Path(sys.argv[2]))
"""
RECIPE = """
name: hangs
rule: [{scorer: rule.exact}]
aspect: [{scorer: aspect.in_a_thread}, {scorer: aspect.awaited}]
shadow: [{scorer: rule.in_a_worker}]
"""
HANGS = ("thread", "await", "worker")
DRAIN_S = 1.0


@contextmanager
def service(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    (folder / "hangs.py").write_text(PROGRAM)
    (folder / "hangs.yaml").write_text(RECIPE)
    recipes = json.dumps([str(folder / "hangs.yaml")])
    (folder / "settings.yaml").write_text(f"recipes: {recipes}\ndrain_timeout_s: {DRAIN_S}\n")
    port = free_port()
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); import hangs; hangs.main()"
    command = [sys.executable, "-c", start, str(folder), str(port), str(folder / "settings.yaml")]
    process = subprocess.Popen(command)
    try:
        wait_ready(port, process)
        yield process, port
    finally:
        process.kill()
        process.wait()


def ask(port: int, text: str) -> None:
    completions = [{"id": "0", "text": text}]
    group = {"id": "g", "prompt": "?", "reference": "4", "completions": completions}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/score",
        data=json.dumps({"groups": [group]}).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=60).read()


def test_scorers_that_hang_do_not_keep_the_process(tmp_path: Path) -> None:
    """One in a thread, one awaited, one in a worker."""
    with service(tmp_path) as (process, port):
        ask(port, "4")
        asking = [threading.Thread(target=unanswered, args=(port, how)) for how in HANGS]
        for each in asking:
            each.start()
        time.sleep(2.0)
        assert all(each.is_alive() for each in asking)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DRAIN_S + 20.0) == 0
        for each in asking:
            each.join()


def unanswered(port: int, text: str) -> None:
    with contextlib.suppress(OSError):
        ask(port, text)
