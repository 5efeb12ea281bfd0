"""`harmo scorers`: what is registered, from where, and what its verdicts are worth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track
from rich.table import Table

from harmo.app.cli.terminal import console, progress_console
from harmo.app.settings import Settings
from harmo.app.startup import build
from harmo.scorers import registry
from harmo.scorers.confidence import calibration
from harmo.scorers.confidence.calibrate import LabelledPair, calibrate, merged, parse_pairs, to_json
from harmo.scorers.confidence.calibration import CalibrationRow
from harmo.scorers.types import Score

commands = typer.Typer(
    help="List scorers with their origin and confidence; fit confidences on labelled pairs."
)


@commands.callback(invoke_without_command=True)
def list_scorers(context: typer.Context) -> None:
    """List every registered scorer: family, where it comes from, its docstring's first line."""
    if context.invoked_subcommand is not None:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("scorer", "runs", "origin", "result and range"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "scorer")
    for spec in registry.all_specs():
        runs = "worker" if spec.isolate else "service" if spec.resource else "inline"
        table.add_row(spec.name, runs, spec.origin, spec.summary)
    console.print(table)
    _print_rows(calibration.rows())


@commands.command("calibrate")
def calibrate_command(
    file: Annotated[Path, typer.Argument(help="Labelled pairs, JSON lines; docs/verification.md.")],
    out: Annotated[
        Path, typer.Option(help="Table to write; HARMO_CALIBRATION names it to serve.")
    ] = (Path("calibration.json")),
    workers: Annotated[int, typer.Option(help="Processes for isolated scorers.")] = 2,
) -> None:
    """Fit confidences to labelled pairs; scorers without pairs keep the shipped ones."""
    pairs = parse_pairs(file.read_text(encoding="utf-8"), source=str(file))
    scores = asyncio.run(_score_pairs(pairs, workers))
    fitted = calibrate(pairs, lambda pair: scores[id(pair)])
    out.write_text(to_json(merged(fitted, calibration.rows())), encoding="utf-8")
    _print_rows(fitted)
    console.print(f"written to {out}; serve with it: {calibration.PATH_VARIABLE}={out} harmo serve")


async def _score_pairs(pairs: list[LabelledPair], workers: int) -> dict[int, Score]:
    """Every pair's score, by identity of the pair."""
    service = build(Settings(workers=workers))
    try:
        lease = service.hosting.lease(time.monotonic() + 86_400.0)
        scores = {}
        for pair in track(pairs, "scoring", console=progress_console):
            bound = registry.bind(pair.scorer, pair.params)
            scores[id(pair)] = await service.engine.verdict(bound, pair.sample, lease)
        return scores
    finally:
        await service.close()


def _print_rows(rows: Sequence[CalibrationRow]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", title="\nverdicts")
    for heading in ("scorer", "verdict", "pair", "n", "right", "at least"):
        table.add_column(
            heading, justify="right" if heading in ("n", "right", "at least") else "left"
        )
    for row in rows:
        table.add_row(
            row.scorer,
            row.verdict,
            row.pair,
            str(row.n),
            f"{row.confidence:.3f}",
            f"{row.lower:.3f}",
        )
    console.print(table)
