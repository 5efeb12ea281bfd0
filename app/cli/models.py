"""`harmo models`: inspect a checkpoint, calibrate its scores."""

# ruff: noqa: PLC0415 - torch loads only for the commands that need it

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
import yaml

from harmo.app.cli.terminal import console

commands = typer.Typer(no_args_is_help=True, help="Inspect checkpoints and calibrate their scores.")


@commands.command()
def inspect(
    source: Annotated[str, typer.Argument(help="Checkpoint directory or hub id.")],
) -> None:
    """Write a draft manifest, what told its fields, and what could not be told."""
    from harmo.models.checkpoint.inspect import inspect as look

    inspection = look(source)
    console.print(inspection.draft, markup=False, highlight=False, soft_wrap=True)
    for heading, lines in (
        ("found", inspection.found),
        ("could not tell", inspection.could_not_tell),
    ):
        for line in lines:
            note = f"# {heading}: {line}"
            console.print(note, markup=False, highlight=False, soft_wrap=True)


@commands.command()
def calibrate(
    file: Annotated[Path, typer.Argument(help='JSON lines: {"score", "correct", "group"}.')],
    kind: Annotated[
        Literal["sigmoid", "isotonic", "affine", "quantile", "par", "zscore"],
        typer.Option(help="sigmoid and isotonic fit P(correct) and need labels."),
    ] = "sigmoid",
) -> None:
    """Print the manifest fields of a transform with frozen statistics, fitted on scores."""
    from harmo.models.calibrate import fragment, read_scored

    fields = fragment(read_scored(file), kind)
    console.print(yaml.safe_dump(fields, sort_keys=False), soft_wrap=True, markup=False)
