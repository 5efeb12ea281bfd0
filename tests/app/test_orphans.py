"""What a client that retries without a key left behind."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from harmo.app import orphans as module
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.orphans import KEPT_S, LOST_S, Orphans
from harmo.app.replies import Reply
from harmo.app.service import Service
from tests.app.clock import Clock
from tests.app.raw import Raw

NAME = ("owner", "/get_reward", b"digest")


async def replied(*, body: bytes = b"1", final: bool = True, joined: bool | None = None) -> Reply:
    return Reply(body=body, final=final, joined=joined)


async def failed(error: Exception) -> Reply:
    raise error


async def over(*tasks: asyncio.Task[Reply]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)


async def test_what_was_left_is_taken_up_once() -> None:
    orphans = Orphans()
    task = asyncio.create_task(replied())
    orphans.leave(NAME, task)
    assert orphans.take(("other", *NAME[1:])) is None, "another caller's is another's"
    assert orphans.take(NAME) is task
    assert orphans.take(NAME) is None, "a sibling that wrote the same is scored by itself"


async def test_two_that_were_left_are_two() -> None:
    orphans = Orphans()
    tasks = [asyncio.create_task(replied()) for _ in range(2)]
    for task in tasks:
        orphans.leave(NAME, task)
    await over(*tasks)
    assert {orphans.take(NAME), orphans.take(NAME)} == set(tasks)
    assert len(orphans) == 0


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (replied(final=False), "asking again may score what fell short"),
        (failed(ServiceError(ErrorType.OVERLOADED, "full")), "a refusal is no answer"),
        (failed(RuntimeError("a bug")), "nor is a bug"),
    ],
)
async def test_what_came_to_nothing_is_not_kept(work: Any, why: str) -> None:
    orphans = Orphans()
    task = asyncio.create_task(work)
    orphans.leave(NAME, task)
    await over(task)
    assert (len(orphans), orphans.take(NAME)) == (0, None), why


async def test_a_bug_that_nobody_is_told_of_is_logged_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    orphans = Orphans()
    for error in (RuntimeError("a secret"), ServiceError(ErrorType.DEADLINE, "late")):
        task = asyncio.create_task(failed(error))
        orphans.leave(NAME, task)
        await over(task)
    del task
    gc.collect()
    await asyncio.sleep(0)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == [
        "bug after the client had left: RuntimeError"
    ]


async def test_what_nobody_comes_for_is_given_up_after_a_while() -> None:
    clock = Clock()
    orphans = Orphans(clock)
    task = asyncio.create_task(asyncio.sleep(60.0, Reply(body=b"")))
    orphans.leave(NAME, task)
    clock.now_s += KEPT_S + 1.0
    assert orphans.take(NAME) is None
    await over(task)
    assert task.cancelled()


async def test_the_oldest_go_where_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 3)
    orphans = Orphans()
    tasks = [asyncio.create_task(asyncio.sleep(60.0, Reply(body=b""))) for _ in range(5)]
    for number, task in enumerate(tasks):
        orphans.leave(("owner", "/slime", bytes([number])), task)
    await over(*tasks[:2])
    assert [task.cancelled() for task in tasks[:2]] == [True, True]
    assert len(orphans) == 3
    await orphans.close()
    assert all(task.cancelled() for task in tasks)
    assert len(orphans) == 0


async def test_answers_that_nobody_comes_for_hold_few_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 6_000)
    orphans = Orphans()
    names = [("owner", "/verify", bytes([number])) for number in range(4)]
    for name in names:
        task = asyncio.create_task(replied(body=b"x" * 2_000))
        orphans.leave(name, task)
        await over(task)
    assert [orphans.take(name) is not None for name in names] == [False, False, True, True]


async def wait(service: Service, items: int) -> None:
    """Until so many completions are being scored."""
    while service.permits.taken != items:  # noqa: ASYNC110 - a test may poll
        await asyncio.sleep(0.005)


def sample(text: str, wait_ms: int = 100) -> bytes:
    extra = {"wait_ms": wait_ms}
    return json.dumps(
        {"prompt": "2 + 2?", "response": text, "ground_truth": "4", "extra_info": extra}
    ).encode()


def raw(text: str, **options: int) -> Raw:
    return Raw(sample(text, **options), path="/v1/rewards", query="recipe=slow")


def scored(app: FastAPI) -> float:
    """Completions that were counted."""
    text = app.state.service.metrics.expose().decode()
    lines = [line for line in text.splitlines() if line.startswith("harmo_reward_count{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines if 'recipe="slow"' in line)


@pytest.mark.asyncio(loop_scope="session")
async def test_a_client_that_comes_again_gets_the_answer_of_the_work_it_left(
    client: httpx.AsyncClient,
) -> None:
    app: FastAPI = client._transport.app  # type: ignore[attr-defined]
    service, before = app.state.service, scored(app)
    first, again = raw("\\boxed{4}"), raw("\\boxed{4}")
    asked = asyncio.create_task(first.post(app))
    await wait(service, 1)
    first.left.set()
    await asked
    assert (first.status, len(service.orphans)) == (499, 1)
    assert service.admission.bytes.taken > 0, "the work holds its memory"
    await again.post(app)
    assert (again.status, again.headers["idempotent-replayed"]) == (200, "true")
    assert json.loads(again.answer)["score"] == 1.0
    assert (scored(app) - before, len(service.orphans)) == (1.0, 0), "scored once"
    assert service.admission.bytes.taken == 0
    assert service.permits.taken == 0


@pytest.mark.asyncio(loop_scope="session")
async def test_two_siblings_that_wrote_the_same_at_the_same_time_are_two(
    client: httpx.AsyncClient,
) -> None:
    app: FastAPI = client._transport.app  # type: ignore[attr-defined]
    before, siblings = scored(app), [raw("\\boxed{4}") for _ in range(2)]
    await asyncio.gather(*(sibling.post(app) for sibling in siblings))
    assert [sibling.status for sibling in siblings] == [200, 200]
    assert not any("idempotent-replayed" in sibling.headers for sibling in siblings)
    assert scored(app) - before == 2.0


@pytest.mark.parametrize(
    ("first", "again", "after_s", "lost", "why"),
    [
        (True, replied(joined=False), 1.0, True, "its siblings were answered with it"),
        (True, failed(ServiceError(ErrorType.UNSCORED, "partial")), 1.0, True, "as by hero"),
        (True, replied(joined=True), 1.0, False, "it is a member of the next group"),
        (True, replied(), 1.0, False, "it has no siblings elsewhere"),
        (True, failed(ServiceError(ErrorType.OVERLOADED, "full")), 1.0, False, "it comes again"),
        (True, replied(joined=False), LOST_S + 1, False, "it may be of another step"),
        (False, replied(joined=False), 1.0, False, "it was answered without them before"),
        (None, replied(joined=False), 1.0, False, "one alone needs no siblings"),
    ],
)
async def test_an_answer_that_was_lost_on_its_way_is_found_where_siblings_are_missing(
    first: bool | None, again: Any, after_s: float, lost: bool, why: str
) -> None:
    clock = Clock()
    orphans, reply = Orphans(clock), Reply(body=b"first", joined=first)
    orphans.give(NAME, reply)
    task = asyncio.create_task(again)
    await over(task)
    found = orphans.lost(NAME, task, clock() + after_s)
    assert found == (reply if lost else None), why
    assert orphans.lost(("other", *NAME[1:]), task, clock()) is None


async def test_of_answers_that_may_be_lost_the_latest_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_GIVEN", 2)
    orphans, task = Orphans(), asyncio.create_task(replied(joined=False))
    await over(task)
    for n in range(3):
        orphans.give(("owner", str(n), b""), Reply(body=b"1", joined=True))
    orphans.give(("owner", "large", b""), Reply(body=b"1" * 5_000, joined=True))
    names = [
        name for name in ("0", "1", "2", "large") if orphans.lost(("owner", name, b""), task, 0)
    ]
    assert names == ["1", "2"]
