"""`/recipes` and `/recipe/NAME`: what rewards are made of, in the store and in the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request
from nicegui import ui

from harmo.audit.read import Reader, StoreError
from harmo.console.model.recipes.served import Served, served, served_page
from harmo.console.model.recipes.versions import Version, versions
from harmo.console.model.whatif.composed import load_scorers
from harmo.console.pages.recipes.listed import listed
from harmo.console.pages.recipes.one import Known, one
from harmo.console.state import Console
from harmo.console.view.frame import TIMEOUT_S, frame
from harmo.console.view.text import line, part


def register(console: Console) -> None:
    """Add both pages."""

    @ui.page("/recipes", response_timeout=TIMEOUT_S)
    async def recipes(scorer: str = "") -> None:
        with frame(console, "Recipes", here="/recipes", up="/"):
            load_scorers()
            listed(await _stored(console), await _served(console), scorer=scorer)

    @ui.page("/recipe/{name}", response_timeout=TIMEOUT_S)
    async def recipe(request: Request, name: str) -> None:
        params: Mapping[str, str] = dict(request.query_params)
        with frame(console, name, here="/recipes", up="/recipes"):
            load_scorers()
            page = None
            if console.settings.service is not None:
                page = await served_page(console.service, name)
            if isinstance(page, str):
                part("p", f"The service: {line(page, 300)}.", "alarm")
                page = None
            own = [each for each in await _stored(console) if each.kept.name == name]
            one(Known(name=name, stored=tuple(own), served=page), params)


async def _stored(console: Console) -> Sequence[Version]:
    """The versions of the store; none, with a word why, where it cannot be read."""
    if not console.has_store:
        return ()

    def work(reader: Reader) -> Sequence[Version]:
        return versions(reader)

    try:
        return await console.read(work)
    except StoreError as error:
        part("p", f"The store: {line(str(error), 300)}", "alarm")
        return ()


async def _served(console: Console) -> Served | None:
    """What the service says; None where none was named."""
    return None if console.settings.service is None else await served(console.service)
