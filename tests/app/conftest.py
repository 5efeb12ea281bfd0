"""A real application with real workers, spoken to through ASGI; models are fakes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from harmo.app.hosting import Hosting
from harmo.app.settings import Settings
from tests.app import plugins
from tests.app.fakes import FakeRewardModel
from tests.app.serving import Serving


@pytest.fixture(scope="session")
def recipe_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder = tmp_path_factory.mktemp("recipes")
    for name, text in plugins.RECIPES.items():
        (folder / f"{name}.yaml").write_text(text)
    return tuple(str(path) for path in sorted(folder.glob("*.yaml")))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(recipe_files: tuple[str, ...]) -> AsyncIterator[httpx.AsyncClient]:
    """The service with the test recipes and one fake reward model."""
    settings = Settings(
        recipes=recipe_files,
        workers=1,
        max_body_bytes=4 << 20,
        max_completions=64,
        max_completion_chars=500_000,
        max_image_pixels=10_000,
    )
    async with Serving(settings, Hosting(models={"fake": FakeRewardModel("fake")})) as http:
        yield http
