"""What the audit signals cost: a group on the event loop, and a scrape of 16 runs that are full.

No service: the two calls that it makes, on groups of eight completions of 2,000 characters under a
recipe of five columns. Beside a group's cost stands what counting it for the other metrics
costs, and the dearest case: short texts, which are looked at whole.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from harmo.app.engine import ScoredGroup
from harmo.app.metrics import Metrics
from harmo.app.metrics.runs import MAX_RUNS
from harmo.app.signals import FRESH_S, Signals
from harmo.rewards.combine import combine
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import parse_recipe
from harmo.rewards.signals.record import END_CHARS
from harmo.scorers import registry
from harmo.scorers.types import Group, Sample, Score

RECIPE = """
name: bench
weights: {model: 0.5, rule: 1.0, aspect: 0.25, length: 0.25}
model: [{scorer: model.reward, name: model}]
rule: [{scorer: rule.math, name: answer}]
aspect: [{scorer: aspect.format, params: {pattern: think_answer}}]
length: [{scorer: length.linear, params: {target_tokens: 500}}]
shadow: [{scorer: aspect.repetition}]
"""
SIBLINGS, CHARS = 8, 2_000
ROUNDS, GROUPS = 7, 1_000
SIZES = ((8, 256), (32, 256))
"""Siblings, and how many groups of so many fill a window: by its groups, and by its samples."""


@dataclass(slots=True)
class Clock:
    """A clock that the benchmark moves, so that no scrape is answered from memory."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def main() -> None:
    """Print the tables."""
    registry.load()
    plan = compile_recipe(parse_recipe(RECIPE, source="bench"))
    on_the_loop(plan)
    print()
    for siblings, groups in SIZES:
        at_a_scrape(plan, siblings, groups)


def on_the_loop(plan: Plan) -> None:
    """What a group costs when it was scored."""
    metrics = Metrics("bench")
    signals = Signals(metrics.runs)
    columns = [(column.name, column.scorer.spec.name) for column in plan.columns]
    groups = [scored(plan, SIBLINGS, seed) for seed in range(200)]
    short = [scored(plan, SIBLINGS, seed, chars=2 * END_CHARS) for seed in range(200)]

    def counted(each: ScoredGroup) -> None:
        rewards = each.reward.rewards
        metrics.observe("bench", columns, each.group, [r.scores for r in rewards], rewards)

    def kept(each: ScoredGroup) -> None:
        signals.add(plan, each)

    print(f"a group of {SIBLINGS} on the event loop: CPU, median of {ROUNDS}")
    for what, call, which in (
        ("counted for the other metrics", counted, groups),
        ("kept for the signals", kept, groups),
        ("kept, texts of 256 characters", kept, short),
        ("kept, 4,096 siblings", kept, [scored(plan, 4096, 0)]),
    ):
        print(f"  {what:<32}{1e6 * median(timed(call, which)):7.1f} us")


def timed(call: Callable[[ScoredGroup], None], groups: Sequence[ScoredGroup]) -> list[float]:
    """CPU seconds a call, by round."""
    rounds = []
    for _ in range(ROUNDS):
        began_s = time.process_time()
        for k in range(GROUPS):
            call(groups[k % len(groups)])
        rounds.append((time.process_time() - began_s) / GROUPS)
    return rounds


def at_a_scrape(plan: Plan, siblings: int, groups: int) -> None:
    """What 16 runs with full windows cost a scrape, and the event loop meanwhile."""
    clock = Clock()
    metrics = Metrics("bench")
    signals = Signals(metrics.runs, clock=clock)
    metrics.registry.register(signals)
    fresh = [scored(plan, siblings, seed, run=f"run-{seed}") for seed in range(MAX_RUNS)]
    for seed in range(groups):
        for k in range(MAX_RUNS):
            signals.add(plan, scored(plan, siblings, seed, run=f"run-{k}"))
    new, old = [], []
    for _ in range(ROUNDS):
        for each in fresh:
            signals.add(plan, each)
        clock.now_s += FRESH_S
        new.append(asyncio.run(scraped(metrics)))
        old.append(asyncio.run(scraped(metrics)))
    print(f"{MAX_RUNS} runs of {groups} groups of {siblings}, {signals.bytes / 2**20:.1f} MiB")
    for what, rounds in (("groups came to every run", new), ("nothing came", old)):
        cpu_s, late_s = (median(values) for values in zip(*rounds, strict=True))
        print(f"  {what:<26}CPU {1e3 * cpu_s:6.1f} ms, event loop late by {1e3 * late_s:5.1f} ms")


async def scraped(metrics: Metrics) -> tuple[float, float]:
    """CPU seconds of a scrape, and by how much the event loop was late meanwhile at most."""
    late_s = 0.0

    async def look() -> None:
        nonlocal late_s
        while True:
            began_s = time.perf_counter()
            await asyncio.sleep(0.001)
            late_s = max(late_s, time.perf_counter() - began_s - 0.001)

    looking = asyncio.create_task(look())
    await asyncio.sleep(0.01)
    late_s, began_s = 0.0, time.process_time()
    await metrics.scrape()
    spent_s = time.process_time() - began_s
    looking.cancel()
    return spent_s, late_s


def scored(
    plan: Plan, siblings: int, seed: int, *, run: str = "exp", chars: int = CHARS
) -> ScoredGroup:
    """A group with random scores and texts."""
    draw = random.Random(seed)
    words = ["the", "Answer", "is", "not", "x", "=", "3", "therefore", "\n"]
    text = " ".join(draw.choices(words, k=chars // 3))[: chars - 9]
    samples = tuple(
        Sample(
            completion=f"{text}{draw.randrange(10**9):09}",
            num_tokens=draw.randint(50, 1500),
        )
        for _ in range(siblings)
    )
    rows = [
        [draw.gauss(0, 1), float(draw.random() < 0.4), 1.0, -draw.random(), -draw.random()]
        for _ in range(siblings)
    ]
    group = Group(id=str(seed), samples=samples, size=siblings, run=run)
    answer = combine(plan, group, [[Score(value=value) for value in row] for row in rows])
    return ScoredGroup(group=group, scores=[], reward=answer)


if __name__ == "__main__":
    main()
