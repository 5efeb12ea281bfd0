"""POST /slime, as `remote_rm` of slime and its forks asks."""

from __future__ import annotations

import math
from typing import Any

import httpx
import pytest

from tests.app.routes.conftest import Asking
from tests.app.trainers.rendering import QWEN

pytestmark = pytest.mark.asyncio(loop_scope="session")

MESSAGES = [{"role": "user", "content": "2 + 2 = ?"}]
PROMPTS: list[Any] = [QWEN.prompt([("user", "2 + 2 = ?")]), "2 + 2 = ?", MESSAGES]


@pytest.mark.parametrize("prompt", PROMPTS, ids=["rendered", "plain", "messages"])
async def test_the_whole_answer_is_the_reward_of_score(
    http: httpx.AsyncClient, score: Asking, prompt: Any
) -> None:
    texts = ["\\boxed{4}", "\\boxed{5}", ""]
    for text, reward in zip(texts, await score.rewards(texts), strict=True):
        body = {"prompt": prompt, "response": text, "label": "4"}
        answer = await http.post("/slime?recipe=rules", json=body)
        assert answer.json() == reward
        assert type(answer.json()) is float


async def test_an_object_has_one_set_of_numbers_whatever_became_of_it(
    http: httpx.AsyncClient,
) -> None:
    query = "?recipe=rules&format=dict&on_unscored=value&value=-2"
    scored, stand_in = [
        await http.post(
            f"/slime{query}", json={"prompt": "2 + 2?", "response": "\\boxed{4}", "label": label}
        )
        for label in ("4", None)
    ]
    assert scored.json().keys() == stand_in.json().keys()
    assert (scored.json()["score"], scored.json()["stand_in"]) == (1.0, 0.0)
    assert (stand_in.json()["score"], stand_in.json()["stand_in"]) == (-2.0, 1.0)
    assert stand_in.headers["X-Harmo-Stand-Ins"] == "1"
    for answer in (scored, stand_in):
        values = answer.json().values()
        assert all(type(value) is float and math.isfinite(value) for value in values)
    assert "reward" not in scored.json()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prompt": 4}, "prompt"),
        ({"prompt": [{"role": "critic", "content": "x"}]}, "role"),
        ({"prompt": [{"role": "user", "content": 7}]}, "content"),
        ({"response": None}, "response"),
        ({"prompt": [{"role": "user", "content": [{"image": "a.png"}]}]}, "images=leave_out"),
        ({"label": None}, "no reward"),
        ({"prompt": MESSAGES * 4_000}, "max_messages"),
    ],
)
async def test_what_is_wrong_is_said(
    http: httpx.AsyncClient, change: dict[str, Any], said: str
) -> None:
    body = {"prompt": "2 + 2?", "response": "4", "label": "4"} | change
    answer = await http.post("/slime?recipe=rules", json=body)
    assert answer.status_code in (413, 422)
    assert said in answer.json()["error"]["message"]
