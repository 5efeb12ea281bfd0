"""What Ray Serve costs: the plain service against it, `python -m benchmarks.ray_serve`.

One gateway and one model replica stand against one `harmo serve` on the same machine with the same
model. Rounds alternate, so that noise hits both; the ratios are what the table is for.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import random_model

START_S = 180
COMPLETIONS = 8
SHARE = ("--gateway-cpus", "0.1", "--model-cpus", "0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One kind of request."""

    name: str
    recipe: str
    words: int
    requests: int
    """In one round."""
    at_once: int

    def bodies(self, rng: random.Random) -> list[bytes]:
        """Requests of one group each, with fresh texts."""
        return [self._body(rng) for _ in range(self.requests)]

    def _body(self, rng: random.Random) -> bytes:
        texts = [random_model.words(self.words, rng) for _ in range(COMPLETIONS)]
        group = {
            "id": "0",
            "prompt": random_model.words(self.words, rng),
            "reference": "3",
            "completions": [
                {"id": str(n), "text": f"{text} \\boxed{{{n}}}", "num_tokens": self.words}
                for n, text in enumerate(texts)
            ],
        }
        return json.dumps({"recipe": self.recipe, "groups": [group]}).encode()


LOADS = (
    Load(name="rules, one at a time", recipe="math", words=20, requests=100, at_once=1),
    Load(name="rules, 8 at once", recipe="math", words=20, requests=200, at_once=8),
    Load(name="model, one at a time", recipe="model", words=40, requests=10, at_once=1),
    Load(name="model, 8 at once", recipe="model", words=40, requests=24, at_once=8),
)
HEAD = ("a group of 8", "plain p50 ms", "Ray p50 ms", "more ms", "plain /s", "Ray /s", "ratio")


@dataclass(slots=True, kw_only=True)
class Server:
    """A contestant that answers."""

    url: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """Of each request, by load."""
    walls_s: dict[str, list[float]] = field(default_factory=dict)
    """Of each round, by load."""

    def round(self, load: Load, bodies: Sequence[bytes]) -> None:
        """All requests of a round, so many at a time."""
        started_s = time.perf_counter()
        with ThreadPoolExecutor(load.at_once) as pool:
            self.seconds.setdefault(load.name, []).extend(pool.map(self._ask, bodies))
        self.walls_s.setdefault(load.name, []).append(time.perf_counter() - started_s)

    def _ask(self, body: bytes) -> float:
        request = urllib.request.Request(
            f"{self.url}/score", body, {"Content-Type": "application/json"}
        )
        started_s = time.perf_counter()
        with urllib.request.urlopen(request, timeout=600) as reply:
            reply.read()
        return time.perf_counter() - started_s

    def p50_ms(self, load: Load) -> float:
        return statistics.median(self.seconds[load.name]) * 1000

    def rate(self, load: Load) -> float:
        """Requests a second in the median round."""
        return load.requests / statistics.median(self.walls_s[load.name])


@contextmanager
def running(*command: str) -> Iterator[Server]:
    """A server on a free port, once it is ready; ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    quiet = {"HARMO_DRAIN_WAIT_S": "0", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env={**os.environ, **quiet},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        stop_s = time.monotonic() + START_S
        while not _ready(url):
            if process.poll() is not None or time.monotonic() > stop_s:
                raise RuntimeError(f"{command[:3]} did not become ready")
            time.sleep(0.2)
        yield Server(url=url)
    finally:
        process.terminate()
        process.wait(60)


def _ready(url: str) -> bool:
    with suppress(OSError, urllib.error.URLError):
        return urllib.request.urlopen(f"{url}/readyz", timeout=2).status == 200
    return False


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    rng = random.Random(0)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, ExitStack() as stack:
        model = random_model.save(Path(folder) / "rm")
        hosts = ("--recipe", "math", "--model", f"rm={model}")
        harmo = str(Path(sys.executable).with_name("harmo"))
        plain = stack.enter_context(running(harmo, "serve", *hosts))
        box = (sys.executable, "deploy/ray_serve.py", "--folder", f"{folder}/r", *SHARE)
        ray = stack.enter_context(running(*box, *hosts))
        for server in (plain, ray):
            for load in LOADS:
                server.round(load, load.bodies(rng))
            server.seconds.clear()
            server.walls_s.clear()
        for _ in range(rounds):
            for load in LOADS:
                for server in (plain, ray):
                    server.round(load, load.bodies(rng))
        print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
        for load in LOADS:
            one, other = plain.p50_ms(load), ray.p50_ms(load)
            rates = plain.rate(load), ray.rate(load)
            print(
                f"| {load.name} | {one:.1f} | {other:.1f} | {other - one:+.1f} | {rates[0]:.1f}"
                f" | {rates[1]:.1f} | {rates[1] / rates[0]:.2f} |"
            )


if __name__ == "__main__":
    main()
