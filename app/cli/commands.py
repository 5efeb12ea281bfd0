"""The tree of commands."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, cast

import typer

from harmo.app.cli import models, probe, recipes, score, scorers, serve
from harmo.app.cli.audit import command as audit
from harmo.app.cli.bench.command import bench
from harmo.app.cli.fit.command import fit_weights
from harmo.app.cli.init.command import init
from harmo.app.cli.replay.command import replay
from harmo.app.cli.terminal import group_of_commands, show_help
from harmo.app.cli.top.command import top

cli = group_of_commands(
    "Rewards for RL post-training: models, rules, aspects and lengths behind POST /score."
)
UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__base__)
"""What a mistyped command line raises: some versions of typer bring a click of their own."""


@cli.callback()
def root(
    context: typer.Context,
    version_: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--version", help="Print the version and exit.")
    ] = False,
) -> None:
    """Print the version, or help where no command is given."""
    if version_:
        typer.echo(f"harmo {version('harmo')}")
        raise typer.Exit
    show_help(context)


cli.command("serve")(serve.serve)
cli.command("score")(score.score)
cli.command("probe")(probe.probe)
cli.command("init")(init)
cli.command("top")(top)
cli.command("replay")(replay)
cli.command("fit-weights")(fit_weights)
cli.command("bench")(bench)
# By name: pages stand above the service, and import-linter holds that it knows none of them.
cli.command("console")(import_module("harmo.console.command").console)
cli.add_typer(audit.commands, name="audit")
cli.add_typer(scorers.commands, name="scorers")
cli.add_typer(recipes.commands, name="recipes")
cli.add_typer(models.commands, name="models")


def run() -> int:
    """The exit code of the command that was typed.

    Raises:
        ValueError: If it was mistyped; says where its help is.
    """
    try:
        code = cli(prog_name="harmo", standalone_mode=False)
    except UsageError as error:
        command = error.ctx.command_path if error.ctx else "harmo"
        message = " ".join(error.format_message().split()).rstrip(".")
        raise ValueError(f"{message}; see {command} --help") from None
    except typer.Abort:
        raise KeyboardInterrupt from None
    return code if isinstance(code, int) else 0
