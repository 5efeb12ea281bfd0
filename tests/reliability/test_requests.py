"""Too much, too late, gone, and twice: what becomes of requests, by a scorer that counts."""

from __future__ import annotations

import asyncio
import statistics
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from harmo_client import wire
from tests.reliability.asking import alone, body, client, group, leave, rewards, sent, together
from tests.reliability.cluster import Server, started, until
from tests.reliability.conftest import RECIPES

FIT, SIZE, WAIT_S = 16, 4, 0.3
"""Completions that fit at once, completions of a request, and seconds that each takes."""
FLAT = 5.0
"""How many times the latency at capacity still is flat: neighbours of this machine come and go."""


@pytest.fixture(scope="module")
def small(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that four requests fill, with one worker."""
    folder = tmp_path_factory.mktemp("small")
    # No canary: it would want the one worker while a test holds it.
    settings = {"workers": 1, "max_in_flight_completions": FIT, "canary_s": 0}
    names = ("counted", "held-isolated")
    with started(folder, {name: RECIPES[name] for name in names}, site, **settings) as server:
        yield server


def asked(name: str, count: int = SIZE, wait_s: float = WAIT_S) -> wire.Group:
    texts = [f"{name}-{i}" for i in range(count)]
    return group(name, *texts, metadata={"wait_s": wait_s})


def held(name: str, while_there: Path, count: int = SIZE) -> dict[str, object]:
    """A request that is in flight while a file exists, however busy the machine is."""
    waits = asked(name, count, 0.0).model_copy(update={"metadata": {"hold": str(while_there)}})
    return body(waits, recipe="counted")


def worth(text: str) -> float:
    """What the scorer that counts says of a text."""
    return zlib.crc32(text.encode()) / 2**32


def calls(server: Server, *names: str) -> Counter[str]:
    """Calls of the scorer for the groups of these names."""
    return Counter({t: n for t, n in server.calls().items() if t.rpartition("-")[0] in names})


async def test_of_ten_times_capacity_every_request_is_scored_or_shed_and_latency_stays_flat(
    small: Server,
) -> None:
    at_once = FIT // SIZE

    def bodies(name: str, count: int) -> list[dict[str, object]]:
        return [body(asked(f"{name}{n}"), recipe="counted") for n in range(count)]

    fitting = await sent(small.url, bodies("fits", 3 * at_once), at_once=at_once)
    assert {answer.status_code for answer, _ in fitting} == {200}
    shed_before = small.metric("harmo_requests_shed_total")
    crowd = []
    for wave in range(3):
        wanted = bodies(f"crowd{wave}-", 10 * at_once)
        crowd += await sent(small.url, wanted, at_once=len(wanted))
    statuses = Counter(answer.status_code for answer, _ in crowd)
    assert set(statuses) == {200, 429}, "some were accepted, some shed, and nothing else happened"
    assert small.metric("harmo_requests_shed_total") - shed_before == statuses[429]
    assert all(float(a.headers["Retry-After"]) > 0 for a, _ in crowd if a.status_code == 429)
    groups = [a.json()["groups"][0]["id"] for a, _ in crowd if a.status_code == 200]
    begun = {text for text in small.calls() if text.startswith("crowd")}
    assert begun == {f"{name}-{i}" for name in groups for i in range(SIZE)}, (
        "shedding costs nothing"
    )
    calm = statistics.median(seconds for _, seconds in fitting)
    busy = statistics.median(seconds for answer, seconds in crowd if answer.status_code == 200)
    assert busy < FLAT * calm
    assert small.status("/readyz") == 200
    assert small.metric("harmo_completions_in_flight") == 0.0


async def test_clients_beyond_capacity_all_get_every_reward_once(small: Server) -> None:
    groups = [asked(f"all{n}") for n in range(10)]
    expected = {(g.id, c.id): worth(str(c.text)) for g in groups for c in g.completions}
    got = await together(small.url, groups, "counted", clients=6)
    assert got == [pytest.approx(expected)] * 6
    counted = calls(small, *(each.id for each in groups))
    assert counted == dict.fromkeys(counted, 6), "once for each client that asked"
    assert len(counted) == len(expected)


async def test_large_requests_that_are_let_in_are_never_late_for_those_that_come_later(
    site: Path, tmp_path: Path
) -> None:
    """Three times what there is time for: none waits out its deadline for a 429 or a 504."""
    large = group("large", *(f"text {n}" for n in range(60)))
    expected = {("large", str(n)): pytest.approx(worth(f"text {n}")) for n in range(60)}
    with started(
        tmp_path, {"slow": RECIPES["slow"]}, site, deadline_ms=12_000, max_remembered_bytes=0
    ) as server:
        alone(server.url, [large], "slow")  # known from now on: 1.5 s of two workers
        assert await together(server.url, [large], "slow", clients=14) == [expected] * 14
        shed = 'harmo_requests_shed_total{{reason="{}"}}'
        assert server.metric(shed.format("backlog")) > 0, "it was too much at once"
        assert server.metric(shed.format("overloaded")) == 0
        assert server.metric('harmo_http_requests_total{.*code="504".*}') == 0


def test_a_batch_that_is_too_hard_for_its_deadline_gets_every_reward_in_the_end(
    site: Path, tmp_path: Path
) -> None:
    hard = group("hard", *(f"hard {n}" for n in range(24)))
    with started(
        tmp_path, {"hard": RECIPES["hard"]}, site, workers=1, max_remembered_bytes=1 << 20
    ) as server:
        first = server.post(body(hard, recipe="hard"), X_Deadline_Ms="1000")
        # 504 where a busy machine came to not one of them.
        assert first.status_code in {429, 504}, "no 200 with nulls that hard texts bought"
        # A machine that others keep busy comes to one or two each time.
        patient = {"retry_for_s": 240.0, "longest_wait_s": 0.5}
        with client(server.url, **patient) as asking:
            answer = asking.score([hard], recipe="hard", deadline_s=1.0)
        assert rewards(answer) == {
            ("hard", str(n)): pytest.approx(worth(f"hard {n}")) for n in range(24)
        }


def test_work_that_is_late_or_whose_client_left_never_starts(small: Server) -> None:
    busy, never = small.tell("busy"), small.tell("never")
    workers = {worker.pid for worker in small.workers()}
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(small.post, queued("first", busy))
        until(lambda: small.metric('harmo_workers{state="busy"}') == 1, "the worker is taken")
        late = small.post(queued("late", never), X_Deadline_Ms="300")
        leave(small, queued("left", never))
        busy.unlink()
        assert first.result().status_code == 200
    assert late.status_code == 504, late.text
    # Whatever had started would now have the only worker for as long as `never` is there.
    after = small.post(queued("after", busy), X_Deadline_Ms="20000")
    assert after.json()["groups"][0]["completions"][0]["reward"] is not None
    assert {worker.pid for worker in small.workers()} == workers, "nor was it started and killed"
    assert small.metric("harmo_completions_in_flight") == 0.0


def queued(name: str, while_there: Path) -> dict[str, object]:
    """A request that has the worker while a file exists."""
    held = group(name, name, metadata={"hold": str(while_there)})
    return body(held, recipe="held-isolated")


def test_one_key_is_scored_once_even_where_the_connection_was_killed(small: Server) -> None:
    hold = small.tell("once")
    once = held("once", hold, 2)
    leave(small, once, **{"Idempotency-Key": "once"})
    hold.unlink()
    answers = [small.post(once, Idempotency_Key="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content, "the same bytes"
    assert calls(small, "once") == {"once-0": 1, "once-1": 1}
    other = small.post(body(asked("once", 3), recipe="counted"), Idempotency_Key="once")
    assert other.status_code == 409


def test_one_key_that_was_shed_first_is_scored_once_there_is_room(small: Server) -> None:
    """A 429 is no answer: who comes again with its key is not told it once more."""
    once, key = body(asked("shed", 2), recipe="counted"), {"Idempotency_Key": "shed"}
    hold = small.tell("full")
    with ThreadPoolExecutor(1) as pool:
        full = pool.submit(small.post, held("full", hold, FIT))
        until(lambda: small.metric("harmo_completions_in_flight") == FIT, "it is full")
        assert small.post(once, **key).status_code == 429
        hold.unlink()
        assert full.result().status_code == 200
    answers = [small.post(once, **key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert calls(small, "shed") == {"shed-0": 1, "shed-1": 1}


async def test_one_key_from_many_at_the_same_time_is_scored_once(small: Server) -> None:
    same = body(asked("same", 2, 0.3), recipe="counted")
    key = {"Idempotency-Key": "same"}
    async with httpx.AsyncClient(trust_env=False, timeout=60.0) as http:
        work = (http.post(f"{small.url}/score", json=same, headers=key) for _ in range(8))
        answers = await asyncio.gather(*work)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert calls(small, "same") == {"same-0": 1, "same-1": 1}


def test_a_flood_of_keys_drives_out_nobody_elses_answer(site: Path, tmp_path: Path) -> None:
    """Answers of 8 MB under one key each, of which 64 MiB are kept, and another caller's."""
    wordy, ours, theirs = {"wordy": RECIPES["wordy"]}, "o" * 32, "t" * 32
    with started(tmp_path, wordy, site, canary_s=0, api_keys=[ours, theirs]) as server:

        def ask(who: str, name: str) -> httpx.Response:
            return httpx.post(
                f"{server.url}/score?explain=true",
                json=body(group(name, *(f"{name}-{n}" for n in range(8))), recipe="wordy"),
                headers={"Authorization": f"Bearer {who}", "Idempotency-Key": name},
                timeout=60.0,
                trust_env=False,
            )

        kept, flood = ask(ours, "kept"), [ask(theirs, f"flood{n}") for n in range(10)]
        assert {answer.status_code for answer in (kept, *flood)} == {200}
        assert sum(len(answer.content) for answer in flood) > 64 << 20
        assert ask(ours, "kept").content == kept.content
        assert ask(theirs, "flood9").content == flood[9].content
        assert ask(theirs, "flood0").status_code == 200
        scored = calls(server, "kept", "flood9", "flood0")
    assert set(scored.values()) == {1, 2}
    assert {text for text, times in scored.items() if times == 2} == {
        f"flood0-{n}" for n in range(8)
    }, "the oldest of who has most is scored again"
