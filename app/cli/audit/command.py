"""`harmo audit`: list runs, show one or a group of it, export, prune."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harmo.app.cli.audit import as_json
from harmo.app.cli.audit.asked import (
    NO_RUN,
    Asked,
    Column,
    Recipe,
    Split,
    Steps,
    Task,
    Why,
    named_run,
    run_of,
)
from harmo.app.cli.audit.figures import figures
from harmo.app.cli.audit.group import group_report
from harmo.app.cli.audit.leaving import bounds
from harmo.app.cli.audit.tables import run_report, runs_table, size
from harmo.app.cli.terminal import console, group_of_commands, warn
from harmo.audit.errors import StoreError, Trouble
from harmo.audit.export import export
from harmo.audit.prune import Unit, prune, would_prune
from harmo.audit.read import Reader
from harmo.audit.records import KeptGroup
from harmo.audit.write import Writer

_EPOCH = date(1970, 1, 1).toordinal()
EVERY, TRAINED_ON = "all", "train"
"""Splits: of every one, and the one that `show` takes by itself."""

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
    split: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="eval, say, or all. [train where a run has it]"),
    ] = None,
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
        named = run or _only_run(reader)
        asked = Asked(
            run=named,
            steps=steps,
            task=task,
            column=column,
            reason=reason,
            split=None if split == EVERY else split or _trained_on(reader, named),
            recipe=recipe,
        )
        counted = figures(reader.tables(asked.query(reader)), worth=worth)
    if json:
        typer.echo(as_json.dumped(as_json.figures(counted)))
    else:
        console.print(run_report(counted))


class Form(StrEnum):
    """What an export is written as."""

    PARQUET = "parquet"
    JSONL = "jsonl"


@commands.command("export")
def export_groups(
    store: Store,
    to: Annotated[Path, typer.Option(metavar="FILE", help="Replaced only once it is whole.")],
    form: Annotated[
        Form | None,
        typer.Option("--format", help="parquet needs pyarrow. [as FILE's name ends]"),
    ] = None,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="- for groups without a run. [all]")
    ] = None,
    steps: Steps = None,
    task: Task = None,
    column: Column = None,
    reason: Why = None,
    split: Split = None,
    recipe: Recipe = None,
) -> None:
    """Write a row for each completion: its text, its reward, and every column's score."""
    asked = Asked(
        run=run,
        steps=steps,
        task=task,
        column=column,
        reason=reason,
        split=split,
        recipe=recipe,
    )
    wanted = form or _form(to)
    if not to.parent.is_dir():
        raise ValueError(f"{to.parent}: no such folder for {to.name}; make it first")
    with _reading(store) as reader:
        count = export(reader, asked.query(reader), to, form=wanted.value)
    console.print(f"{count} rows written to {to}", highlight=False, soft_wrap=True, markup=False)


def _form(to: Path) -> Form:
    try:
        return Form(to.suffix.removeprefix("."))
    except ValueError:
        raise ValueError(f"--format: {to.name!r} says neither parquet nor jsonl") from None


@commands.command("prune")
def prune_runs(
    store: Store,
    max_days: Annotated[
        float | None,
        typer.Option(metavar="DAYS", min=0, help="Runs that were last scored longer ago leave."),
    ] = None,
    max_bytes: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="20GiB, say: the oldest runs leave until it fits."),
    ] = None,
    dry_run: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--dry-run", help="Say what would leave, and drop nothing.")
    ] = False,
) -> None:
    """Drop whole runs, the oldest first. The last one leaves for its age alone.

    Groups without a run leave by the day. A service that writes there prunes by itself.
    """
    asked = bounds(max_bytes, max_days)
    with _reading(store):
        # A mistyped folder is not made.
        pass
    act = would_prune if dry_run else prune
    with closing(_writer(store)) as writer:
        pruned = act(writer, asked, now_s=time.time())
    verb, rest = ("would drop", "would stay") if dry_run else ("dropped", "kept")
    for unit in pruned.dropped:
        _say(f"{verb} {_named(unit)}: {unit.groups} groups")
    _say(f"{verb} {len(pruned.dropped)}, {size(pruned.bytes)} {rest}")
    if pruned.over:
        warn("it is larger than asked all the same: the run that was written last stays")


def _named(unit: Unit) -> str:
    """A run, or the day that groups without one are of."""
    if unit.run:
        return named_run(unit.run)
    return f"{named_run('')} of {date.fromordinal(_EPOCH + unit.day)}"


def _writer(store: Path) -> Writer:
    try:
        return Writer(store)
    except StoreError as error:
        if error.trouble is not Trouble.HELD:
            raise
        raise ValueError(
            f"{store}: a service writes it, and prunes it by audit_max_bytes and audit_max_days; "
            "set those, or end it first"
        ) from None


def _say(line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True, markup=False)


@contextmanager
def _reading(store: Path) -> Iterator[Reader]:
    with closing(Reader(store)) as reader:
        yield reader


def _trained_on(reader: Reader, run: str) -> str | None:
    """The split that a policy learns from, where the run has it."""
    meant = run_of(run, reader)
    splits = [each.splits for each in reader.runs() if each.run == meant]
    return TRAINED_ON if any(TRAINED_ON in each for each in splits) else None


def _only_run(reader: Reader) -> str:
    runs = [summary.run for summary in reader.runs()]
    if len(runs) != 1:
        listed = f"name one of {', '.join(map(named_run, runs))}" if runs else "it has none yet"
        raise ValueError(f"which run? {listed}")
    return runs[0] or NO_RUN


def _group(reader: Reader, number: int, run: str | None) -> KeptGroup:
    kept = reader.group(number)
    if kept is None:
        raise ValueError(
            f"--group: no group {number} in the store; `show` names some, as exports do"
        )
    its_run = kept.group.run or ""
    if run is not None and run not in (its_run, named_run(its_run)):
        raise ValueError(f"--group: group {number} is of run {named_run(its_run)!r}, not {run!r}")
    return kept


def _print_group(kept: KeptGroup, chars: int, *, json: bool) -> None:
    if json:
        typer.echo(as_json.dumped(as_json.group(kept)))
        return
    for part in group_report(kept, width=console.width, chars=chars):
        console.print(part, highlight=False)
