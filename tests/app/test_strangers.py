"""Two trainings that were given one run name, as they meet over HTTP."""

from __future__ import annotations

import asyncio

import httpx


async def test_two_trainings_of_one_run_name_are_told_and_the_first_goes_on(
    client: httpx.AsyncClient,
) -> None:
    async def ask(id: str, prompt: str, reference: str) -> httpx.Response:
        completion = {"id": id, "text": f"\\boxed{{{reference}}}", "num_tokens": 3}
        group = {"id": "7", "size": 2, "prompt": prompt, "reference": reference, "task": "math"}
        asked = {"recipe": "rules", "run": "shared", "step": 1, "wait_for_group_ms": 1500}
        return await client.post(
            "/score", json={**asked, "groups": [{**group, "completions": [completion]}]}
        )

    first = asyncio.create_task(ask("0", "1+1=?", "2"))
    await asyncio.sleep(0.2)
    stranger = await ask("1", "3+3=?", "6")
    assert stranger.status_code == 422
    assert "differs in `prompt`" in stranger.json()["error"]["message"]
    assert "3+3" not in stranger.text, "what was asked is no business of a log"
    mine = await ask("1", "1+1=?", "2")
    answers = [answer.json()["groups"][0] for answer in (await first, mine)]
    assert [answer["complete"] for answer in answers] == [True, True]
