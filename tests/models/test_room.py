"""Room that is taken in order of arrival, on an event loop that never blocks."""

from __future__ import annotations

import asyncio

import pytest

from harmo.models.room import Room


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
