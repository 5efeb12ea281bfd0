"""Flags that `harmo serve` and `harmo score` share; all of them default to the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Models = Annotated[
    list[str] | None,
    typer.Option("--model", metavar="[NAME=]DIR", help="Reward model, or hub id; repeatable."),
]
Encoders = Annotated[
    list[str] | None,
    typer.Option("--encoder", metavar="[NAME=]DIR", help="Text or image encoder; repeatable."),
]
Device = Annotated[
    str | None,
    typer.Option(metavar="DEVICE", help="auto, cpu, cuda or cuda:N. [auto]"),
]
Tokenizer = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Tokenizer, or hub id: counts tokens that nobody counted."),
]
SandboxUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="SandboxFusion endpoint for rule.code.")
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", help="Processes for isolated scorers. [2]"),
]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="YAML of settings; flags and HARMO_... win over it."),
]
