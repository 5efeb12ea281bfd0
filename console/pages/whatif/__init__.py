"""`/whatif`: what other weights, modes and policies would have paid a stored run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request
from nicegui import ui

from harmo.audit.read import RunSummary, StoreError
from harmo.console.model.recipes.versions import picked, versions
from harmo.console.model.whatif.asked import asked
from harmo.console.model.whatif.edits import needed, read
from harmo.console.pages.whatif.page import Opened, WhatIf, taken
from harmo.console.state import Console
from harmo.console.view import links, theme
from harmo.console.view.frame import TIMEOUT_S, frame, nothing


def register(console: Console) -> None:
    """Add the page."""

    @ui.page("/whatif", response_timeout=TIMEOUT_S)
    async def whatif(request: Request) -> None:
        params = dict(request.query_params)
        ui.add_head_html(f'<link rel="stylesheet" href="{theme.ASSETS}/whatif.css">')
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
    bases = await console.read(versions)
    own = [version for version in bases if name in version.runs]
    base = picked(bases, asking.recipe) if asking.recipe else own[-1] if own else None
    if base is None:
        return f"Nothing in the store was scored by a recipe {asking.recipe!r}."
    reading = read(params)
    return Opened(
        asked=asking,
        runs=tuple(runs),
        summary=summary,
        bases=tuple(bases),
        base=base,
        edits=needed(base.kept.recipe, reading.edits),
        faults=reading.faults,
        taken=await taken(console, asking, summary),
    )
