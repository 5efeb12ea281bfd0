"""A window holds the last groups, within its bounds, and the first scores of its models."""

from __future__ import annotations

import threading
import tracemalloc
from array import array
from concurrent.futures import ThreadPoolExecutor

import pytest

from harmo.rewards.signals import audit
from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.record import GroupRecord
from harmo.rewards.signals.window import BASELINE_SCORES, Bounds, Window
from tests.rewards import tables

LAYOUT = Layout.of(tables.plan(columns="mr"))
NAN = float("nan")


def record(
    *scores: float, whole: bool = True, unscored: int = 0, layout: Layout = LAYOUT
) -> GroupRecord:
    """A group whose model gave these scores; the last `unscored` of its members have no reward."""
    rows = array("d")
    for i, score in enumerate(scores):
        reward = NAN if i >= len(scores) - unscored else 1.0
        rest = [0.0] * (layout.width - 5)
        rows.extend([score, *rest, reward, 1.0, 0.0, float(i)])
    return GroupRecord(rows=rows, members=len(scores), whole=whole)


def firsts(window: Window) -> list[float]:
    """The first model score of every group that it holds."""
    samples = window.read().samples
    return [samples.scores[samples.groups == g, 0][0] for g in sorted(set(samples.groups))]


def test_the_oldest_group_leaves_first():
    window = Window(LAYOUT, Bounds(groups=3))
    for k in range(5):
        window.add(record(float(k), -1.0))
    assert firsts(window) == [2.0, 3.0, 4.0]
    assert window.seen == 5
    assert window.read().groups == 3


BOUNDS = [
    (Bounds(groups=4), 4, "groups"),
    (Bounds(samples=25), 3, "samples"),
    (Bounds(bytes=4 * record(*[0.0] * 8).bytes), 4, "bytes"),
]


@pytest.mark.parametrize(("bounds", "groups", "why"), BOUNDS, ids=[row[2] for row in BOUNDS])
def test_each_bound_holds_alone(bounds, groups, why):
    window = Window(LAYOUT, bounds)
    for _ in range(50):
        window.add(record(*[NAN] * 8))
    assert window.read().groups == groups, why
    assert window.bytes <= bounds.bytes


def test_a_group_that_is_larger_than_the_window_leaves_it_empty():
    window = Window(LAYOUT, Bounds(samples=10))
    window.add(record(*[0.5] * 11))
    assert window.read().groups == 0
    assert audit(window.read()).groups == 0
    window.add(record(0.5, 0.5))
    assert window.read().groups == 1


def test_a_window_that_may_hold_less_gives_up_what_is_too_much():
    window = Window(LAYOUT)
    for k in range(50):
        window.add(record(float(k), 0.0))
    window.bound(Bounds(groups=2))
    assert firsts(window) == [48.0, 49.0]


SIZES = [1, 8, 64, 4096]


@pytest.mark.parametrize("members", SIZES)
def test_what_it_says_it_holds_is_what_it_holds(members):
    groups = [[float(k)] * members for k in range(max(20, 1200 // members))]
    tracemalloc.start()
    try:
        window = Window(LAYOUT)
        before, _ = tracemalloc.get_traced_memory()
        for group in groups:
            window.add(record(*group))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before <= window.bytes + 4096
    assert window.bytes <= Bounds().bytes


def test_the_first_scores_are_kept_when_their_groups_have_left():
    window = Window(LAYOUT, Bounds(groups=2))
    assert window.read().baselines == {}
    for k in range(BASELINE_SCORES // 8 + 5):
        window.add(record(*[float(k)] * 8))
    scores, after = window.read().baselines[0]
    assert len(scores) == BASELINE_SCORES
    assert scores[0] == 0.0
    assert scores[-1] == BASELINE_SCORES // 8 - 1
    assert after == BASELINE_SCORES // 8, "the group after them is the first that is compared"


def test_the_first_scores_count_as_memory():
    window = Window(LAYOUT, Bounds(bytes=BASELINE_SCORES * 8))
    for _ in range(BASELINE_SCORES // 8):
        window.add(record(*[0.5] * 8))
    assert window.read().groups == 0
    assert len(window.read().baselines[0][0]) == BASELINE_SCORES


def test_abstentions_and_unscored_completions_are_no_first_scores():
    window = Window(LAYOUT)
    for _ in range(BASELINE_SCORES // 2):
        window.add(record(1.0, NAN, 2.0, 3.0, unscored=1))
    scores, after = window.read().baselines[0]
    assert set(scores) == {1.0, 2.0}
    assert after == BASELINE_SCORES // 2


def test_a_window_is_read_while_it_is_fed():
    window = Window(LAYOUT, Bounds(groups=64))
    begun = threading.Event()

    def read() -> int:
        torn = 0
        while window.seen < 2_000:
            found = window.read()
            torn += len(found.samples.rewards) != 3 * found.groups
            audit(found)
            begun.set()
        return torn

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read) for _ in range(2)]
        begun.wait(10)
        for _ in range(2_000):
            window.add(record(1.0, 2.0, 3.0))
        assert [reader.result() for reader in readers] == [0, 0]
