"""Room that is taken in order of arrival, on an event loop that never blocks."""

from __future__ import annotations

import asyncio

import pytest

from harmo.models.room import CLOCK, Backlog, Clock, Room
from tests.models.counting import Counting


class Line:
    """Callers of one room, and who of them was let in, in order."""

    def __init__(self, size: int) -> None:
        self.room = Room(size)
        self.inside: list[str] = []
        self.out: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def comes(self, name: str, amount: int) -> None:
        self.out[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, amount))
        await settled()

    async def goes(self, name: str) -> None:
        self.out[name].set()
        await settled()

    async def _stay(self, name: str, amount: int) -> None:
        async with self.room.taken(amount):
            self.inside.append(name)
            await self.out[name].wait()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_finds_room_is_let_in_and_the_others_wait_their_turn() -> None:
    line = Line(10)
    for name, amount in (("a", 6), ("b", 6), ("c", 1)):
        await line.comes(name, amount)
    assert line.inside == ["a"], "c would fit, and came after b"
    assert line.room.waiting == 7
    await line.goes("a")
    assert line.inside == ["a", "b", "c"]
    assert line.room.waiting == 0


async def test_what_is_larger_than_the_room_has_it_for_itself() -> None:
    line = Line(10)
    await line.comes("huge", 500)
    await line.comes("small", 1)
    assert line.inside == ["huge"]
    await line.goes("huge")
    assert line.inside == ["huge", "small"]


async def test_who_leaves_the_line_makes_way() -> None:
    line = Line(10)
    await line.comes("a", 6)
    await line.comes("large", 9)
    await line.comes("b", 4)
    line.tasks["large"].cancel()
    await settled()
    assert line.inside == ["a", "b"]
    assert line.room.waiting == 0


async def test_who_leaves_just_as_they_are_called_gives_the_room_back() -> None:
    line = Line(10)
    await line.comes("a", 10)
    await line.comes("b", 10)
    await line.comes("c", 10)
    # In one step of the loop: a leaves, which calls b, who is cancelled.
    line.tasks["a"].cancel()
    line.room._give_back(0)
    line.tasks["b"].cancel()
    await settled()
    assert line.inside == ["a", "c"]


async def test_an_error_inside_gives_the_room_back() -> None:
    room = Room(1)
    with pytest.raises(ZeroDivisionError):
        async with room.taken(1):
            raise ZeroDivisionError
    async with asyncio.timeout(5), room.taken(1):
        pass


def test_it_serves_one_event_loop_after_another() -> None:
    line = Line(1)
    asyncio.run(line.comes("a", 1))
    asyncio.run(line.comes("b", 1))
    assert line.inside == ["a", "b"]


def test_what_waits_is_counted_until_it_begins_or_nobody_wants_it() -> None:
    counts = Counting()
    backlog = Backlog(counts)
    with backlog.enter(3, 400) as first, backlog.enter(2, 40):
        load = backlog.load()
        assert (load.completions, load.tokens) == (5, 110), "a token is four characters"
        first.tokenised(0.0, 77)
        assert backlog.load().tokens == 87, "once it is known"
        first.begin()
        first.begin()
        assert (backlog.load().completions, len(counts.waits)) == (2, 1), "it begins once"
        first.tokenised(0.0, 1000)
        assert backlog.load().tokens == 10, "what has begun is counted no more"
    load = backlog.load()
    assert (load.completions, load.tokens, load.oldest_s) == (0, 0, 0.0)
    assert len(counts.waits) == 2, "who left has waited, too"


def test_the_oldest_is_the_one_that_came_first_of_those_that_still_wait() -> None:
    backlog = Backlog(Counting())
    with backlog.enter(1, 0) as first, backlog.enter(1, 0) as second:
        first.since_s -= 100.0
        second.since_s -= 50.0
        assert backlog.load().oldest_s >= 100.0
        first.begin()
        assert 50.0 <= backlog.load().oldest_s < 100.0


def test_making_a_group_ready_is_no_waiting_and_its_caller_hears_the_longest_wait() -> None:
    counts, clock = Counting(), Clock()
    token = CLOCK.set(clock)
    for waited_s in (30.0, 10.0):
        with Backlog(counts).enter(1, 0) as waiting:
            waiting.since_s -= waited_s + 5.0
            waiting.tokenised(5.0, 1)
    CLOCK.reset(token)
    assert counts.waits == pytest.approx([30.0, 10.0], abs=1.0)
    assert counts.tokenising == [5.0, 5.0]
    assert clock.waited_s == pytest.approx(30.0, abs=1.0)


def test_the_tokens_of_a_completion_are_those_of_the_latest() -> None:
    backlog = Backlog(Counting())
    assert backlog.each_tokens == 0.0
    for completions, tokens, each in ((8, 80, 10.0), (0, 0, 10.0), (256, 256 * 30, 20.0)):
        with backlog.enter(completions, 0) as waiting:
            waiting.tokenised(0.0, tokens)
        assert backlog.each_tokens == pytest.approx(each)
