"""Groups whose members arrive in several requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine

import httpx
import pytest

from harmo.app.admission.permits import Limit, Permits
from harmo.app.assembly import Assembly, Room
from harmo.app.engine import ScoredGroup
from harmo.app.samples import Received
from harmo.app.scored import ScoredMembers
from harmo.app.shed import ShedError, ShedReason
from harmo.scorers.types import Group, Sample
from harmo_client.wire import ScoreResponse
from tests.app.serving import body, group

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def share(
    client: httpx.AsyncClient,
    ids: list[int],
    wait_ms: int,
    *,
    id: str = "g",
    run: str = "r",
    step: int = 1,
) -> ScoreResponse:
    completions = [{"id": str(i), "text": "4" if i % 2 else "5"} for i in ids]
    asked = group(size=4, id=id) | {"completions": completions}
    request = body(asked, run=run, step=step, wait_for_group_ms=wait_ms)
    response = await client.post("/score", json=request)
    assert response.status_code == 200, response.text
    return ScoreResponse.model_validate_json(response.content)


async def test_shares_that_come_in_time_are_one_whole_group(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(share(client, [0, 1], 5000), share(client, [3, 2], 5000))
    for answer, ids, rewards in zip(
        answers, (["0", "1"], ["3", "2"]), ([0.0, 1.0], [1.0, 0.0]), strict=True
    ):
        (scored,) = answer.groups
        assert scored.complete
        assert [c.id for c in scored.completions] == ids
        assert [c.reward for c in scored.completions] == rewards
        assert scored.stats.scored == 4


async def test_a_member_that_never_comes_leaves_a_partial_group(client: httpx.AsyncClient) -> None:
    answer = await share(client, [1, 2], 50)
    assert answer.groups[0].complete is False
    assert [c.reward for c in answer.groups[0].completions] == [1.0, 0.0]


async def test_shares_that_disagree_are_refused(client: httpx.AsyncClient) -> None:
    async def post(ids: list[int], size: int, group_id: str) -> int:
        completions = [{"id": str(i), "text": "4"} for i in ids]
        asked = group(size=size, id=group_id) | {"completions": completions}
        request = body(asked, run="r", step=2, wait_for_group_ms=800)
        return (await client.post("/score", json=request)).status_code

    first = asyncio.create_task(post([0, 1], 4, "a"))
    await asyncio.sleep(0.2)
    assert await post([1, 2], 4, "a") == 422, "a completion twice"
    assert await post([2], 3, "a") == 422, "another size"
    assert await post([2, 3, 4], 4, "a") == 422, "more members than the group has"
    assert await first == 200


async def test_a_request_that_is_refused_leaves_no_members_behind(
    client: httpx.AsyncClient,
) -> None:
    def asked(*ids: str) -> dict[str, object]:
        groups = [group(texts[i], id=i, size=2) for i in ids]
        return body(*groups, run="refused", wait_for_group_ms=800)

    texts = {"free": "4", "taken": "4"}
    first = asyncio.create_task(client.post("/score", json=asked("taken")))
    await asyncio.sleep(0.2)
    texts["taken"] = "5"
    refused = await client.post("/score", json=asked("free", "taken"))
    assert refused.status_code == 422, "a completion with two texts"
    again = await client.post("/score", json=asked("free"))
    assert again.status_code == 200, again.text
    assert (await first).status_code == 200


async def test_a_share_whose_request_is_gone_leaves_no_trace() -> None:
    assembly, scored = Assembly(room()), []
    share = Received(group=Group(id="g", samples=(Sample(),), size=2), ids=("0",), faults=(None,))
    key = ("", "r", None, None, "train", "g")

    async def score(whole: Received, deadline_s: float) -> ScoredGroup:
        scored.append(whole.ids)
        return ScoredGroup(group=whole.group, scores=[[]] * len(whole.ids), reward=None)  # type: ignore[arg-type]

    def join(member: Received) -> Coroutine[None, None, ScoredMembers]:
        return assembly.score(key, member, visit, wait_s=9, deadline_s=9, score=score)

    with assembly.visit(("", None), 100) as visit:
        gone = asyncio.create_task(join(share))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        other = Received(group=share.group, ids=("1",), faults=(None,))
        answers = await asyncio.gather(join(share), join(other))
    assert scored == [("0", "1")]
    assert [list(answer.rows) for answer in answers] == [[0], [1]]
    assert assembly.is_idle, "nothing is kept of what is over"


def room(members: int = 100, held_bytes: int = 1000) -> Room:
    def permits(total: int, what: str) -> Permits:
        return Permits(Limit(total=total, what=what, setting="max", reason=ShedReason.WAITING))

    return Room(members=permits(members, "members"), bytes=permits(held_bytes, "bytes"))


STALLED = "every request of this run was itself waiting"


async def test_a_group_that_waits_in_vain_is_named_in_the_answer_the_log_and_the_metrics(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for group_id in ("g-1", "g-2"):
        (scored,) = (await share(client, [1, 2], 50, id=group_id, run="alone")).groups
        assert scored.note is not None
        assert scored.note.startswith("2 of 4 members came in 0.")
        assert STALLED in scored.note
        assert "AsyncRewardClient" in scored.note
    (warning,) = [r.getMessage() for r in caplog.records if "incomplete_group" in r.getMessage()]
    assert "recipe=rules run='alone' group='g-1' 2 of 4 members came in 0." in warning
    exposed = (await client.get("/metrics")).text
    labels = 'cause="stalled",recipe="rules",run="alone",split="train"'
    assert f"harmo_incomplete_groups_total{{{labels}}} 2.0" in exposed


async def test_a_group_that_is_whole_or_does_not_wait_has_no_note(
    client: httpx.AsyncClient,
) -> None:
    whole = await asyncio.gather(share(client, [0, 1], 5000), share(client, [3, 2], 5000))
    for answer in [*whole, await share(client, [0], 0)]:
        assert answer.groups[0].note is None


@pytest.mark.parametrize(
    ("beside", "stalled", "why"),
    [
        ([("other-group", "exp", 2000)], True, "the other request of the run waits as well"),
        ([("other-group", "another", 2000)], True, "what another run does is no matter"),
        ([("slow", "exp", 0)], False, "a request of the run is being scored"),
        ([("quick", "exp", 0)], False, "a request of the run was answered meanwhile"),
    ],
)
async def test_a_stall_is_told_from_a_run_that_goes_on(
    beside: list[tuple[str, str, int]], stalled: bool, why: str, client: httpx.AsyncClient
) -> None:
    step = len(why)

    async def later(name: str, run: str, wait_ms: int) -> None:
        await asyncio.sleep(0.05)
        recipe = "slow" if name == "slow" else "rules"
        asked = group("4", id=name, size=2 if wait_ms else 1, metadata={"wait_ms": 1000})
        request = body(asked, recipe=recipe, run=run, step=step, wait_for_group_ms=wait_ms)
        await client.post("/score", json=request)

    others = [asyncio.create_task(later(*other)) for other in beside]
    answer = await share(client, [0, 1], 400, run="exp", step=step)
    await asyncio.gather(*others)
    assert (STALLED in str(answer.groups[0].note)) is stalled, why


def member(id: str, size: int = 2) -> Received:
    group = Group(id="g", samples=(Sample(completion=id),), size=size)
    return Received(group=group, ids=(id,), faults=(None,))


class Scoring:
    """Scores a joined group once it is let to, and remembers what became of it."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.begun: list[tuple[str, ...]] = []
        self.ended: list[str] = []

    async def __call__(self, whole: Received, until_s: float) -> ScoredGroup:
        if any(fault is not None for fault in whole.faults):
            self.ended.append("late")
            return ScoredGroup(group=whole.group, scores=[[]] * len(whole.ids), reward=None)  # type: ignore[arg-type]
        self.begun.append(whole.ids)
        try:
            await self.let.wait()
            self.ended.append("scored")
        except asyncio.CancelledError:
            self.ended.append("given up")
            raise
        return ScoredGroup(group=whole.group, scores=[[]] * len(whole.ids), reward=None)  # type: ignore[arg-type]


KEY = ("", "rules", "r", 1, "train", "g")


def joins(
    assembly: Assembly,
    share: Received,
    scoring: Scoring,
    *,
    wait_s: float = 9.0,
    within_s: float = 9.0,
    held_bytes: int = 10,
) -> asyncio.Task[ScoredMembers]:
    async def ask() -> ScoredMembers:
        deadline_s = time.monotonic() + within_s
        with assembly.visit(("", "r"), held_bytes) as visit:
            return await assembly.score(
                KEY, share, visit, wait_s=wait_s, deadline_s=deadline_s, score=scoring
            )

    return asyncio.create_task(ask())


async def test_a_group_goes_on_while_one_request_waits_and_ends_with_the_last() -> None:
    assembly, scoring = Assembly(room()), Scoring()
    first, second = joins(assembly, member("0"), scoring), joins(assembly, member("1"), scoring)
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (scoring.begun, scoring.ended) == ([("0", "1")], [])
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert scoring.ended == ["given up"], "over before the answer is"
    assert assembly.is_idle


async def test_who_is_in_a_hurry_is_answered_at_its_own_deadline() -> None:
    assembly, scoring = Assembly(room()), Scoring()
    patient = joins(assembly, member("0"), scoring)
    hasty = await joins(assembly, member("1"), scoring, within_s=0.05)
    assert list(hasty.rows) == [0]
    assert scoring.ended == ["late"]
    scoring.let.set()
    assert list((await patient).rows) == [0]
    assert scoring.ended == ["late", "scored"]


@pytest.mark.parametrize(
    ("limits", "what"),
    [({"members": 1}, "members"), ({"held_bytes": 15}, "bytes")],
    ids=["members", "bytes"],
)
async def test_too_much_that_waits_is_refused_but_never_who_completes_a_group(
    limits: dict[str, int], what: str
) -> None:
    space = room(**limits)
    assembly, scoring = Assembly(space), Scoring()
    first = joins(assembly, member("0", size=3), scoring)
    await asyncio.sleep(0)
    with pytest.raises(ShedError, match=what) as refused:
        await joins(assembly, member("1", size=3), scoring)
    assert refused.value.reason is ShedReason.WAITING
    whole = Received(
        group=Group(id="g", samples=(Sample(), Sample()), size=3),
        ids=("1", "2"),
        faults=(None, None),
    )
    scoring.let.set()
    answers = await asyncio.gather(first, joins(assembly, whole, scoring))
    assert [list(answer.rows) for answer in answers] == [[0], [1, 2]]
    assert (space.members.taken, space.bytes.taken) == (0, 0)


async def test_the_bytes_of_a_request_wait_once_however_many_of_its_groups_do() -> None:
    space = room(held_bytes=15)
    assembly, scoring = Assembly(space), Scoring()
    deadline_s = time.monotonic() + 9

    async def ask(id: str) -> None:
        key = (*KEY[:-1], id)
        await assembly.score(
            key, member(id), visit, wait_s=0.02, deadline_s=deadline_s, score=scoring
        )

    scoring.let.set()
    with assembly.visit(("", "r"), 10) as visit:
        both = asyncio.gather(ask("a"), ask("b"))
        await asyncio.sleep(0)
        assert space.bytes.taken == 10
        await both
        assert space.bytes.taken == 0


@pytest.mark.parametrize("steps", range(12))
async def test_wherever_a_request_is_cancelled_nothing_of_it_stays(steps: int) -> None:
    space = room()
    assembly, scoring = Assembly(space), Scoring()
    tasks = [joins(assembly, member(str(i)), scoring, wait_s=0.01) for i in range(2)]
    for _ in range(steps):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert assembly.is_idle
    assert (space.members.taken, space.bytes.taken) == (0, 0)
    assert "scored" not in scoring.ended
    assert len(scoring.ended) == len(scoring.begun)


async def test_a_wait_needs_a_run_that_tells_two_trainers_groups_apart(
    client: httpx.AsyncClient,
) -> None:
    for run in ({}, {"run": ""}):
        asked = body(group("4", size=2), wait_for_group_ms=50, **run)
        refused = await client.post("/score", json=asked)
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, "run")
    for asked in (
        body(group("4", "5", size=2), wait_for_group_ms=50),
        body(group("4", size=2)),
        body(group(size=2), wait_for_group_ms=50),
    ):
        assert (await client.post("/score", json=asked)).status_code == 200, "nothing waits"


async def test_a_share_without_members_is_answered_at_once(client: httpx.AsyncClient) -> None:
    asked = body(*(group(size=2, id=f"e{i}") for i in range(64)), run="r", wait_for_group_ms=60_000)
    answer = await client.post("/score", json=asked)
    assert [g["complete"] for g in answer.json()["groups"]] == [False] * 64


async def test_what_waits_holds_no_permit(client: httpx.AsyncClient) -> None:
    service = client._transport.app.state.service  # type: ignore[attr-defined]
    waiting = asyncio.create_task(share(client, [0, 1], 5000, run="permits"))
    await asyncio.sleep(0.1)
    assert service.admission.waiting_members.taken == 2
    assert service.permits.taken == 0
    await asyncio.gather(waiting, share(client, [2, 3], 5000, run="permits"))
    assert service.admission.waiting_members.taken == 0
    assert service.admission.waiting_bytes.taken == 0
