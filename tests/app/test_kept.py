"""What is kept is what is answered: once, whole, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from harmo.app.health import CANARY, Health
from harmo.app.settings import Settings
from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from tests.app.serving import Serving, body, group

RULES = """
name: rules
on_truncated: wrong
rule: [{scorer: rule.math, name: answer}]
length: [{scorer: length.cosine, params: {max_tokens: 64}}]
shadow: [{scorer: aspect.format, params: {pattern: think_answer}}]
"""
RIGHT, WRONG = "\\boxed{4}", "\\boxed{5}"


@asynccontextmanager
async def serving(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A service that keeps what it answers; it has written all of it in the end."""
    recipe = folder / "rules.yaml"
    recipe.write_text(RULES)
    given = Settings(recipes=(str(recipe),), workers=1, audit=folder / "store", **settings)
    async with Serving(given) as http:
        yield http


def kept(folder: Path) -> list[KeptGroup]:
    reader = Reader(folder / "store")
    groups = list(reader.groups(Query()))
    reader.close()
    return groups


@pytest.mark.parametrize("mode", ["prompt", "strict"])
async def test_an_answer_is_kept_as_it_was_given(tmp_path: Path, mode: str) -> None:
    asked = group(RIGHT, WRONG, id="7", metadata={"row": 1})
    asked["completions"][1]["truncated"] = True
    for completion in asked["completions"]:
        completion["num_tokens"] = 10
    async with serving(tmp_path, audit_mode=mode) as http:
        response = await http.post(
            "/score?explain=true", json=body(asked, group(id="empty"), run="exp", step=3)
        )
        answer = response.json()
    (one,) = kept(tmp_path)
    given = answer["groups"][0]
    assert (one.group.id, one.group.run, one.group.step) == ("7", "exp", 3)
    assert one.recipe.version == answer["recipe"]["version"]
    assert one.recipe.scorer_version == answer["recipe"]["scorer_version"]
    assert [column.name for column in one.recipe.columns] == [c["name"] for c in answer["columns"]]
    assert one.recipe.recipe["name"] == "rules"
    assert list(one.weights) == given["weights"]
    for reward, completion in zip(one.rewards, given["completions"], strict=True):
        assert reward.value == completion["reward"]
        assert list(reward.contributions) == completion["contributions"]
        assert [score.value for score in reward.scores] == completion["scores"]
        assert [dict(score.detail) for score in reward.scores] == completion["detail"]
    assert one.group.correctness == (True, False)
    assert [sample.completion for sample in one.group.samples] == [RIGHT, WRONG]


async def test_members_that_come_apart_are_one_group(tmp_path: Path) -> None:
    def piece(n: int) -> dict[str, Any]:
        member = group((RIGHT, WRONG)[n % 2], id="g", size=4)
        member["completions"][0]["id"] = str(n)
        return body(member, run="exp", step=1, wait_for_group_ms=20_000)

    for mode in ("prompt", "strict"):
        folder = tmp_path / mode
        folder.mkdir()
        async with serving(folder, audit_mode=mode) as http:
            answers = await asyncio.gather(*(http.post("/score", json=piece(n)) for n in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        (one,) = kept(folder)
        assert sorted(one.ids) == ["0", "1", "2", "3"]
        paid = dict(zip(one.ids, one.rewards, strict=True))
        for n, answer in enumerate(answers):
            (completion,) = answer.json()["groups"][0]["completions"]
            assert completion["reward"] == paid[str(n)].value


async def test_an_answer_that_is_given_again_is_kept_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as http:
        for _ in range(3):
            headers = {"Idempotency-Key": "one"}
            await http.post("/score", json=body(group(RIGHT)), headers=headers)
    assert len(kept(tmp_path)) == 1


async def test_what_the_service_asks_itself_is_not_kept(tmp_path: Path) -> None:
    async with serving(tmp_path) as http:
        app = http._transport.app  # type: ignore[attr-defined]
        await Health(app.state.service).try_all()
        await http.post("/score", json=body(group(RIGHT)))
    assert CANARY.id not in [one.group.id for one in kept(tmp_path)]
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize(
    ("asked", "headers", "status", "why"),
    [
        (body(group(RIGHT), recipe="nobody's"), {}, 404, "nothing was scored"),
        (
            body(group("\\boxed{2 \\text{ m}}", reference="3 \\text{ m}")),
            {"X-Deadline-Ms": "1"},
            0,
            "its deadline passed",
        ),
    ],
)
async def test_what_is_refused_is_not_kept(
    tmp_path: Path, asked: dict[str, Any], headers: dict[str, str], status: int, why: str
) -> None:
    async with serving(tmp_path) as http:
        answer = await http.post("/score", json=asked, headers=headers)
        assert answer.status_code == status or answer.status_code in (429, 504)
        await http.post("/score", json=body(group(RIGHT, id="after")))
    assert [one.group.id for one in kept(tmp_path)] == ["after"], why


@pytest.mark.parametrize(
    ("settings", "texts", "detail", "digests"),
    [
        ({"audit_texts": "hash"}, [""], False, 1),
        ({"audit_detail": False}, [RIGHT], False, 1),
    ],
)
async def test_as_much_is_kept_as_the_settings_say(
    tmp_path: Path, settings: dict[str, Any], texts: list[str], detail: bool, digests: int
) -> None:
    async with serving(tmp_path, **settings) as http:
        await http.post("/score", json=body(group(RIGHT)))
    (one,) = kept(tmp_path)
    assert [sample.completion for sample in one.group.samples] == texts
    assert bool(one.rewards[0].scores[0].detail) is detail
    assert len(one.digests) == digests
    assert one.rewards[0].value is not None


@pytest.mark.parametrize(("mode", "ready", "scored"), [("prompt", 200, 200), ("strict", 503, 503)])
async def test_a_store_that_cannot_be_opened_is_said_by_readyz(
    tmp_path: Path, mode: str, ready: int, scored: int
) -> None:
    (tmp_path / "store").write_text("no folder")
    async with serving(tmp_path, audit_mode=mode) as http:
        said = await http.get("/readyz")
        answer = await http.post("/score", json=body(group(RIGHT)))
        metrics = (await http.get("/metrics")).text
        (tmp_path / "store").unlink()
    assert (said.status_code, answer.status_code) == (ready, scored)
    assert "cannot be written" in said.text
    assert str(tmp_path) not in said.text, "who needs no key learns no path"
    assert f"harmo_ready {float(ready == 200)}" in metrics


async def test_without_a_folder_nothing_is_kept_and_nothing_is_said(tmp_path: Path) -> None:
    async with Serving(Settings(workers=1)) as http:
        assert (await http.get("/readyz")).json()["audit"] is None
