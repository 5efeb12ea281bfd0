"""Who is next: nobody's ten thousandth stands before the first of somebody else."""

from __future__ import annotations

import asyncio
import time

import pytest

from harmo.app import fair as module
from harmo.app.fair import FairLine, Places, Turns


def popped(line: FairLine[str]) -> list[str]:
    given = []
    while (one := line.pop()) is not None:
        given.append(one)
    return given


def test_owners_take_turns_and_each_ones_own_keep_their_order() -> None:
    line = FairLine[str]()
    for one in ("a1", "a2", "a3", "b1", "c1", "b2"):
        line.push(one[0], one)
    assert len(line) == 6
    assert popped(line) == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert len(line) == 0


def test_one_may_stand_before_its_owners_others() -> None:
    line = FairLine[str]()
    for one in ("a1", "b1", "a2"):
        line.push(one[0], one)
    line.push("a", "a0", first=True)
    assert popped(line) == ["a0", "b1", "a1", "a2"]


def test_who_leaves_is_forgotten_and_may_leave_twice() -> None:
    line = FairLine[str]()
    for one in ("a1", "a2", "b1"):
        line.push(one[0], one)
    for _ in range(2):
        line.remove("a", "a1")
        line.remove("b", "b1")
    assert len(line) == 1
    assert popped(line) == ["a2"]
    assert line._owners == {}


def test_who_has_had_least_time_is_next() -> None:
    line = FairLine[str]()
    for one in ("a1", "a2", "a3", "b1", "b2", "b3"):
        line.push(one[0], one)
    given = []
    while (one := line.pop()) is not None:
        given.append(one)
        line.spend(one[0], 1.0 if one[0] == "a" else 0.3)
    assert given == ["a1", "b1", "b2", "b3", "a2", "a3"]


def test_who_comes_late_has_nothing_to_make_up_for_and_nothing_to_gain() -> None:
    line = FairLine[str]()
    for n in range(30):
        line.push("a", f"a{n}")
    for _ in range(10):
        line.pop()
        line.spend("a", 1.0)
    for n in range(10):
        line.push("b", f"b{n}")
    given = []
    for _ in range(10):
        one = line.pop()
        assert one is not None
        given.append(one[0])
        line.spend(one[0], 1.0)
    assert 4 <= given.count("a") <= 6


def test_who_comes_for_one_only_and_again_does_not_keep_a_batch_waiting() -> None:
    line = FairLine[str]()
    for n in range(10):
        line.push("batch", f"batch{n}")
    for n in range(4):
        line.push(n, f"one{n}")
    served = 0
    for n in range(4, 200):
        one = line.pop()
        assert one is not None
        owner = "batch" if one.startswith("batch") else int(one.removeprefix("one"))
        line.spend(owner, 0.3)
        served += owner == "batch"
        if owner != "batch":
            line.push(n, f"one{n}")
        if served == 10:
            break
    assert served == 10, "a fifth of the time is the batch's"
    assert n < 4 + 10 * 8


def test_what_owners_had_is_forgotten_once_it_does_not_matter() -> None:
    line = FairLine[str]()
    line.push("stays", "s")
    for n in range(5_000):
        line.push(n, f"{n}")
        line.pop()
        line.spend(n, 0.001)
        line.remove(n, f"{n}")
        if not line:
            line.push("stays", "s")
    assert len(line._had_s) < 500
    while line.pop() is not None:
        pass
    assert line._had_s == {}
    line.spend("gone", 1.0)
    assert line._had_s == {}, "of what nobody waits for nothing is kept"


def test_where_no_time_is_told_nothing_is_kept_of_who_left() -> None:
    line = FairLine[str]()
    line.push("stays", "s0")
    for n in range(1_000):
        line.push(n, f"{n}")
        line.push("stays", f"s{n + 1}")
        assert line.pop() is not None
        line.remove(n, f"{n}")
    assert line._had_s.keys() == line._owners.keys()


async def test_places_are_given_in_turn_and_a_waiter_that_leaves_loses_none() -> None:
    places, order = Places(1), list[str]()

    async def hold(name: str) -> None:
        await places.take(name[0])
        order.append(name)
        await asyncio.sleep(0)
        places.release()

    tasks = [asyncio.create_task(hold(name)) for name in ("a1", "a2", "a3", "b1")]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks)
    assert order == ["a1", "b1", "a3"]
    await asyncio.wait_for(places.take("c"), 1.0)


async def test_a_place_given_to_who_leaves_at_that_moment_goes_to_the_next() -> None:
    places = Places(1)
    await places.take("a")
    leaving = asyncio.create_task(places.take("b"))
    await asyncio.sleep(0)
    places.release()
    leaving.cancel()
    await asyncio.wait({leaving})
    assert leaving.cancelled()
    await asyncio.wait_for(places.take("c"), 1.0)


class Spending:
    """Work of a known length, and how much of it the event loop did between two of its turns."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.between_s = 0.0
        self.most_s = 0.0

    async def work(self, owner: object, spent_s: float) -> None:
        await self.turns.take(owner)
        self.between_s += spent_s
        self.most_s = max(self.most_s, self.between_s)
        self.turns.spend(spent_s)

    async def watch(self) -> None:
        while True:
            self.between_s = 0.0
            await asyncio.sleep(0)


@pytest.mark.parametrize("spent_s", [module.TURN_S / 50, module.TURN_S / 3, module.TURN_S * 2])
async def test_many_that_are_quick_together_leave_the_loop_its_turns(spent_s: float) -> None:
    spending = Spending()
    watching = asyncio.create_task(spending.watch())
    await asyncio.gather(*(spending.work(n, spent_s) for n in range(1024)))
    watching.cancel()
    # The watch looks between two turns, so it may see the end of one and the start of the next.
    assert spending.most_s <= 2 * module.TURN_S + 2 * spent_s


async def test_one_owners_thousand_do_not_keep_anothers_one_from_the_loop() -> None:
    spending, done = Spending(), list[str]()

    async def one(owner: str) -> None:
        await spending.work(owner, module.TURN_S)
        done.append(owner)

    many = [asyncio.create_task(one("many")) for _ in range(500)]
    await asyncio.sleep(0)
    await one("other")
    assert done.count("many") <= module.CALLED + 1
    for task in many:
        task.cancel()
    await asyncio.wait(many)
    assert (len(spending.turns._line), spending.turns._called) == (0, {})


async def test_without_a_crowd_nobody_waits() -> None:
    turns = Turns()
    began_s = time.perf_counter()
    loop_turns = 0

    def count() -> None:
        nonlocal loop_turns
        loop_turns += 1

    asyncio.get_running_loop().call_soon(count)
    await turns.take("a")
    turns.spend(time.perf_counter() - began_s)
    assert loop_turns == 0
