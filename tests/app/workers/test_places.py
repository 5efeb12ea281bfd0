"""A worker that owes a word, and a service that has no time to hear it."""

from __future__ import annotations

import asyncio
import time

from harmo.app.workers.places import READ_S, Place
from tests.app.workers.jobs import until

PATIENCE_S = 0.05


async def test_a_worker_that_says_nothing_is_silent_until_it_is_heard() -> None:
    place = Place()
    place.ask(PATIENCE_S)
    assert not place.silent
    await until(lambda: place.silent)
    place.hear()
    assert not place.silent


async def test_a_word_that_came_while_the_event_loop_was_held_up_was_no_silence() -> None:
    """A large body kept the loop busy, and `/readyz` said that no worker answers."""
    reader, place = asyncio.StreamReader(), Place()
    place.ask(PATIENCE_S)

    async def hear() -> None:
        await reader.readexactly(1)
        place.hear()

    hearing = asyncio.create_task(hear())
    asyncio.get_running_loop().call_soon(time.sleep, 4 * PATIENCE_S)
    asyncio.get_running_loop().call_soon(reader.feed_data, b"!")
    await asyncio.sleep(0)
    assert not place.silent, "though it is four times as long as is waited for"
    await hearing
    await asyncio.sleep(PATIENCE_S + 2 * READ_S)
    assert not place.silent


async def test_what_nobody_waits_for_any_more_is_not_missed() -> None:
    place = Place()
    place.ask(PATIENCE_S)
    place.hear()
    await asyncio.sleep(PATIENCE_S + 2 * READ_S)
    assert not place.silent
