"""How long it is said to take before a newcomer is done: near what it takes, whatever is asked."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from harmo.app.workers.jobs import Job
from harmo.app.workers.line import JobLine
from harmo.app.workers.pace import DOUBT, HALF_LIFE_S, Pace

Texts = Callable[[random.Random], list[tuple[str, float]]]
"""What one request brings: the kind of each job, and how long it takes."""


def of(count: int, seconds: float, kind: str = "easy") -> Texts:
    return lambda chance: [(kind, seconds * chance.uniform(0.5, 1.5)) for _ in range(count)]


def mixed(count: int, hard: float) -> Texts:
    """A share of the texts takes 5 s, the others 5 ms."""
    return lambda chance: [
        ("maths", 5.0 if chance.random() < hard else 0.005) for _ in range(count)
    ]


def columns(count: int) -> Texts:
    """All texts in one column, then all of them in another that is quick."""
    return lambda chance: [
        *of(count, 0.04, "language")(chance),
        *of(count, 0.0005, "instructions")(chance),
    ]


@dataclass
class Line:
    """One worker before a fair line, by a clock of its own."""

    line: JobLine = field(default_factory=JobLine)
    pace: Pace = field(default_factory=Pace)
    now_s: float = 0.0

    def ask(self, owner: object, texts: list[tuple[str, float]]) -> None:
        answer = asyncio.get_running_loop().create_future()
        for kind, seconds in texts:
            job = Job(owner=owner, function=print, arguments=(), wall_s=seconds, answer=answer)
            job.kind = kind
            self.line.push(job)

    def work(self, until: Callable[[], bool]) -> None:
        """Go on until it holds or nothing waits; a job takes its `wall_s`."""
        while not until() and (job := self.line.pop()) is not None:
            self.now_s += job.wall_s
            self.line.spend(job.owner, job.wall_s)
            self.pace.took(job.kind, job.wall_s)

    def waits(self, owner: object) -> bool:
        return owner in self.line._by_owner


@pytest.mark.parametrize(
    ("before", "others", "new"),
    [
        pytest.param(of(100, 0.04), [of(1200, 0.04)] * 3, of(1200, 0.04), id="as many as each"),
        pytest.param(of(100, 0.04), [of(1200, 0.04)] * 3, of(20, 0.04), id="few behind many"),
        pytest.param(of(100, 0.04), [of(20, 0.04)] * 50, of(1200, 0.04), id="many behind few"),
        pytest.param(columns(50), [columns(1200)] * 3, columns(1200), id="two columns"),
        pytest.param(mixed(2000, 0.01), [mixed(900, 0.01)] * 3, mixed(900, 0.01), id="bombs"),
        pytest.param(of(10, 2.0), [of(600, 0.04)] * 3, of(600, 0.04), id="hard ones before"),
        pytest.param(of(1000, 0.02), [of(400, 0.1)] * 3, of(400, 0.1), id="easier ones before"),
        pytest.param(of(1, 1.0), [of(1200, 0.04)] * 3, of(1200, 0.04), id="one slow one before"),
        pytest.param(of(0, 0.0), [of(1200, 0.04)] * 3, of(1200, 0.04), id="nothing before"),
    ],
)
@pytest.mark.parametrize("seed", range(5))
async def test_a_newcomer_is_said_to_wait_about_as_long_as_it_does(
    before: Texts, others: list[Texts], new: Texts, seed: int
) -> None:
    """Within a factor of three, half a minute after the others came, whatever their texts are."""
    chance, queue = random.Random(seed), Line()
    queue.ask("before", before(chance))
    queue.work(lambda: False)
    queue.now_s = 0.0
    for number, texts in enumerate(others):
        queue.ask(number, texts(chance))
    queue.work(lambda: queue.now_s >= 30.0)
    brought = new(chance)
    said_s = queue.line.ahead_s(Counter(kind for kind, _ in brought), queue.pace)
    came_s = queue.now_s
    queue.ask("new", brought)
    queue.work(lambda: not queue.waits("new"))
    waited_s = queue.now_s - came_s - sum(seconds for _, seconds in brought)
    assert waited_s / 3 < said_s < 3 * waited_s


def test_one_job_that_was_held_up_hardly_counts() -> None:
    pace = Pace()
    for _ in range(2000):
        pace.took("maths", 0.01)
    before_s = pace.seconds("maths")
    pace.took("maths", 15.0)
    assert pace.seconds("maths") < 3 * before_s, "it was 150 times as much"


def test_what_was_never_seen_takes_as_long_as_anything_else() -> None:
    pace = Pace()
    assert pace.seconds("new") == 0.0, "nothing is refused for what nobody knows"
    for _ in range(int(10 * HALF_LIFE_S)):
        pace.took("maths", 1.0)
        pace.took("language", 0.001)
    assert pace.seconds("new") == pytest.approx(0.5, rel=0.1)
    assert pace.seconds("maths") == pytest.approx(1.0, rel=0.05)
    assert pace.seconds("language") < 0.001 < 10 * pace.seconds("language")


def test_a_first_job_that_is_slow_says_little() -> None:
    pace = Pace()
    pace.took("maths", 1.0)
    assert pace.seconds("maths") <= 1.0 / DOUBT
