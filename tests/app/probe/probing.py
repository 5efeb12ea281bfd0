"""Rows, recipes and a service for probes in tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from harmo.app.hosting import Hosting
from harmo.app.probe.contract import Contract, contract
from harmo.app.probe.dataset.rows import Row
from harmo.app.probe.running import probe_rows
from harmo.app.probe.tally import Tally
from harmo.app.service import Service
from harmo.app.settings import Settings
from harmo.app.startup import build, start
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import parse_recipe
from harmo.scorers import registry
from harmo_client.wire import Group


def row(reference: object, prompt: str = "?", *, number: int = 1, **fields: Any) -> Row:
    """One row of a dataset."""
    group = Group(id=str(number), prompt=prompt, completions=[], reference=reference, **fields)
    return Row(number=number, group=group, prompt=prompt)


def read_by(terms: str, reference: object, prompt: str = "?", **fields: Any) -> Contract:
    """A row as a recipe of these terms reads it."""
    registry.load()
    plan = compile_recipe(parse_recipe(f"name: test\n{terms}\n", source="test"))
    return contract(plan, row(reference, prompt, **fields))


@asynccontextmanager
async def serving(
    recipes: Iterable[str | Path], hosting: Hosting | None = None
) -> AsyncIterator[Service]:
    """A service in this process that is ready to score by some recipes."""
    settings = Settings(recipes=tuple(map(str, recipes)), workers=1)
    service = build(settings, hosting)
    try:
        await start(service)
        yield service
    finally:
        await service.close()


async def probed(service: Service, recipe: str, rows: list[Row]) -> Tally:
    """What a recipe makes of the attacks on some rows."""
    tally = Tally()
    async for judged in probe_rows(service, service.program(recipe, None).plan, rows, seed=0):
        tally.add(judged)
    return tally
