"""`harmo recipes`: list, check and show."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from harmo.app.catalogue import read, shipped_recipes
from harmo.app.cli.terminal import console
from harmo.rewards import lint
from harmo.rewards.explain import formula, in_words
from harmo.rewards.plan import compile_recipe

commands = typer.Typer(no_args_is_help=True, help="List, check and show recipes.")
Source = Annotated[str, typer.Argument(help="Recipe file or shipped name.")]


@commands.command("list")
def list_recipes() -> None:
    """List the shipped recipes."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("recipe", no_wrap=True)
    table.add_column("what it is for, and the data columns it needs")
    for name in shipped_recipes():
        table.add_row(name, escape(" ".join(read(name).description.split())))
    console.print(table)


@commands.command()
def check(source: Source) -> None:
    """Refuse or warn about compositions that are known to go wrong; exit code 1 if refused."""
    plan = compile_recipe(read(source))
    findings = lint.check(plan)
    for finding in findings:
        colour = "red" if finding.level == "refuse" else "yellow"
        mark = f"[{colour}]{finding.level}[/] {finding.code}: {escape(finding.message)}"
        console.print(mark, highlight=False)
    if not findings:
        console.print(f"{plan.recipe.name}: nothing to object to", highlight=False)
    if any(finding.level == "refuse" for finding in findings):
        raise typer.Exit(1)


@commands.command()
def show(source: Source) -> None:
    """Print a recipe as a formula and in words."""
    plan = compile_recipe(read(source))
    console.print(formula(plan), "", in_words(plan), sep="\n", markup=False, highlight=False)
