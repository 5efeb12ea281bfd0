"""`harmo recipes`: list, check and show."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from harmo.app.catalogue import read, shipped_recipes
from harmo.app.cli.terminal import console, group_of_commands, load_scorers, warn
from harmo.rewards import lint
from harmo.rewards.explain import formula, in_words
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import RecipeError

commands = group_of_commands("List, check and show recipes.")
ALLOWED, REFUSED, UNREADABLE = 0, 1, 2


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
def check(
    sources: Annotated[
        list[str], typer.Argument(metavar="RECIPE", help="Recipe files or shipped names.")
    ],
) -> None:
    """Say what is known to go wrong with recipes.

    Exit code 1 if one is refused, 2 if one cannot be read; the others are checked all the same.
    """
    load_scorers()
    codes = []
    for source in sources:
        if len(sources) > 1:
            console.print(f"{source}:", markup=False, highlight=False, style="bold")
        try:
            codes.append(_check(compile_recipe(read(source))))
        except RecipeError as error:
            warn(str(error))
            codes.append(UNREADABLE)
    raise typer.Exit(max(codes))


def _check(plan: Plan) -> int:
    findings = lint.check(plan)
    for finding in findings:
        colour = "red" if finding.level == "refuse" else "yellow"
        mark = f"[{colour}]{finding.level}[/] {finding.code}: {escape(finding.message)}"
        console.print(mark, highlight=False, soft_wrap=True)
    if not findings:
        console.print(f"{plan.recipe.name}: nothing to object to", highlight=False)
    return REFUSED if any(finding.level == "refuse" for finding in findings) else ALLOWED


@commands.command()
def show(
    source: Annotated[str, typer.Argument(metavar="RECIPE", help="Recipe file or shipped name.")],
) -> None:
    """Print a recipe as a formula and in words."""
    load_scorers()
    plan = compile_recipe(read(source))
    console.print(formula(plan), "", in_words(plan), sep="\n", markup=False, highlight=False)
