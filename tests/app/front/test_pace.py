"""Requests begin a few at a time, so that thousands at once do not hold the event loop."""

from __future__ import annotations

import asyncio

from harmo.app.front.pace import AT_ONCE, Pace


async def begun(pace: Pace, order: list[str], name: str, address: str = "trainer") -> None:
    await pace.take(address)
    order.append(name)


async def test_no_more_than_a_few_begin_in_one_turn_and_all_in_the_end_in_order() -> None:
    pace, order = Pace(), list[str]()
    names = [str(number) for number in range(5 * AT_ONCE)]
    tasks = [asyncio.create_task(begun(pace, order, name)) for name in names]
    by_turn = []
    while len(order) < len(names):
        before = len(order)
        await asyncio.sleep(0)
        by_turn.append(len(order) - before)
    assert max(by_turn) <= AT_ONCE
    assert order == names
    await asyncio.gather(*tasks)


async def test_another_address_does_not_stand_behind_thousands() -> None:
    pace, order = Pace(), list[str]()
    many = [asyncio.create_task(begun(pace, order, "sample")) for _ in range(20 * AT_ONCE)]
    await asyncio.sleep(0)
    probe = asyncio.create_task(begun(pace, order, "probe", "kubelet"))
    await probe
    assert len(order) < 4 * AT_ONCE
    await asyncio.gather(*many)


async def test_who_leaves_the_line_takes_no_place_in_it() -> None:
    pace, order = Pace(), list[str]()
    tasks = [asyncio.create_task(begun(pace, order, "x")) for _ in range(3 * AT_ONCE)]
    await asyncio.sleep(0)
    for task in tasks[AT_ONCE : 2 * AT_ONCE]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(order) == 2 * AT_ONCE
    await asyncio.wait_for(begun(pace, order, "later"), 5)
    assert order[-1] == "later"
