"""`harmo replay AUDIT --recipe NEW.yaml`: kept groups under another recipe."""

from __future__ import annotations

import asyncio
import json as json_
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from harmo.app.catalogue import read
from harmo.app.cli import options
from harmo.app.cli.audit.asked import Asked as AskedGroups
from harmo.app.cli.audit.asked import Split, Steps, Task
from harmo.app.cli.outputs import written_whole
from harmo.app.cli.replay.parquet import Completions, require_pyarrow
from harmo.app.cli.replay.tables import report_tables
from harmo.app.cli.terminal import console, load_scorers, progress_console, warn
from harmo.app.replay.replaying import Asked, Begin, replayed
from harmo.app.replay.report import Report, as_json, short
from harmo.app.replay.results import FILE
from harmo.app.settings import Settings
from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.rewards.recipe import Recipe


def replay(
    store: Annotated[
        Path, typer.Argument(metavar="AUDIT", help="The store, as `harmo serve --audit` keeps it.")
    ],
    recipe: Annotated[
        str,
        typer.Option(
            metavar="RECIPE", help="File, or name or version of one in the store, or shipped name."
        ),
    ],
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="- for groups without a run. [all]")
    ] = None,
    steps: Steps = None,
    task: Task = None,
    split: Split = None,
    rescore: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--rescore", help="Score every column, whatever the store has.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for scores, to go on from. [AUDIT.replay, if any is scored]"
        ),
    ] = None,
    json: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--json", help="The answer as JSON.")
    ] = False,
    parquet: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A row for each completion, before and after."),
    ] = None,
    pages: Annotated[
        str,
        typer.Option("--console", metavar="URL", help="Of a running console, for the links."),
    ] = "",
    model: options.Models = None,
    encoder: options.Encoders = None,
    device: options.Device = None,
    sandbox_url: options.SandboxUrl = None,
    workers: options.Workers = None,
    config: options.Config = None,
) -> None:
    """Pay kept groups by another recipe, and say what changes.

    Columns that score as they did keep their stored scores; only others run, with models and
    workers as `harmo serve` has them. Cut short, the same command goes on where it was.
    """
    settings = Settings.from_file(
        config,
        models=model,
        encoders=encoder,
        device=device,
        sandbox_url=sandbox_url,
        workers=workers,
    )
    load_scorers()
    groups = AskedGroups(run=run, steps=steps, task=task, split=split)
    asked = _asked(store, groups, recipe, to, rescore=rescore)
    with ExitStack() as files:
        rows = None
        if parquet is not None:
            require_pyarrow()
            file = files.enter_context(written_whole(parquet))
            rows = files.enter_context(closing(Completions(file)))
        report = asyncio.run(_replayed(asked, settings, rows))
    if json:
        typer.echo(json_.dumps(as_json(report, console=pages), indent=2))
    else:
        for part in report_tables(report, pages):
            console.print(part, highlight=False, markup=False, soft_wrap=isinstance(part, Text))


async def _replayed(asked: Asked, settings: Settings, rows: Completions | None) -> Report:
    try:
        with _bars() as begin:
            return await replayed(asked, settings, begin=begin, sink=rows)
    except asyncio.CancelledError:
        if (asked.folder / FILE).is_file():
            warn(f"cut short; scores so far are in {asked.folder}: the same command goes on")
        raise


def _asked(
    store: Path, groups: AskedGroups, recipe: str, to: Path | None, *, rescore: bool
) -> Asked:
    with closing(Reader(store)) as reader:
        query = groups.query(reader)
        found = stored_recipe(reader, query, recipe)
    return Asked(
        store=store,
        query=query,
        recipe=found or read(recipe),
        source="the store" if found else recipe,
        rescore=rescore,
        to=to,
    )


def stored_recipe(reader: Reader, query: Query, source: str) -> Recipe | None:
    """A recipe that scored groups of the store; None where a file is meant, or none is named so.

    Args:
        reader: The store.
        query: Which groups.
        source: A file, a name, or a version or its beginning.

    Raises:
        ValueError: If several versions have that name, or today's code cannot read it.
    """
    if Path(source).is_file():
        return None
    versions = {
        kept.version: kept
        for kept in reader.recipes(query.run)
        if source == kept.name or (source.startswith("sha256:") and kept.version.startswith(source))
    }
    if len(versions) > 1:
        listed = ", ".join(map(short, versions))
        raise ValueError(f"--recipe: {source!r} is several versions in the store: {listed}")
    for kept in versions.values():
        try:
            return Recipe.model_validate(dict(kept.recipe))
        except ValidationError:
            raise ValueError(
                f"--recipe: {source!r} in the store is of another time; write it anew as a file"
            ) from None
    return None


@contextmanager
def _bars() -> Iterator[Begin]:
    """A bar for each pass, beside standard output."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=progress_console,
        disable=not progress_console.is_terminal,
    ) as bars:

        def begin(what: str, completions: int) -> Callable[[int], None]:
            task = bars.add_task(what, total=completions)
            return lambda done: bars.advance(task, done)

        yield begin
