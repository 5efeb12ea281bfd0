"""`/whatif`: what other weights, modes and policies would have paid a stored run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request
from nicegui import ui

from harmo.audit.read import RunSummary, StoreError
from harmo.console.model.recipes.served import served_page, served_recipes
from harmo.console.model.recipes.versions import Version, picked, versions
from harmo.console.model.whatif.asked import asked
from harmo.console.model.whatif.bases import SERVICE, Base, bases, key
from harmo.console.model.whatif.composed import whole
from harmo.console.model.whatif.edits import Document, needed, read
from harmo.console.pages.whatif.page import Opened, WhatIf, taken
from harmo.console.state import Console
from harmo.console.view import links
from harmo.console.view.frame import TIMEOUT_S, frame, nothing
from harmo.rewards.recipe import RecipeError


def register(console: Console) -> None:
    """Add the page."""

    @ui.page("/whatif", response_timeout=TIMEOUT_S)
    async def whatif(request: Request) -> None:
        params = dict(request.query_params)
        up = links.run(links.read(params["run"])) if params.get("run") else "/"
        with frame(console, "What-if", here="/whatif", up=up):
            try:
                runs = await console.read(lambda reader: reader.runs())
                found = await _opened(console, params, runs)
            except StoreError as error:
                found = str(error)
            if isinstance(found, str):
                nothing(found, then="A service keeps what it scores with harmo serve --audit DIR.")
            else:
                WhatIf(console, found).build()


async def _opened(
    console: Console, params: Mapping[str, str], runs: Sequence[RunSummary]
) -> Opened | str:
    """All that the page begins with, or why there is none."""
    if not runs:
        return "The store is empty: nothing was paid yet."
    name = links.read(params["run"]) if "run" in params else runs[0].run
    summary = next((run for run in runs if run.run == name), None)
    if summary is None:
        return f"The store has no run {links.shown(name)!r}."
    asking = asked(params, summary)
    stored = await console.read(versions)
    served = await served_recipes(console.service) if console.settings.service else ()
    found = await _base(console, asking.recipe, stored, name)
    if isinstance(found, str):
        return found
    base, raw = found
    try:
        document = whole(raw)
    except RecipeError as error:
        return f"This version of Harmo cannot read the recipe {base!r}: {error}"
    reading = read(params)
    offered = bases(stored, () if isinstance(served, str) else served)
    if base not in {each.key for each in offered}:
        offered.append(Base(key=base, label=base, name=str(document["name"])))
    return Opened(
        asked=asking,
        runs=tuple(runs),
        summary=summary,
        bases=tuple(offered),
        base=base,
        document=document,
        edits=needed(document, reading.edits),
        faults=reading.faults,
        taken=await taken(console, asking, summary),
    )


async def _base(
    console: Console, asked: str, stored: Sequence[Version], run: str
) -> tuple[str, Document] | str:
    """Key and file of the recipe that an address asks for, or why there is none."""
    if asked.startswith(SERVICE) and console.settings.service is not None:
        page = await served_page(console.service, asked.removeprefix(SERVICE))
        if isinstance(page, str):
            return f"The service: {page}."
        return (asked, page.recipe) if page else f"The service has no recipe {asked!r}."
    own = [version for version in stored if run in version.runs]
    version = picked(stored, asked) if asked else own[-1] if own else None
    if version is None:
        return f"Nothing in the store was scored by a recipe {asked!r}."
    return key(version), version.kept.recipe
