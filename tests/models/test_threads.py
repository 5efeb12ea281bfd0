"""Threads whose calls are held by events."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import pytest

from harmo.models.threads import Caller, Failure, Threads, attempt


@pytest.fixture
def gate():
    event = threading.Event()
    yield event
    event.set()


def hang(threads: Threads, gate: threading.Event) -> Future[bool]:
    """A call that has begun, and waits."""
    begun = threading.Event()

    def call() -> bool:
        begun.set()
        return gate.wait(20)

    answer = threads.submit(call)
    assert begun.wait(5)
    return answer


def test_calls_are_made_in_order_of_arrival() -> None:
    threads, made = Threads("fake", places=1), []
    answers = [threads.submit(lambda n=n: made.append(n)) for n in range(50)]
    for answer in answers:
        answer.result(5)
    assert made == list(range(50))
    threads.close()


def test_what_is_cancelled_is_never_made_and_let_go_at_once(gate) -> None:
    threads, made = Threads("fake", places=1), []
    hang(threads, gate)
    gone = [threads.submit(lambda: made.append("gone")) for _ in range(100)]
    last = threads.submit(lambda: made.append("last"))
    assert all(answer.cancel() for answer in gone)
    assert len(threads._queue) == 1
    gate.set()
    last.result(5)
    assert made == ["last"]


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit("bad"), KeyboardInterrupt("bad")])
def test_a_call_that_fails_fails_its_caller_and_not_the_thread(error: BaseException) -> None:
    threads = Threads("fake", places=1)

    def fail() -> None:
        raise error

    with pytest.raises(Exception, match="bad"):
        threads.submit(fail).result(5)
    assert threads.submit(lambda: 7).result(5) == 7


def test_a_thread_that_hangs_gives_its_place_to_another(gate) -> None:
    threads = Threads("fake", places=1, stuck_after_s=0.02)
    hang(threads, gate)
    time.sleep(0.03)
    assert threads.load().fault == "", "another may still begin"
    assert threads.submit(lambda: 7).result(5) == 7


def test_no_more_places_than_that_and_then_it_is_a_fault(gate) -> None:
    threads = Threads("fake", places=1, stuck_after_s=0.02)
    hung = []
    for _ in range(4):
        hung.append(hang(threads, gate))
        time.sleep(0.03)
    assert threads.load().fault == "fake: all 4 threads have been at one call for over 0.02 s"
    waiting = threads.submit(lambda: 7)
    assert len(threads._threads) == 4
    gate.set()
    assert waiting.result(5) == 7
    for answer in hung:
        answer.result(5)
    assert threads.load().fault == ""


def test_closing_waits_for_nothing_that_runs(gate) -> None:
    threads = Threads("fake", places=1)
    hang(threads, gate)
    waiting = threads.submit(lambda: 7)
    threads.close()
    assert waiting.cancelled()
    with pytest.raises(RuntimeError, match="fake is closed"):
        threads.submit(lambda: 7)


def test_a_process_ends_while_a_call_hangs() -> None:
    code = (
        "import time; from harmo.models.threads import Threads;"
        "Threads('fake', places=1).submit(lambda: time.sleep(600)); time.sleep(0.1)"
    )
    ran = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert ran.returncode == 0


def test_a_failure_keeps_what_went_wrong() -> None:
    failed = attempt(lambda: ().index(7))
    assert isinstance(failed, Failure)
    assert isinstance(failed.error, ValueError)


@pytest.mark.parametrize(
    ("caller", "waits", "why"),
    [
        (Caller(deadline_s=None), True, "for as long as it takes"),
        (Caller(deadline_s=time.monotonic() + 1e6), True, "until then"),
        (Caller(deadline_s=time.monotonic() - 1), False, "past the deadline"),
        (Caller(deadline_s=None, left=True), False, "gone"),
    ],
)
def test_a_caller_waits_until_the_deadline_or_until_they_leave(
    caller: Caller, waits: bool, why: str
) -> None:
    assert caller.waits is waits, why
