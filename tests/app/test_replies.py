"""Replies kept by idempotency key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.replies import Asked, Replies, Reply


async def once(
    replies: Replies,
    key: str,
    body: bytes,
    make: Callable[[], Coroutine[Any, Any, Reply]],
    *,
    owner: str = "",
    within_s: float = 60.0,
) -> tuple[bytes, bool]:
    deadline_s = time.monotonic() + within_s
    asked = Asked(owner=owner, key=key, digest=body, deadline_s=deadline_s)
    return await replies.once(asked, make)


async def test_two_calls_with_one_key_are_scored_once() -> None:
    replies, made = Replies(), []

    async def make() -> Reply:
        made.append(1)
        await asyncio.sleep(0.01)
        return Reply(body=b"answer")

    got = await asyncio.gather(*(once(replies, "k", b"body", make) for _ in range(3)))
    assert [answer for answer, _ in got] == [b"answer"] * 3
    assert len(made) == 1
    assert sorted(replayed for _, replayed in got) == [False, True, True]


async def test_whoever_waited_for_a_call_that_failed_makes_its_own() -> None:
    replies, made = Replies(), []

    async def make() -> Reply:
        made.append(1)
        await asyncio.sleep(0.01)
        if len(made) == 1:
            raise ServiceError(ErrorType.OVERLOADED, "full")
        return Reply(body=b"answer")

    got = await asyncio.gather(
        *(once(replies, "k", b"body", make) for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in got] == [ServiceError, tuple, tuple]
    assert len(made) == 2


async def test_many_small_replies_never_exceed_the_budget() -> None:
    replies = Replies(max_bytes=1000)

    async def make() -> Reply:
        await asyncio.sleep(0)
        return Reply(body=b"x" * 30)

    await asyncio.gather(*(once(replies, f"k{i}", b"", make) for i in range(50)))
    answer, _ = await once(replies, "again", b"", make)
    assert answer == b"x" * 30


async def test_an_answer_that_fell_short_because_of_us_is_not_replayed() -> None:
    replies, made = Replies(), []

    async def make() -> Reply:
        made.append(1)
        return Reply(body=b"null", final=False)

    for _ in range(2):
        assert await once(replies, "k", b"", make) == (b"null", False)
    assert len(made) == 2


async def test_old_replies_make_room() -> None:
    replies, made = Replies(max_bytes=530), []

    async def make() -> Reply:
        made.append(1)
        return Reply(body=b"12345678")

    for key in ("a", "b", "a"):
        await once(replies, key, b"", make)
    assert len(made) == 3
