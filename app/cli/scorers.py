"""`harmo scorers`: what is registered, from where, and what its verdicts are worth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from harmo.app.cli import options
from harmo.app.cli.outputs import written_whole
from harmo.app.cli.terminal import console, group_of_commands, progress_console
from harmo.app.settings import Settings
from harmo.app.startup import build
from harmo.models.documents import read_text
from harmo.scorers import registry
from harmo.scorers.confidence import calibration
from harmo.scorers.confidence.calibrate import LabelledPair, calibrate, merged, parse_pairs, to_json
from harmo.scorers.confidence.calibration import CalibrationRow
from harmo.scorers.types import Score

commands = group_of_commands("List scorers; fit their confidences on labelled pairs.")


@commands.callback()
def list_scorers(context: typer.Context) -> None:
    """List scorers; fit their confidences on labelled pairs.

    Alone it lists every registered scorer: how it runs, where it comes from and the first line of
    its docstring; and what the verdicts of rules are worth.
    """
    if context.invoked_subcommand is not None:
        return
    registry.load()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("scorer", "runs", "origin", "result and range"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "scorer")
    for spec in registry.all_specs():
        runs = "worker" if spec.isolate else "service" if spec.resource else "inline"
        ours = spec.origin.startswith("harmo.scorers.")
        table.add_row(spec.name, runs, "harmo" if ours else spec.origin, escape(spec.summary))
    for plugin in registry.broken():
        table.add_row("", "broken", plugin.distribution, escape(plugin.error))
    console.print(table)
    _print_rows(calibration.rows())


@commands.command("calibrate")
def calibrate_command(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Labelled pairs, JSON lines; docs/verification.md."),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Table to write.")] = Path(
        "calibration.json"
    ),
    workers: options.Workers = None,
) -> None:
    """Fit confidences to labelled pairs.

    Scorers without pairs keep the shipped ones. HARMO_CALIBRATION names the table to `harmo serve`.
    """
    pairs = parse_pairs(read_text(file), source=str(file))
    if not pairs:
        raise ValueError(f"{file}: no labelled pairs")
    settings = Settings.from_file(None, workers=workers)
    with written_whole(out) as table:
        scores = asyncio.run(_score_pairs(pairs, settings))
        fitted = calibrate(pairs, lambda pair: scores[id(pair)])
        table.write(to_json(merged(fitted, calibration.rows())).encode())
    _print_rows(fitted)
    serve = f"{calibration.PATH_VARIABLE}={out} harmo serve"
    console.print(f"written to {out}; serve with it: {serve}", highlight=False, soft_wrap=True)


async def _score_pairs(pairs: list[LabelledPair], settings: Settings) -> dict[int, Score]:
    """Every pair's score, by identity of the pair."""
    service = build(settings)
    try:
        lease = service.hosting.lease(time.monotonic() + 86_400.0)
        scores = {}
        quiet = not progress_console.is_terminal
        for pair in track(pairs, "scoring", console=progress_console, disable=quiet):
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
