"""What Harmo costs around the scoring: rules-only POST /score against a bare endpoint.

The bare endpoint parses the same body with the same models and returns one float per completion.
All run as single uvicorn processes; rounds alternate, so that noise hits all. `--against` adds an
older `harmo` to the same rounds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.process import free_port, wait_ready

COMPLETIONS = 64
GROUP = 8
CONCURRENT = 8
ROUNDS = 7
SECONDS = 2.0

BARE = """
import sys
import uvicorn
from fastapi import FastAPI, Request
from harmo_client.wire import ScoreRequest

app = FastAPI()

@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    return {"ok": True}

@app.post("/score")
async def score(request: Request) -> list[list[float]]:
    asked = ScoreRequest.model_validate_json(await request.body())
    return [[1.0 for _ in group.completions] for group in asked.groups]

uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
"""
RECIPE = """
name: overhead
weights: {rule: 1.0, aspect: 0.25}
rule: [{scorer: rule.math, name: answer}]
aspect: [{scorer: aspect.format, params: {pattern: think_answer}}]
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", help="another `harmo` command, e.g. of an older checkout")
    against = parser.parse_args().against
    ours = str(Path(sys.executable).parent / "harmo")
    commands = {"harmo": ours, **({"harmo before": against} if against else {})}
    body = json.dumps(request()).encode()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        recipe, bare = Path(folder, "overhead.yaml"), Path(folder, "bare.py")
        recipe.write_text(RECIPE)
        bare.write_text(BARE)
        starts = {
            name: [command, "serve", "--recipe", str(recipe), "--log-level", "warning", "--port"]
            for name, command in commands.items()
        }
        starts["bare FastAPI"] = [sys.executable, str(bare)]
        servers = {}
        for name, start in starts.items():
            port = free_port()
            servers[name] = port, running.enter_context(server([*start, str(port)], port))
        rounds = [
            {name: load(port, body, process) for name, (port, process) in servers.items()}
            for _ in range(ROUNDS)
        ]
    report(rounds)


def report(rounds: list[dict[str, tuple[float, float]]]) -> None:
    """Print each server's median, and its ratios to the first, round by round."""
    print(f"## Overhead: {COMPLETIONS} completions a request, {CONCURRENT} at once, rules only\n")
    print("| endpoint | requests/s | server CPU ms/request | us/completion | CPU to harmo's |")
    print("|---|---|---|---|---|")
    for name in rounds[0]:
        rate = median([row[name][0] for row in rounds])
        cpu_s = median([row[name][1] for row in rounds])
        ratio = median([row[name][1] / row["harmo"][1] for row in rounds])
        each_us = cpu_s * 1e6 / COMPLETIONS
        print(f"| {name} | {rate:.0f} | {cpu_s * 1000:.2f} | {each_us:.0f} | {ratio:.2f} |")
    print(f"\nMedians of {ROUNDS} rounds; the ratio is taken round by round.\n")


def request() -> dict[str, object]:
    """One request of eight groups of eight completions, as a maths run sends them."""
    thought = "First add the two numbers, then check the sum by subtracting. " * 6
    groups = []
    for g in range(COMPLETIONS // GROUP):
        texts = [f"<think>{thought}</think><answer>{g * 7 + i % 3}</answer>" for i in range(GROUP)]
        completions = [{"id": str(i), "text": t, "num_tokens": 80} for i, t in enumerate(texts)]
        prompt = [{"role": "user", "content": f"What is {g} times 7? Think first."}]
        groups.append(
            {"id": str(g), "prompt": prompt, "reference": str(g * 7), "completions": completions}
        )
    return {"groups": groups}


def load(port: int, body: bytes, process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Requests per second, and the server's CPU seconds per request."""
    stop = time.monotonic() + SECONDS
    counts = [0] * CONCURRENT

    def post(k: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < stop:
            connection.request("POST", "/score", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            if response.status != 200:
                raise RuntimeError(response.read().decode())
            response.read()
            counts[k] += 1

    before, started = cpu_seconds(process.pid), time.monotonic()
    threads = [threading.Thread(target=post, args=(k,)) for k in range(CONCURRENT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - started
    return sum(counts) / elapsed, (cpu_seconds(process.pid) - before) / max(sum(counts), 1)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and the children it waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server process that answers `/readyz`."""
    process = subprocess.Popen(command)
    try:
        wait_ready(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def median(values: list[float]) -> float:
    """The middle value."""
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
