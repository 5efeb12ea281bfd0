"""`harmo models`: inspect a checkpoint, calibrate its scores."""

# ruff: noqa: PLC0415 - torch loads only for the commands that need it

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
import yaml

from harmo.app.cli.terminal import console, group_of_commands
from harmo.models.base import Rung

commands = group_of_commands("Inspect checkpoints and calibrate their scores.")


@commands.command()
def inspect(
    source: Annotated[str, typer.Argument(metavar="DIR", help="Checkpoint directory, or hub id.")],
) -> None:
    """Print a draft manifest.

    With what told its fields, and what could not be told.
    """
    from harmo.models.checkpoint.inspect import inspect as look

    inspection = look(source)
    *ladder, alone = Rung
    rung = f"the first of {', '.join(ladder)} that gives what {alone} gives; /readyz names it"
    notes = [
        *(f"found: {line}" for line in inspection.found),
        *(f"could not tell: {line}" for line in inspection.could_not_tell),
        f"rung: {rung}",
    ]
    console.print(inspection.draft, markup=False, highlight=False, soft_wrap=True)
    for note in notes:
        console.print(f"# {note}", markup=False, highlight=False, soft_wrap=True)


@commands.command()
def calibrate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help='JSON lines: {"score", "correct", "group"}.')
    ],
    kind: Annotated[
        Literal["sigmoid", "isotonic", "affine", "quantile", "par", "zscore"],
        typer.Option(help="sigmoid and isotonic fit P(correct) and need labels."),
    ] = "sigmoid",
) -> None:
    """Fit a transform on scores; print its fields.

    They go into the manifest: the statistics are frozen.
    """
    from harmo.models.calibrate import fragment, read_scored

    fields = fragment(read_scored(file), kind)
    console.print(yaml.safe_dump(fields, sort_keys=False), soft_wrap=True, markup=False)
