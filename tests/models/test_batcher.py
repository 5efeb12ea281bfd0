"""The batcher, with a device made of events and lists."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest

from harmo.models.base import Load, ModelScore
from harmo.models.batcher import Batcher
from tests.models.counting import Counting


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
    error: BaseException | None = None
    seconds: float = 0.0
    batches: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, batch: Sequence[Lump]) -> list[list[ModelScore]]:
        self.busy.set()
        assert self.free.wait(5)
        time.sleep(self.seconds)
        names = tuple(name for lump in batch for name in lump.names)
        if self.error is not None and "bad" in names:
            raise self.error
        if len(names) > self.memory_tokens or "huge" in names:
            raise MemoryError
        self.batches.append(names)
        return [[ModelScore(values=(len(name),)) for name in lump.names] for lump in batch]


@pytest.fixture
def device():
    device = Device()
    yield device
    device.free.set()


def batcher(device: Device, *, budget: int = 4, counts=None, **options) -> Batcher[Lump]:
    return Batcher(device, max_batch_tokens=budget, observer=counts, name="fake", **options)


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
    counts = Counting()
    queue = batcher(device, budget=10, counts=counts)
    scores = queue.submit(lump("a", "bb", "huge", "ccc", "dddd")).result(5)
    assert [score.values for score in scores] == [(1,), (2,), (), (3,), (4,)]
    assert [score.fault for score in scores] == [None, None, "out_of_memory", None, None]
    # All five, then the three that hold the huge one.
    assert counts.splits == 2
    assert sum(ran.tokens for ran in counts.batches) == 4
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
    queue = Batcher(lambda batch: [], max_batch_tokens=4)
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


def test_the_observer_sees_batches_and_a_caller_when_its_work_begins(device: Device) -> None:
    device.free.set()
    counts, begun = Counting(), list[str]()
    queue = batcher(device, counts=counts)
    queue.submit(lump("a", "b"), begun=lambda: begun.append("ab")).result(5)
    late = queue.submit(lump("c"), deadline_s=0.0, begun=lambda: begun.append("c"))
    late.result(5)
    queue.close()
    assert [(ran.completions, ran.tokens, ran.forwarded) for ran in counts.batches] == [(2, 2, 2)]
    assert begun == ["ab", "c"], "what is late has left the queue, too"


def test_what_went_through_a_model_is_the_models_to_say(device: Device) -> None:
    device.free.set()
    counts, forwarded = Counting(), itertools.count(100, 7)
    queue = batcher(device, counts=counts, forwarded_tokens=partial(next, forwarded))
    queue.submit(lump("a", "b")).result(5)
    queue.close()
    assert [ran.forwarded for ran in counts.batches] == [7], "as much as it says that it grew by"


def test_what_is_cancelled_leaves_the_queue_at_once(device: Device) -> None:
    queue = batcher(device)
    queue.submit(lump("a"))
    assert device.busy.wait(5)
    gone = [queue.submit(lump("b", "c")) for _ in range(1000)]
    assert queue.load_tokens == 2001
    assert all(answer.cancel() for answer in gone)
    assert queue.load_tokens == 1


def test_the_backlog_is_what_waits_at_the_rate_of_what_ran(device: Device) -> None:
    queue = batcher(device, budget=2)
    assert queue.load(ahead_tokens=9, each_tokens=9) == Load(), "nothing measured, nothing promised"
    device.seconds = 0.02
    device.free.set()
    queue.submit(lump("a", "b")).result(5)
    device.free.clear()
    device.busy.clear()
    queue.submit(lump("c", "d"))
    assert device.busy.wait(5)
    for _ in range(50):
        queue.submit(lump("e", "f"))
    # A token took 0.01 s, or more where the machine was busy.
    waiting_s = queue.load().backlog_s
    assert waiting_s >= 50 * 0.02
    assert queue.load(ahead_tokens=100).backlog_s >= 1.5 * waiting_s
    assert queue.load(each_tokens=100).completion_s == pytest.approx(waiting_s, rel=0.05)
    assert queue.load().fault == ""


def test_a_device_that_hangs_is_a_fault_until_it_returns(device: Device) -> None:
    queue = batcher(device, stuck_after_s=0.05)
    assert queue.load().fault == ""
    hung = queue.submit(lump("a"))
    assert device.busy.wait(5)
    assert soon(lambda: "fake: a batch has been running" in queue.load().fault)
    device.free.set()
    hung.result(5)
    assert soon(lambda: queue.load().fault == "")


def test_a_batch_as_slow_as_its_tokens_say_is_none_that_hangs(device: Device) -> None:
    queue = batcher(device, budget=1, stuck_after_s=0.0)
    device.seconds = 0.1
    device.free.set()
    queue.submit(lump("a")).result(5)
    device.free.clear()
    device.busy.clear()
    queue.submit(lump("b", "c", "d"))
    assert device.busy.wait(5)
    assert queue.load().fault == "", "three tokens may take ten times 0.3 s"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_device_whose_thread_ended_is_a_fault(device: Device) -> None:
    queue = batcher(device)
    queue.submit(lump("a"), begun=sys.exit)
    assert soon(lambda: queue.load().fault == "fake: its thread has ended")
    queue.close()
    assert queue.load().fault == "", "closed on purpose"


def test_what_panics_past_every_exception_fails_its_caller_only(device: Device) -> None:
    device.free.set()
    device.error = SystemExit("native code gave up")
    queue = batcher(device)
    with pytest.raises(RuntimeError, match="SystemExit: native code gave up"):
        queue.submit(lump("bad")).result(5)
    assert values(queue.submit(lump("fine"))) == [4]


def test_closing_gives_up_on_a_device_that_hangs(device: Device, monkeypatch) -> None:
    monkeypatch.setattr("harmo.models.batcher.CLOSING_S", 0.05)
    queue = batcher(device)
    queue.submit(lump("a"))
    assert device.busy.wait(5)
    waiting = queue.submit(lump("b"))
    queue.close()
    assert waiting.cancelled()
    assert not device.free.is_set(), "it still hangs, and nobody waits for it"


def test_a_process_ends_while_its_device_hangs() -> None:
    code = (
        "import time; from types import SimpleNamespace; from harmo.models.batcher import Batcher;"
        "queue = Batcher(lambda batch: time.sleep(600), max_batch_tokens=1);"
        "queue.submit(SimpleNamespace(tokens=1)); time.sleep(0.1)"
    )
    ran = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert ran.returncode == 0


def soon(holds) -> bool:
    """True once it holds, within five seconds."""
    limit_s = time.monotonic() + 5
    while not holds() and time.monotonic() < limit_s:
        time.sleep(0.005)
    return holds()
