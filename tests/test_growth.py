"""The judge of growth is judged: what is quadratic is caught, what is linear passes any noise."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from math import log2

import pytest

from harmo.scorers.reading.decision import listing
from tests import growth as judge
from tests.growth import growth, hoarded
from tests.security.pump import grown

CHARS = 400_000
WHOLE_S = 0.1
Noise = Callable[[random.Random, float], float]


class Bench:
    """A clock that a work moves: by what its text costs, times the noise of a machine."""

    def __init__(self, cost: Callable[[float], float], noise: Noise, seed: int) -> None:
        self.now_s = 0.0
        self._cost, self._noise, self._chance = cost, noise, random.Random(seed)

    def __call__(self) -> float:
        return self.now_s

    def work(self, text: str) -> None:
        part = len(text) / CHARS
        self.now_s += WHOLE_S * self._cost(part) * self._noise(self._chance, part)


NOISES: dict[str, Noise] = {
    "none": lambda chance, part: 1.0,
    "jitter": lambda chance, part: chance.uniform(1.0, 1.4),
    "a neighbour": lambda chance, part: chance.choice((1.0, 1.0, 2.0)),
    "stalls": lambda chance, part: 1.0 + (chance.random() < 0.4 * part) / part,
    "a cache that half of it fits": lambda chance, part: 1.0 if part < 0.6 else 1.7,
    "a cache that a quarter fits, and jitter": (
        lambda chance, part: (1.0 if part < 0.3 else 1.6) * chance.uniform(1.0, 1.3)
    ),
}
HARSH = {"a neighbour", "stalls"}
FLAT: dict[str, Callable[[float], float]] = {
    "linear": lambda part: part,
    "linear with a constant": lambda part: 0.5 + 0.5 * part,
    "n log n": lambda part: part * log2(part * CHARS) / log2(CHARS),
    "a tenth quadratic": lambda part: 0.9 * part + 0.1 * part**2,
}
STEEP: dict[str, Callable[[float], float]] = {
    "quadratic": lambda part: part**2,
    "exponential": lambda part: 1000 ** (part - 1),
}
MIDDLING: dict[str, Callable[[float], float]] = {
    "n^1.8": lambda part: part**1.8,
    "three quarters quadratic": lambda part: 0.25 * part + 0.75 * part**2,
}


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("cost", FLAT)
def test_what_is_flat_passes(cost: str, noise: str) -> None:
    for seed in range(300):
        bench = Bench(FLAT[cost], NOISES[noise], seed)
        assert not growth(bench.work, "a".__mul__, CHARS, clock=bench).steep, seed


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ((1.0, 1.5, 2.0, 3.0, 3.0, 3.0), "one: 1.5 here and 1.2 beyond, as `str.split` had once"),
        ((1.0, 1.5, 2.0, 3.0, 4.0, 6.0), "two: 1.5 here and there, as `lower` and it had"),
    ],
)
def test_caches_that_fill_pass_for_what_is_linear(steps: tuple[float, ...], why: str) -> None:
    bench = Bench(lambda part: part * steps[round(log2(part)) + 3], NOISES["none"], 0)
    assert not growth(bench.work, "a".__mul__, CHARS, clock=bench).steep, why


def test_what_is_steep_up_to_a_bound_is_caught() -> None:
    bench = Bench(lambda part: min(part, 1.0) ** 2, NOISES["none"], 0)
    assert growth(bench.work, "a".__mul__, CHARS, clock=bench).steep


def caught(cost: Callable[[float], float], noise: str) -> float:
    """The share of seeds with which it is."""
    benches = [Bench(cost, NOISES[noise], seed) for seed in range(300)]
    found = [growth(bench.work, "a".__mul__, CHARS, clock=bench).steep for bench in benches]
    return sum(found) / len(found)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("cost", STEEP)
def test_what_is_steep_is_caught(cost: str, noise: str) -> None:
    assert caught(STEEP[cost], noise) == 1.0


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("cost", MIDDLING)
def test_what_is_somewhat_steep_is_caught_on_most_machines(cost: str, noise: str) -> None:
    assert caught(MIDDLING[cost], noise) >= (0.7 if noise in HARSH else 1.0)


def test_what_is_quick_at_its_full_length_is_run_once() -> None:
    bench = Bench(STEEP["quadratic"], NOISES["none"], 0)
    found = growth(bench.work, "a".__mul__, CHARS, floor_s=2 * WHOLE_S, clock=bench)
    assert not found.steep
    assert bench.now_s == found.spent_s == WHOLE_S


@pytest.mark.parametrize(
    ("work", "steep", "why"),
    [
        (re.compile(r"\s+$").findall, True, "a run of spaces, read again from every place in it"),
        (re.compile(r"\s+").findall, False, "and read once"),
        (lambda said: [said[at:].upper() for at in range(0, len(said), 10)], True, "every tail"),
        (lambda said: [said[at] for at in range(len(said))], False, "every character"),
    ],
)
def test_real_work_is_judged(work: judge.Work, steep: bool, why: str) -> None:
    found = growth(work, lambda chars: " " * chars + "x", 4_000, floor_s=1e-4)
    assert found.steep is steep, (why, found)


def test_what_remembers_a_text_is_judged_as_if_it_were_new() -> None:
    asked: list[int] = []

    def work(said: str) -> None:
        before = listing._listed.cache_info().misses
        listing.listed(said)
        asked.append(listing._listed.cache_info().misses - before)

    growth(work, lambda chars: "A. x\n" * (chars // 5), 4_000, floor_s=0.0)
    assert set(asked) == {1}


def test_what_short_texts_are_spared_is_no_growth() -> None:
    """A subject that looks closer from 1,500 characters on, and one that goes on as it began."""

    def work(said: str) -> None:
        for _ in range(1 if len(said) < 1_500 else 8):
            said.upper().lower().split("x")

    def tails(said: str) -> list[str]:
        return [said[at:].upper() for at in range(0, len(said), 10)]

    assert grown(work, "é".__mul__, enough_s=1e-6) is None
    assert grown(tails, "é".__mul__, enough_s=1e-6) is not None


def test_memory_that_a_text_takes_is_seen() -> None:
    def tails(said: str) -> list[str]:
        return [said[at:] for at in range(0, len(said), 8)]

    assert hoarded(tails, "a".__mul__, 4_000) is not None
    assert hoarded(list, "a".__mul__, 400_000) is None
