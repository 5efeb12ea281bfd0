"""Gateways and hosted models on Ray Serve, on this machine alone: see docs/ray.md.

python deploy/ray_serve.py --recipe math --replicas 2
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from harmo.app import logs
from harmo.app.cli.serve import require_recipes
from harmo.app.loading import name_and_path
from harmo.app.ray_serve import box
from harmo.app.ray_serve.options import Hosted, Options, Share


def main(
    recipe: Annotated[
        list[str] | None,
        typer.Option(metavar="RECIPE", help="File or shipped name; the first is the default."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="[NAME=]DIR", help="Reward model, or hub id; repeatable."),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8000,
    replicas: Annotated[int, typer.Option(min=1, help="Gateways.")] = 1,
    model_replicas: Annotated[int, typer.Option(min=1, help="Of each model.")] = 1,
    model_gpus: Annotated[float, typer.Option(min=0, help="Of each model replica.")] = 0.0,
    model_cpus: Annotated[float, typer.Option(min=0, help="Of each model replica.")] = 1.0,
    gateway_cpus: Annotated[float, typer.Option(min=0, help="Of each gateway.")] = 1.0,
    num_cpus: Annotated[
        float | None, typer.Option(min=0, help="What all may ask for. [the machine's cores]")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="For Ray's logs and sockets. [below /tmp/ray]")
    ] = None,
) -> None:
    """Serve rewards on loopback; other settings come from HARMO_... in the environment."""
    require_recipes(recipe or ())
    lines = logs.configure("info")
    shared = {"replicas": model_replicas, "num_cpus": model_cpus, "num_gpus": model_gpus}
    named = [name_and_path(source) for source in model or ()]
    if len(dict(named)) < len(named):
        raise ValueError("two models share a name; name them apart with NAME=DIR")
    options = Options(
        settings={"recipes": recipe} if recipe else {},
        gateway=Share(replicas=replicas, num_cpus=gateway_cpus),
        models={name: Hosted(path=path, **shared) for name, path in named},
    )
    box.run(options, port=port, num_cpus=num_cpus, folder=None if folder is None else str(folder))
    lines.finish()


if __name__ == "__main__":
    try:
        typer.run(main)
    except (ValueError, box.NotDeployedError) as wrong:
        typer.echo(f"harmo: {wrong}", err=True)
        sys.exit(2)
