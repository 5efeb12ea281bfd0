"""Tasks end with whoever started them, whatever it ends of."""

from __future__ import annotations

import asyncio

import pytest

from harmo.app import together as module
from harmo.app.together import each, end, together


class Work:
    """Coroutines that count how many run."""

    def __init__(self) -> None:
        self.running = 0

    async def wait(self) -> None:
        self.running += 1
        try:
            await asyncio.sleep(60.0)
        finally:
            await asyncio.sleep(0)
            self.running -= 1

    async def fail(self) -> None:
        await asyncio.sleep(0)
        raise KeyError("x")


async def test_where_one_fails_the_others_are_over_before_its_error_is_seen() -> None:
    work = Work()

    async def owner() -> None:
        async with together() as tasks:
            tasks.create_task(work.wait())
            tasks.create_task(work.fail())
            tasks.create_task(work.wait())

    with pytest.raises(KeyError):
        await owner()
    assert work.running == 0


@pytest.mark.parametrize("many", [1, 50])
async def test_where_the_block_is_left_none_goes_on(many: int) -> None:
    work = Work()

    async def owner() -> None:
        async with together() as tasks:
            for _ in range(many):
                tasks.create_task(work.wait())

    owning = asyncio.create_task(owner())
    await asyncio.sleep(0.01)
    assert work.running == many
    owning.cancel()
    await asyncio.wait({owning})
    assert owning.cancelled()
    assert work.running == 0


async def test_each_outcome_is_kept_and_none_goes_on_where_the_owner_leaves() -> None:
    work = Work()
    tasks = await each([work.fail(), asyncio.sleep(0, "b")])
    assert isinstance(tasks[0].exception(), KeyError)
    assert tasks[1].result() == "b"
    owning = asyncio.create_task(each([work.wait(), work.wait()]))
    await asyncio.sleep(0.01)
    owning.cancel()
    await asyncio.wait({owning})
    assert work.running == 0


async def test_what_does_not_end_is_waited_for_a_little_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "END_S", 0.05)
    stop = asyncio.Event()

    async def stubborn() -> None:
        while not stop.is_set():
            try:
                await stop.wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    assert not await end([task])
    stop.set()
    await task
    assert await end([task])


async def test_an_error_that_comes_while_it_ends_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails_late() -> None:
        try:
            await asyncio.sleep(60.0)
        except asyncio.CancelledError:
            raise ValueError("what a policy wrote") from None

    task = asyncio.create_task(fails_late())
    await asyncio.sleep(0)
    assert await end([task])
    del task
    assert caplog.records == []
