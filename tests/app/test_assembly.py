"""Groups whose members arrive in several requests."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import httpx
import pytest

from harmo.app.assembly import Assembly, Room
from harmo.app.engine import ScoredGroup
from harmo.app.permits import Limit, Permits
from harmo.app.samples import Received
from harmo.app.scored import ScoredMembers
from harmo.app.shed import ShedReason
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
        groups = [group("4", id=i, size=2) for i in ids]
        return body(*groups, run="refused", wait_for_group_ms=800)

    first = asyncio.create_task(client.post("/score", json=asked("taken")))
    await asyncio.sleep(0.2)
    refused = await client.post("/score", json=asked("free", "taken"))
    assert refused.status_code == 422, "a completion twice"
    again = await client.post("/score", json=asked("free"))
    assert again.status_code == 200, again.text
    assert (await first).status_code == 200


async def test_a_share_whose_request_is_gone_leaves_no_trace() -> None:
    assembly, scored = Assembly(room()), []
    share = Received(group=Group(id="g", samples=(Sample(),), size=2), ids=("0",), faults=(None,))
    key = ("", "r", None, None, "train", "g")

    async def score(whole: Received, deadline_s: float) -> ScoredGroup:
        scored.append(whole.ids)
        return ScoredGroup(scores=[[]] * len(whole.ids), reward=None)  # type: ignore[arg-type]

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
    assert vars_of(assembly) == [{}, {}], "nothing is kept of what is over"


def room(members: int = 100, held_bytes: int = 1000) -> Room:
    def permits(total: int, what: str) -> Permits:
        return Permits(Limit(total=total, what=what, setting="max", reason=ShedReason.WAITING))

    return Room(members=permits(members, "members"), bytes=permits(held_bytes, "bytes"))


def vars_of(assembly: Assembly) -> list[dict[object, object]]:
    return [dict(assembly._waiting), dict(assembly._runs)]


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
    labels = 'recipe="rules",run="alone",split="train"'
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
