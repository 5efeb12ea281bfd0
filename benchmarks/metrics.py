"""What counting costs: a rules-only request with and without it, in one process; and a scrape.

Two services in this process get the same requests in turns, one of them with metrics that count
nothing and no signals. CPU time of the process, from a request's first byte to its answer's last,
without sockets: over HTTP the share is smaller.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager

from fastapi import FastAPI

from benchmarks.overhead import request
from harmo.app import startup
from harmo.app.front.server import NEW_OBJECTS
from harmo.app.main import create_app
from harmo.app.metrics import Metrics
from harmo.app.metrics.runs import MAX_RUNS
from harmo.app.settings import Settings
from harmo.app.workers.jobs import UNTIMED
from harmo.scorers.types import Group, Reason, Reward, Score
from tests.app.raw import Raw

CPU_S = 4.0
"""Of requests to each of the two, one by one."""
COLUMNS = [("answer", "rule.by_task"), *((f"aspect{k}", "aspect.format") for k in range(4))]


def nothing(*_: object, **__: object) -> None:
    """Count nothing."""


class Uncounted(Metrics):
    """Metrics that count nothing of a request; its service keeps nothing for signals either."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.observe = nothing  # type: ignore[method-assign]
        for name in ("answered", "asked", "spent"):
            setattr(self.http, name, nothing)
        self.scorers.timed = lambda _: UNTIMED  # type: ignore[method-assign]
        self.scorers.looked_up = nothing  # type: ignore[method-assign]


@contextmanager
def made_with(metrics: type[Metrics]) -> Iterator[None]:
    """Have services made with these metrics."""
    before, startup.Metrics = startup.Metrics, metrics  # type: ignore[misc]
    try:
        yield
    finally:
        startup.Metrics = before  # type: ignore[misc]


async def ready(metrics: type[Metrics], stack: AsyncExitStack) -> FastAPI:
    """A service with the shipped recipe `math` that takes requests."""
    with made_with(metrics):
        app = create_app(Settings(workers=1, canary_s=0))
    if metrics is Uncounted:
        app.state.service.observer._signals.add = nothing
    await stack.enter_async_context(app.router.lifespan_context(app))
    while not app.state.service.life.ready:  # noqa: ASYNC110 - a benchmark may poll
        await asyncio.sleep(0.05)
    return app


async def cpu_seconds(app: FastAPI, body: bytes) -> float:
    """CPU time of one request."""
    began_s = time.process_time()
    answer = await Raw(body).post(app)
    if answer.status != 200:
        raise RuntimeError(answer.answer.decode())
    return time.process_time() - began_s


async def compare(groups: int) -> tuple[float, float]:
    """CPU seconds of a request without counting, and what counting adds."""
    asked = {**request(), "run": "exp-1"}
    known = asked["groups"]
    asked["groups"] = [{**known[g % len(known)], "id": str(g)} for g in range(groups)]  # type: ignore[arg-type,index]
    body = json.dumps(asked).encode()
    async with AsyncExitStack() as stack:
        without, with_ = [await ready(metrics, stack) for metrics in (Uncounted, Metrics)]
        for app in (without, with_) * 5:
            each_s = await cpu_seconds(app, body)
        # As the server of `harmo serve` has it.
        gc.collect()
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS, 10, 10)
        pairs = [
            [await cpu_seconds(app, body) for app in (without, with_)]
            for _ in range(int(CPU_S / each_s))
        ]
    # Neighbours on the machine make both slower, by turns: the fastest tenth had none.
    plain_s, counted_s = (
        statistics.quantiles(seconds, n=10)[0] for seconds in zip(*pairs, strict=True)
    )
    return plain_s, counted_s - plain_s


def many_runs() -> Metrics:
    """Metrics of a service with as many runs as have a label, one more, and requests without."""
    metrics = Metrics("0")
    right, late = Score(value=1.0), Score.abstain(Reason.DEADLINE)
    rows = [[score] * len(COLUMNS) for score in (right, late)]
    rewards = [
        Reward(value=s.value, reason=s.reason, scores=(), contributions=()) for s in (right, late)
    ]
    for run in (None, *(f"run-{k}" for k in range(MAX_RUNS + 1))):
        for split in ("train", "eval"):
            group = Group(id="g", samples=(), size=2, run=run, split=split)
            metrics.observe("math", COLUMNS, group, rows, rewards)
    return metrics


def fastest(work: Callable[[], object], times: int = 5) -> float:
    """CPU seconds of the fastest try."""
    tries = []
    for _ in range(times):
        began_s = time.process_time()
        work()
        tries.append(time.process_time() - began_s)
    return min(tries)


def main() -> None:
    """Print both tables."""
    print("## Counting, signals too: rules-only requests, recipe `math`, groups of 8\n")
    print("| a request | CPU ms without | counting adds, us | us a group | share |")
    print("|---|---|---|---|---|")
    for groups in (1, 64):
        plain_s, added_s = asyncio.run(compare(groups))
        share = added_s / (plain_s + added_s)
        each_us = added_s * 1e6 / groups
        cells = f"{plain_s * 1e3:.2f} | {added_s * 1e6:.0f} | {each_us:.1f} | {share:.1%}"
        print(f"| {groups} groups | {cells} |")
    print("\nThe fastest tenth of many requests, in turns.\n")
    metrics = many_runs()
    text = metrics.expose()
    on_loop_us = fastest(metrics.registry.refresh) * 1e6
    of = f"{len(COLUMNS)} columns, {MAX_RUNS} runs, `other`, none, both splits"
    print(f"## A scrape: one recipe of {of}\n")
    print("| lines | MB | CPU ms in a thread | us on the event loop |")
    print("|---|---|---|---|")
    lines, size_mb = text.count(b"\n"), len(text) / 1e6
    print(f"| {lines} | {size_mb:.2f} | {fastest(metrics.expose) * 1e3:.0f} | {on_loop_us:.0f} |")


if __name__ == "__main__":
    main()
