"""A service with a recipe for every way to combine, for the routes of trainers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio

from harmo.app.hosting import Hosting
from harmo.app.settings import Settings
from harmo.models.base import Conversations, ModelScore
from tests.app import plugins
from tests.app.fakes import FakeRewardModel
from tests.app.serving import Serving


class Judge(FakeRewardModel):
    """The probability that a completion is right: the longer the likelier."""

    def __init__(self) -> None:
        super().__init__("judge")
        self.card = replace(self.card, meaning="p_correct")

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        scored = await super().score(group, deadline_s=deadline_s)
        return [replace(each, values=(min(each.values[0], 1.0),)) for each in scored]


TERMS = """
model: [{scorer: model.reward}]
rule: [{scorer: rule.math, name: answer}]
"""
ASPECTS = """
rule: [{scorer: rule.math, name: answer}]
aspect: [{scorer: aspect.format, name: form, params: {pattern: boxed}}]
"""
RECIPES = {
    "rules": plugins.RECIPES["a-rules"],
    "slow": "name: slow\nrule: [{scorer: rule.math}]\naspect: [{scorer: aspect.waits}]\n",
    "waits": "name: waits\naspect: [{scorer: aspect.waits}]\n",
    "raises": plugins.RECIPES["broken-raises"],
    "form": "name: form\naspect: [{scorer: aspect.format, params: {pattern: boxed}}]\n",
    "judged": "name: judged\nmodel: [{scorer: model.reward}]\n",
    "sum": f"name: sum\nallow_inversion: true{TERMS}",
    "gated": f"name: gated\ncombine: gate\nallow_inversion: true{ASPECTS}",
    "geometric": f"name: geometric\ncombine: geometric\nallow_inversion: true{ASPECTS}",
    "heroic": f"name: heroic\ncombine: hero\nallow_inversion: true{TERMS}",
    "lengths": """
name: lengths
rule: [{scorer: rule.math, name: answer}]
length: [{scorer: length.excess_over_siblings, name: long}]
""",
    "ruled": "name: ruled\ndefault_task: math\nrule: [{scorer: rule.by_task, name: answer}]\n",
}


@pytest.fixture(scope="session")
def trainer_recipes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder = tmp_path_factory.mktemp("trainers")
    for name, text in RECIPES.items():
        (folder / f"{name}.yaml").write_text(text)
    return tuple(str(folder / f"{name}.yaml") for name in RECIPES)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http(trainer_recipes: tuple[str, ...]) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        recipes=trainer_recipes,
        workers=1,
        max_image_pixels=10_000,
        max_messages=3_000,
        max_completions=1_000,
    )
    hosting = Hosting(models={"judge": Judge()}, count_tokens=lambda text: len(text.split()))
    async with Serving(settings, hosting) as client:
        yield client


class Asking:
    """Questions to `POST /score` of one group, for what a trainer's route should say of it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def completions(
        self, texts: Sequence[str], reference: Any = "4", recipe: str = "rules", **fields: Any
    ) -> list[dict[str, Any]]:
        sent = [{"id": str(i), "text": text} for i, text in enumerate(texts)]
        group = {"id": "g", "prompt": "2 + 2 = ?", "reference": reference, "completions": sent}
        asked = {"recipe": recipe, "groups": [group | fields]}
        answer = await self._http.post("/score", json=asked)
        assert answer.status_code == 200, answer.text
        scored: list[dict[str, Any]] = answer.json()["groups"][0]["completions"]
        return scored

    async def rewards(self, texts: Sequence[str], **fields: Any) -> list[float | None]:
        return [each["reward"] for each in await self.completions(texts, **fields)]


@pytest.fixture
def score(http: httpx.AsyncClient) -> Asking:
    return Asking(http)
