"""Groups whose members arrive in several requests."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from harmo.app.assembly import Assembly
from harmo.app.engine import ScoredGroup
from harmo.app.samples import Received
from harmo.scorers.types import Group, Sample
from harmo_client.wire import ScoreResponse
from tests.app.serving import body, group

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def share(client: httpx.AsyncClient, ids: list[int], wait_ms: int) -> ScoreResponse:
    completions = [{"id": str(i), "text": "4" if i % 2 else "5"} for i in ids]
    asked = group(size=4) | {"completions": completions}
    request = body(asked, run="r", step=1, wait_for_group_ms=wait_ms)
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


async def test_a_share_whose_request_is_gone_leaves_no_trace() -> None:
    assembly, scored = Assembly(), []
    share = Received(group=Group(id="g", samples=(Sample(),), size=2), ids=("0",), faults=(None,))
    key = ("", "r", None, None, "train", "g")

    async def score(whole: Received, deadline_s: float) -> ScoredGroup:
        scored.append(whole.ids)
        return ScoredGroup(scores=[[]] * len(whole.ids), reward=None)  # type: ignore[arg-type]

    gone = asyncio.create_task(assembly.score(key, share, wait_s=9, deadline_s=9, score=score))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    again = assembly.score(key, share, wait_s=9, deadline_s=9, score=score)
    other = Received(group=share.group, ids=("1",), faults=(None,))
    answers = await asyncio.gather(
        again, assembly.score(key, other, wait_s=9, deadline_s=9, score=score)
    )
    assert scored == [("0", "1")]
    assert [list(rows) for _, rows in answers] == [[0], [1]]
