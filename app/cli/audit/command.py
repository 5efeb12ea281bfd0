"""`harmo audit`: list runs, show one or a group of it, export, prune."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from harmo.app.cli.audit import as_json
from harmo.app.cli.audit.asked import (
    Asked,
    Column,
    Recipe,
    Split,
    Steps,
    Task,
    Why,
    named_run,
)
from harmo.app.cli.audit.figures import figures
from harmo.app.cli.audit.group import group_report
from harmo.app.cli.audit.tables import run_report, runs_table
from harmo.app.cli.terminal import console, group_of_commands
from harmo.audit.read import Reader
from harmo.audit.records import KeptGroup

commands = group_of_commands("Look at a store of scored groups: list, show, export, prune.")

Store = Annotated[
    Path, typer.Argument(metavar="DIR", help="The store, as `harmo serve --audit` keeps it.")
]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")]


@commands.command("runs")
def list_runs(store: Store, json: Json = False) -> None:  # noqa: FBT002 - typer's form of a flag
    """List the runs, the last written first.

    mean is that of the last step that was trained on; null the share of completions without a
    reward; flat that of groups whose rewards are equal.
    """
    with _reading(store) as reader:
        found = reader.runs()
    if json:
        typer.echo(as_json.dumped(as_json.runs(found)))
    else:
        console.print(runs_table(found, time.time()))


@commands.command()
def show(
    store: Store,
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="- for groups without a run. [the only one]"),
    ] = None,
    group: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="One group, with its texts.")
    ] = None,
    steps: Steps = None,
    task: Task = None,
    column: Column = None,
    reason: Why = None,
    split: Split = None,
    recipe: Recipe = None,
    worth: Annotated[
        int, typer.Option(metavar="N", min=0, help="Groups to name for each cause.")
    ] = 5,
    chars: Annotated[
        int, typer.Option(metavar="N", min=0, help="Of each text of a group that are shown.")
    ] = 1000,
    json: Json = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Print what a run was paid for, or one of its groups.

    share is a column's part of all that was paid or taken.
    """
    with _reading(store) as reader:
        if group is not None:
            _print_group(_group(reader, group, run), chars, json=json)
            return
        asked = Asked(
            run=run or _only_run(reader),
            steps=steps,
            task=task,
            column=column,
            reason=reason,
            split=split,
            recipe=recipe,
        )
        counted = figures(reader.tables(asked.query(reader)), worth=worth)
    if json:
        typer.echo(as_json.dumped(as_json.figures(counted)))
    else:
        console.print(run_report(counted))


@contextmanager
def _reading(store: Path) -> Iterator[Reader]:
    with closing(Reader(store)) as reader:
        yield reader


def _only_run(reader: Reader) -> str:
    runs = [named_run(summary.run) for summary in reader.runs()]
    if len(runs) != 1:
        listed = f"name one of {', '.join(runs)}" if runs else "it has none yet"
        raise ValueError(f"which run? {listed}")
    return runs[0]


def _group(reader: Reader, number: int, run: str | None) -> KeptGroup:
    kept = reader.group(number)
    if kept is None:
        raise ValueError(f"--group: no group {number} in the store; `show` names some, as exports do")
    its_run = kept.group.run or ""
    if run is not None and named_run(its_run) != named_run("" if run == "-" else run):
        raise ValueError(f"--group: group {number} is of run {named_run(its_run)!r}, not {run!r}")
    return kept


def _print_group(kept: KeptGroup, chars: int, *, json: bool) -> None:
    if json:
        typer.echo(as_json.dumped(as_json.group(kept)))
        return
    for part in group_report(kept, chars=chars):
        console.print(part, highlight=False)
