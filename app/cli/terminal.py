"""Tables, text and help for people at a terminal."""

from __future__ import annotations

import typer
from rich.console import Console

from harmo.scorers import registry

console = Console()
"""Standard output."""
progress_console = Console(stderr=True)
"""Where bars and warnings go, so that standard output can be piped."""


def group_of_commands(help_text: str) -> typer.Typer:
    """A command that has others beneath it; on its own it prints its help and is no mistake."""
    return typer.Typer(
        help=help_text,
        callback=show_help,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def load_scorers() -> None:
    """Register every scorer; a plugin that cannot be imported is a warning."""
    registry.load()
    for plugin in registry.broken():
        warn(str(plugin))


def warn(message: str) -> None:
    """Print a line for people, beside standard output."""
    progress_console.print(f"harmo: {message}", markup=False, highlight=False, soft_wrap=True)


def show_help(context: typer.Context) -> None:
    """Print help where no command is given."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
