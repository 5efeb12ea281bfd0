"""`/export/...`: what pages show, as CSV."""

from __future__ import annotations

import time

from fastapi import Response
from nicegui import app

from harmo.audit.errors import StoreError
from harmo.console.model.asked import steps_of
from harmo.console.model.run.seen import seen_of
from harmo.console.model.runs import Standing, standings
from harmo.console.model.sheet import Value, curve_sheet, sheet
from harmo.console.state import Console
from harmo.console.view import links

RUNS = "/export/runs.csv"
_NOT_FOUND = 404
_HEADER = (
    "run", "recipes", "splits", "first_step", "last_step", "began_s", "last_s", "groups",
    "completions", "scored", "mean_reward_last_step", "zero_variance", "comparable", "bytes",
)  # fmt: skip


def register(console: Console) -> None:
    """Add the routes."""

    @app.get(RUNS)
    async def runs() -> Response:
        try:
            found = await console.read(lambda reader: standings(reader, time.time()))
        except StoreError as error:
            return _missing(str(error))
        return _csv("runs", sheet(_HEADER, [_row(each) for each in found]))

    @app.get("/export/run/{run:path}")
    async def run(run: str, split: str = "", steps: str = "") -> Response:
        name = links.read(run)
        try:
            history = await console.history(name)
        except StoreError as error:
            return _missing(str(error))
        if not history.tables:
            return _missing(f"the store holds no run {links.shown(name)!r}")
        chosen = split if split in history.splits else history.splits[0]
        seen, _ = await console.work(lambda: seen_of(history, chosen, steps_of(steps)))
        return _csv(f"run-{name}-{chosen}", curve_sheet(seen.curves))


def _csv(name: str, content: str) -> Response:
    file = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)[:80]
    headers = {"Content-Disposition": f'attachment; filename="{file}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _missing(why: str) -> Response:
    return Response(f"{why}\n", status_code=_NOT_FOUND, media_type="text/plain; charset=utf-8")


def _row(each: Standing) -> list[Value]:
    run = each.summary
    return [
        run.run, ", ".join(run.recipes), ", ".join(run.splits), run.first_step, run.last_step,
        run.began_s, run.last_s, run.groups, run.completions, run.scored, run.mean,
        run.zero_variance, run.comparable, run.bytes,
    ]  # fmt: skip
