"""The batcher, with a device made of events and lists."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from harmo.models.base import ModelScore, QueueFullError
from harmo.models.batcher import Batcher


@dataclass(frozen=True)
class Lump:
    """Work of one token per name."""

    names: tuple[str, ...]

    @property
    def tokens(self) -> int:
        return len(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def halves(self) -> tuple[Lump, Lump]:
        middle = len(self.names) // 2
        return Lump(self.names[:middle]), Lump(self.names[middle:])


@dataclass
class Device:
    """Scores a name by its length; holds the first batch until `free` is set."""

    free: threading.Event = field(default_factory=threading.Event)
    busy: threading.Event = field(default_factory=threading.Event)
    memory_tokens: int = 1000
    error: Exception | None = None
    batches: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, batch: Sequence[Lump]) -> list[list[ModelScore]]:
        self.busy.set()
        assert self.free.wait(5)
        names = tuple(name for lump in batch for name in lump.names)
        if self.error is not None and "bad" in names:
            raise self.error
        if len(names) > self.memory_tokens or "huge" in names:
            raise MemoryError
        self.batches.append(names)
        return [[ModelScore(values=(len(name),)) for name in lump.names] for lump in batch]


@dataclass
class Counts:
    waits: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    splits: int = 0

    def waited(self, seconds: float) -> None:
        self.waits.append(seconds)

    def forwarded(self, tokens: int, seconds: float) -> None:
        self.tokens.append(tokens)

    def split_for_memory(self) -> None:
        self.splits += 1


@pytest.fixture
def device():
    device = Device()
    yield device
    device.free.set()


def batcher(device: Device, *, budget: int = 4, queue: int = 100, counts=None) -> Batcher[Lump]:
    return Batcher(
        device, max_batch_tokens=budget, max_queue_tokens=queue, observer=counts, name="fake"
    )


def lump(*names: str) -> Lump:
    return Lump(names)


def values(answer) -> list[float]:
    return [score.values[0] for score in answer.result(5)]


def test_what_arrives_while_the_device_is_busy_is_the_next_batch(device: Device) -> None:
    queue = batcher(device)
    first = queue.submit(lump("a"))
    assert device.busy.wait(5)
    later = [queue.submit(lump(name, name)) for name in ("bb", "ccc", "dddd")]
    device.free.set()
    assert values(first) == [1]
    assert [values(answer) for answer in later] == [[2, 2], [3, 3], [4, 4]]
    assert device.batches == [("a",), ("bb", "bb", "ccc", "ccc"), ("dddd", "dddd")]
    queue.close()


def test_work_over_the_budget_still_runs(device: Device) -> None:
    device.free.set()
    queue = batcher(device, budget=1)
    assert values(queue.submit(lump("a", "bb", "ccc"))) == [1, 2, 3]
    queue.close()


def test_a_full_queue_turns_callers_away_and_an_empty_one_takes_anything(device: Device) -> None:
    queue = batcher(device, queue=3)
    queue.submit(lump("a"))
    assert device.busy.wait(5)
    waiting = queue.submit(lump("b", "c", "d", "e"))
    with pytest.raises(QueueFullError, match="limit of 3"):
        queue.submit(lump("f"))
    with pytest.raises(QueueFullError):
        queue.check_room()
    assert queue.load_tokens == 5
    device.free.set()
    assert len(waiting.result(5)) == 4
    queue.close()


def test_passed_deadlines_and_cancelled_callers_never_reach_the_device(device: Device) -> None:
    queue = batcher(device)
    queue.submit(lump("a"))
    assert device.busy.wait(5)
    late = queue.submit(lump("late", "late"), deadline_s=time.monotonic())
    gone = queue.submit(lump("gone"))
    kept = queue.submit(lump("kept"), deadline_s=time.monotonic() + 60)
    assert gone.cancel()
    device.free.set()
    assert values(kept) == [4]
    assert [score.fault for score in late.result(5)] == ["deadline", "deadline"]
    assert device.batches == [("a",), ("kept",)]
    queue.close()


def test_out_of_memory_halves_down_to_one_completion_then_faults(device: Device) -> None:
    device.free.set()
    device.memory_tokens = 2
    counts = Counts()
    queue = batcher(device, budget=10, counts=counts)
    scores = queue.submit(lump("a", "bb", "huge", "ccc", "dddd")).result(5)
    assert [score.values for score in scores] == [(1,), (2,), (), (3,), (4,)]
    assert [score.fault for score in scores] == [None, None, "out_of_memory", None, None]
    # All five, then the three that hold the huge one.
    assert counts.splits == 2
    assert sum(counts.tokens) == 4
    queue.close()


def test_work_that_fails_fails_its_caller_and_nobody_else_in_its_batch(device: Device) -> None:
    device.error = ZeroDivisionError("a bug")
    queue = batcher(device)
    queue.submit(lump("a"))
    assert device.busy.wait(5)
    before, bad, after = (queue.submit(lump(name)) for name in ("good", "bad", "fine!"))
    device.free.set()
    with pytest.raises(ZeroDivisionError):
        bad.result(5)
    assert values(before) == [4]
    assert values(after) == [5]
    with pytest.raises(ZeroDivisionError):
        queue.submit(lump("bad")).result(5)
    assert values(queue.submit(lump("later"))) == [5]
    queue.close()
    assert queue.load_tokens == 0


def test_a_forward_pass_of_the_wrong_length_answers_nobody() -> None:
    queue = Batcher(lambda batch: [], max_batch_tokens=4, max_queue_tokens=4)
    with pytest.raises(ValueError, match="shorter"):
        queue.submit(lump("a")).result(5)
    queue.close()


def test_nothing_waits_forever_behind_a_closed_batcher(device: Device) -> None:
    device.free.set()
    queue = batcher(device)
    queue.close()
    with pytest.raises(RuntimeError, match="closed"):
        queue.submit(lump("a"))
    assert queue.load_tokens == 0


def test_closing_cancels_what_waits_and_finishes_what_runs(device: Device) -> None:
    queue = batcher(device, budget=1)
    running = queue.submit(lump("a"))
    assert device.busy.wait(5)
    waiting = queue.submit(lump("b"))
    threading.Timer(0.05, device.free.set).start()
    queue.close()
    assert values(running) == [1]
    assert waiting.cancelled()


def test_the_observer_sees_waits_and_tokens(device: Device) -> None:
    device.free.set()
    counts = Counts()
    queue = batcher(device, counts=counts)
    queue.submit(lump("a", "b")).result(5)
    queue.close()
    assert counts.tokens == [2]
    assert len(counts.waits) == 1
