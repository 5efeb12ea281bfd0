"""The life of a service."""

from __future__ import annotations

import asyncio

import pytest

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.life import Life, Phase


async def lived(*steps: str) -> Life:
    life = Life(drain_timeout_s=5.0)
    for step in steps:
        call = getattr(life, step)
        call("no such model") if step == "fail" else call()
    return life


@pytest.mark.parametrize(
    ("steps", "phase", "refusal"),
    [
        ((), Phase.STARTING, "the service is starting"),
        (("begin",), Phase.READY, None),
        (("begin", "leave"), Phase.LEAVING, None),
        (("begin", "leave", "drain"), Phase.DRAINING, "the service is draining"),
        (("leave", "begin"), Phase.DRAINING, "the service is draining"),
        (("fail", "leave"), Phase.FAILED, "no such model"),
        (("begin", "fail"), Phase.FAILED, "no such model"),
        (("begin", "drain", "leave"), Phase.DRAINING, "the service is draining"),
        (("begin", "drain"), Phase.DRAINING, "the service is draining"),
        (("drain",), Phase.DRAINING, "the service is draining"),
        (("drain", "begin"), Phase.DRAINING, "the service is draining"),
        (("fail",), Phase.FAILED, "no such model"),
        (("fail", "drain"), Phase.FAILED, "no such model"),
        (("fail", "begin"), Phase.FAILED, "no such model"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
async def test_a_service_takes_requests_from_ready_until_it_drains(
    steps: tuple[str, ...], phase: Phase, refusal: str | None
) -> None:
    life = await lived(*steps)
    assert life.phase is phase
    assert life.ready == (phase is Phase.READY)
    assert life.began == (steps[:1] == ("begin",))
    if refusal is None:
        life.require_ready()
        return
    with pytest.raises(ServiceError, match=refusal) as refused:
        life.require_ready()
    assert refused.value.type is ErrorType.NOT_READY
    assert refused.value.headers["Retry-After"]


async def test_what_waits_for_readiness_is_done_once_before_the_first_request() -> None:
    life, ready = Life(drain_timeout_s=5.0), []
    life.when_ready(lambda: ready.append(life.ready))
    life.begin()
    life.begin()
    assert ready == [False]


async def test_a_server_is_told_once_start_up_failed() -> None:
    life, told = Life(drain_timeout_s=5.0), []
    life.when_failed(lambda: told.append(life.failure))
    life.fail("no such model")
    assert told == ["no such model"]


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (("begin", "drain"), "a signal, then the end of the server"),
        (("begin", "drain", "drain"), "two signals"),
        (("fail", "drain"), "start-up failed"),
    ],
)
async def test_draining_again_changes_nothing_for_what_is_in_flight(
    steps: tuple[str, ...], why: str
) -> None:
    life = Life(drain_timeout_s=0.0)

    async def request() -> None:
        async with life.request():
            await asyncio.sleep(60.0)

    slow = asyncio.ensure_future(request())
    await asyncio.sleep(0)
    for step in steps:
        call = getattr(life, step)
        call("no such model") if step == "fail" else call()
    await asyncio.sleep(0)
    life.drain()
    with pytest.raises(ServiceError, match="draining"):
        await slow


async def test_a_request_that_outlasts_the_drain_gets_a_503_and_one_that_does_not_its_answer() -> (
    None
):
    life = Life(drain_timeout_s=0.05)
    life.begin()

    async def request(seconds: float) -> str:
        async with life.request():
            await asyncio.sleep(seconds)
        return "answered"

    quick, slow = asyncio.ensure_future(request(0.0)), asyncio.ensure_future(request(60.0))
    await asyncio.sleep(0)
    life.drain()
    assert await quick == "answered"
    with pytest.raises(ServiceError, match="draining"):
        await slow


async def test_a_drain_in_a_hurry_ends_what_is_in_flight() -> None:
    life = Life(drain_timeout_s=1000.0)
    life.begin()

    async def request() -> None:
        async with life.request():
            await asyncio.sleep(60.0)

    slow = asyncio.ensure_future(request())
    await asyncio.sleep(0)
    life.drain()
    await asyncio.sleep(0)
    assert not slow.done()
    life.hurry()
    with pytest.raises(ServiceError, match="draining"):
        await slow


async def test_what_came_in_time_is_in_flight_however_far_it_is() -> None:
    life = Life(drain_timeout_s=0.05)
    life.begin()
    with life.arrival():
        life.drain()
        life.require_ready()
        async with life.request():
            pass
        with pytest.raises(ServiceError, match="draining"):
            async with life.request():
                await asyncio.sleep(60.0)
    with life.arrival(), pytest.raises(ServiceError, match="draining"):
        life.require_ready()


async def test_what_comes_while_it_starts_is_refused() -> None:
    life = Life(drain_timeout_s=5.0)
    with life.arrival(), pytest.raises(ServiceError, match="starting"):
        life.require_ready()
