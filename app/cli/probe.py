"""`harmo probe DATASET`: attacks a reward on the rows it will be used on, before the run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harmo.app import respond
from harmo.app.cli import INTERRUPTED, MISTAKE, options
from harmo.app.cli.outputs import written_whole
from harmo.app.cli.terminal import console, progress_console
from harmo.app.probe.as_json import as_json
from harmo.app.probe.dataset.columns import columns
from harmo.app.probe.dataset.rows import Sampled, sample
from harmo.app.probe.report import Probed, print_report
from harmo.app.probe.running import probe_rows, slowest
from harmo.app.probe.tally import Found, Tally
from harmo.app.settings import Settings
from harmo.app.startup import build, start

FOUND = 1


def probe(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET",
            help="A .jsonl or .parquet file, a dataset of the hub, or a harmo-train config.",
        ),
    ],
    recipe: Annotated[
        str | None,
        typer.Option(metavar="RECIPE", help="File, shipped name or model. [math, or the config's]"),
    ] = None,
    rows: Annotated[
        int, typer.Option(metavar="N", min=1, help="Rows to draw from the dataset.")
    ] = 300,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the draw.")] = 0,
    prompt: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column with the prompt. [prompt]")
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="With the right answer; outer.inner. [reference]"),
    ] = None,
    references: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=COLUMN", help="Further ground truth; repeatable."),
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="With the task word. [task]")
    ] = None,
    images: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="With a picture or a list of them.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of a hub dataset. [train]")
    ] = None,
    prefix: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the chat template opens: '<think>'.")
    ] = None,
    max_paid: Annotated[
        float,
        typer.Option(metavar="SHARE", min=0, max=1, help="Of wrong answers that may be paid."),
    ] = 0.0,
    max_refused: Annotated[
        float,
        typer.Option(metavar="SHARE", min=0, max=1, help="Of right answers that may be refused."),
    ] = 0.0,
    max_unscored: Annotated[
        float,
        typer.Option(metavar="SHARE", min=0, max=1, help="Of all answers that may get no verdict."),
    ] = 0.0,
    show: Annotated[
        int, typer.Option(metavar="N", min=0, help="Findings to print of each sort.")
    ] = 8,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write everything found as JSON.")
    ] = None,
    model: options.Models = None,
    encoder: options.Encoders = None,
    device: options.Device = None,
    sandbox_url: options.SandboxUrl = None,
    workers: options.Workers = None,
    config: options.Config = None,
) -> None:
    """Attack a reward on your own data before the run.

    Gives every row's reference as an answer in every form, and answers that are wrong by
    construction: universal ones, near misses, hedges, unfinished thinking and more. Exit code 1
    where a share of what was paid, refused or left without a verdict is above its limit.
    """
    given = {
        "prompt": prompt,
        "reference": reference,
        "references": _named(references or []),
        "task": task,
        "images": images,
        "split": split,
        "prefix": prefix,
    }
    asked = columns(dataset, given)
    wanted = recipe or asked.recipe
    settings = Settings.from_file(
        config,
        recipes=None if wanted is None else (wanted,),
        models=model,
        encoders=encoder,
        device=device,
        sandbox_url=sandbox_url,
        workers=workers,
    )
    sampled = sample(asked, count=rows, seed=seed)
    probing = _Probing(sampled=sampled, seed=seed)
    began_s = time.perf_counter()
    try:
        asyncio.run(probing.run(settings))
    except KeyboardInterrupt:
        probing.stopped = "interrupted"
    except ValueError as error:
        if not probing.tally.rows:
            raise
        probing.stopped = str(error)
    probed = probing.probed(asked.path, time.perf_counter() - began_s)
    if json is not None:
        with written_whole(json) as file:
            file.write(respond.as_json(as_json(probed)) + b"\n")
    shown = progress_console if str(json) == "-" else console
    print_report(probed, shown, show=show)
    limits = {"paid": max_paid, "refused": max_refused, "unscored": max_unscored}
    raise typer.Exit(_code(probing, limits, shown))


def _code(probing: _Probing, limits: Mapping[str, float], shown: Console) -> int:
    """The exit code, once it is said which limits were passed."""
    if probing.stopped:
        return INTERRUPTED if probing.stopped == "interrupted" else MISTAKE
    above = [
        f"{name} {share:.3%} (at most {limits[name]:.3%})"
        for name, share in probing.tally.shares().items()
        if share > limits[name]
    ]
    shown.print(f"above its limit: {', '.join(above) or 'nothing'}", highlight=False)
    return FOUND if above else 0


def _named(references: Sequence[str]) -> dict[str, str]:
    named = {}
    for pair in references:
        name, equals, column = pair.partition("=")
        if not (name and equals and column):
            raise ValueError(f"--references: {pair!r} is no NAME=COLUMN")
        named[name] = column
    return named


@dataclass(slots=True, kw_only=True)
class _Probing:
    """A probe while it runs, so that what is known survives an interrupt."""

    sampled: Sampled
    seed: int
    tally: Tally = field(default_factory=Tally)
    recipe: str = ""
    slowest: tuple[Found, float] | None = None
    stopped: str = ""
    """Why it ended early."""

    def probed(self, dataset: str, seconds: float) -> Probed:
        """What is known."""
        return Probed(
            dataset=dataset,
            recipe=self.recipe,
            rows_in_all=self.sampled.of,
            seed=self.seed,
            seconds=seconds,
            tally=self.tally,
            slowest=self.slowest,
            stopped=self.stopped,
        )

    async def run(self, settings: Settings) -> None:
        """Probe row after row."""
        service = build(settings)
        try:
            await start(service)
            plan = service.program(None, None).plan
            self.recipe = plan.recipe.name
            rows = self.sampled.rows
            with _bar() as bar:
                task = bar.add_task("rows", total=len(rows))
                async for judged in probe_rows(service, plan, rows, seed=self.seed):
                    self.tally.add(judged)
                    bar.advance(task)
            self.slowest = await slowest(service, plan, self.tally.rows)
        finally:
            await service.close()


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=progress_console,
        disable=not progress_console.is_terminal,
    )
