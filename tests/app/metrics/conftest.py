"""A service whose scorers run in every way there is, fresh for each test of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harmo.app.hosting import Hosting
from harmo.app.settings import Settings
from tests.app import plugins
from tests.app.fakes import FakeRewardModel
from tests.app.serving import Serving

RECIPES = {
    "rules": plugins.RECIPES["a-rules"],
    "slow": plugins.RECIPES["slow"],
    "hybrid": plugins.RECIPES["hybrid"],
    "threads": "name: threads\nrule: [{scorer: rule.always}]\n",
    "ruled": "name: ruled\ndefault_task: math\nrule: [{scorer: rule.by_task, name: answer}]\n",
}


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder: Path = tmp_path_factory.mktemp("recipes")
    for name, text in RECIPES.items():
        (folder / f"{name}.yaml").write_text(text)
    return tuple(str(folder / f"{name}.yaml") for name in RECIPES)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def serving(recipes: tuple[str, ...]) -> AsyncIterator[Serving]:
    settings = Settings(
        recipes=recipes,
        workers=2,
        api_keys=("secret", "narrow:rules"),
        max_in_flight_completions=1000,
        max_waiting_members=500,
        max_image_pixels=10_000,
        max_image_bytes=4096,
        canary_s=0,  # its group would be among the calls that a test counts
    )
    made = Serving(settings, Hosting(models={"fake": FakeRewardModel("fake")}))
    async with made as http:
        http.headers["authorization"] = "Bearer secret"
        made.http = http
        yield made
