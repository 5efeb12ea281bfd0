"""Replies kept by idempotency key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

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
    reply, replayed = await replies.once(asked, make)
    return reply.body, replayed


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


async def finish(done: asyncio.Event, made: list[int]) -> Reply:
    made.append(1)
    await done.wait()
    return Reply(body=b"answer")


async def test_a_caller_in_a_hurry_does_not_wait_for_anothers_call_past_its_deadline() -> None:
    replies, done, made = Replies(), asyncio.Event(), list[int]()
    first = asyncio.create_task(once(replies, "k", b"", lambda: finish(done, made)))
    await asyncio.sleep(0)
    with pytest.raises(ServiceError) as late:
        await once(replies, "k", b"", lambda: finish(done, made), within_s=0.02)
    assert late.value.type is ErrorType.DEADLINE
    done.set()
    assert await first == (b"answer", False), "the first goes on"
    assert len(made) == 1


@pytest.mark.parametrize("joined", [False, True], ids=["alone", "with another that waits"])
async def test_work_with_a_key_goes_on_when_its_client_leaves(joined: bool) -> None:
    replies, done, made = Replies(), asyncio.Event(), list[int]()
    first = asyncio.create_task(once(replies, "k", b"", lambda: finish(done, made)))
    await asyncio.sleep(0)
    other = asyncio.create_task(once(replies, "k", b"", lambda: finish(done, made)))
    await asyncio.sleep(0)
    for gone in [first] if joined else [first, other]:
        gone.cancel()
    await asyncio.sleep(0)
    retry = asyncio.create_task(once(replies, "k", b"", lambda: finish(done, made)))
    await asyncio.sleep(0)
    done.set()
    assert await retry == (b"answer", True)
    assert not joined or await other == (b"answer", True)
    assert len(made) == 1, "scored once"


async def test_a_bug_that_no_client_sees_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    replies, done = Replies(), asyncio.Event()

    async def fail() -> Reply:
        await done.wait()
        raise KeyError("what a policy wrote")

    gone = asyncio.create_task(once(replies, "k", b"", fail))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    done.set()
    await asyncio.sleep(0.01)
    assert "KeyError" in caplog.text
    assert "policy" not in caplog.text


async def test_another_body_is_refused_while_the_first_runs() -> None:
    replies, done, made = Replies(), asyncio.Event(), list[int]()
    first = asyncio.create_task(once(replies, "k", b"", lambda: finish(done, made)))
    await asyncio.sleep(0)
    with pytest.raises(ServiceError) as refused:
        await once(replies, "k", b"other", lambda: finish(done, made))
    assert refused.value.type is ErrorType.KEY_REUSED
    done.set()
    await first


async def test_equal_keys_of_two_callers_have_nothing_to_do_with_each_other() -> None:
    replies = Replies()
    for owner, body in (("a", b"1"), ("b", b"2"), ("a", b"1")):

        async def make(said: bytes = body) -> Reply:
            return Reply(body=said)

        answer, _ = await once(replies, "k", body, make, owner=owner)
        assert answer == body


async def test_a_caller_with_very_many_replies_drives_out_its_own() -> None:
    replies, made = Replies(max_bytes=10_000), []

    async def make() -> Reply:
        made.append(1)
        return Reply(body=b"x" * 100)

    await once(replies, "kept", b"", make, owner="quiet")
    for number in range(200):
        await once(replies, f"k{number}", b"", make, owner="loud")
    assert await once(replies, "kept", b"", make, owner="quiet") == (b"x" * 100, True)
    assert replies._bytes <= 10_000
    assert len(made) == 201


async def test_what_still_runs_ends_with_the_service() -> None:
    replies, ended = Replies(), []

    async def make() -> Reply:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(1)
        return Reply(body=b"")

    call = asyncio.create_task(once(replies, "k", b"", make))
    await asyncio.sleep(0.01)
    await replies.close()
    assert ended == [1]
    with pytest.raises(asyncio.CancelledError):
        await call
