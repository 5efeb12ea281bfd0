"""`harmo bench URL`: a load of a trainer's kind on your own deployment."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from harmo.app.cli import INTERRUPTED, options
from harmo.app.cli.bench.load import Load
from harmo.app.cli.bench.report import comparison, report
from harmo.app.cli.bench.result import Result, read_result
from harmo.app.cli.bench.running import run_bench
from harmo.app.cli.outputs import written_whole
from harmo.app.cli.terminal import console, progress_console

NOTHING_SCORED = 1
_DAY_S = 86_400.0
_SECONDS, _REQUESTS_AT_ONCE = 30.0, 8
_MOST_AT_ONCE = 1024
"""Of an open loop that is not told otherwise."""


def bench(
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="URL",
            help="The service. [HARMO_URL, or http://127.0.0.1:8000]",
            show_default=False,
        ),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help="[the service's default]")
    ] = None,
    groups: Annotated[int, typer.Option(metavar="N", min=1, help="In a request.")] = 4,
    members: Annotated[int, typer.Option(metavar="N", min=1, help="In a group.")] = 8,
    prompt_tokens: Annotated[int, typer.Option(metavar="N", min=1, help="Of 4 characters.")] = 100,
    completion_tokens: Annotated[
        int, typer.Option(metavar="N", min=1, help="On average, from half to half more.")
    ] = 300,
    images: Annotated[int, typer.Option(metavar="N", min=0, help="With each prompt.")] = 0,
    task: Annotated[
        list[str] | None,
        typer.Option(metavar="TASK[=SHARE]", help="Repeatable. [the recipe's own]"),
    ] = None,
    wrong: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=1, help="Of the answers.")
    ] = 0.5,
    rollouts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Send these, over and over: lines as for harmo score."),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Requests under way. [8; with --rate at most 1024]"),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            metavar="R", min=0.001, max=1e5, help="Requests/s that begin, answered or not."
        ),
    ] = None,
    duration_s: Annotated[
        float | None,
        typer.Option(metavar="S", min=1, max=_DAY_S, help="[30, without --requests]"),
    ] = None,
    requests: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="So many, after the warm-up.")
    ] = None,
    warmup_s: Annotated[
        float, typer.Option(metavar="S", min=0, max=_DAY_S, help="Not measured.")
    ] = 3.0,
    timeout_s: Annotated[
        float,
        typer.Option(metavar="S", min=0.1, max=_DAY_S, help="For one try, and to begin another."),
    ] = 150.0,
    retry: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--retry", help="Ask again after 429 and 503, when Retry-After says.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Of the texts; the same one is remembered. [a new one]"),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save it all, to compare; - prints it.")
    ] = None,
    token: options.Token = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="A B", help="Compare two saved results; asks no service."),
    ] = None,
) -> int:
    """Measure a deployment under load.

    Sends made-up groups that fit the recipe's columns, with right and wrong answers, as run
    `bench`, split eval. Prints throughput, latency and what was shed or unscored.
    """
    if compare is not None:
        first, second = compare
        both = comparison(read_result(first), read_result(second), (first.stem, second.stem))
        console.print(both, highlight=False)
        return 0
    base, headers = options.address(url), options.authorization(token)
    if concurrency is None:
        concurrency = _REQUESTS_AT_ONCE if rate is None else _MOST_AT_ONCE
    if duration_s is None:
        duration_s = _SECONDS if requests is None else _DAY_S
    load = Load(
        recipe=recipe or "",
        groups=groups,
        members=members,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        images=images,
        wrong=wrong,
        tasks=_tasks(task or ()),
        rollouts="" if rollouts is None else str(rollouts),
        seed=secrets.randbelow(2**31) if seed is None else seed,
        concurrency=concurrency,
        rate=rate,
        duration_s=duration_s,
        requests=requests,
        warmup_s=warmup_s,
        timeout_s=timeout_s,
        retry=retry,
    )
    if json is None:
        return _told(asyncio.run(run_bench(base, headers, load)))
    with written_whole(json) as file:
        done = asyncio.run(run_bench(base, headers, load))
        # First, so that a full disk does not cost it; beside the JSON if that is standard output.
        code = _told(done, progress_console if str(json) == "-" else console)
        file.write(done.model_dump_json(indent=1).encode())
    return code


def _told(done: Result, to: Console = console) -> int:
    """Print a result; the exit code that goes with it."""
    to.print(report(done), highlight=False)
    if done.interrupted:
        return INTERRUPTED
    return 0 if done.scored else NOTHING_SCORED


def _tasks(written: Sequence[str]) -> dict[str, float]:
    tasks = {}
    for each in written:
        name, _, share = each.partition("=")
        try:
            tasks[name] = float(share or 1)
        except ValueError:
            tasks[name] = -1.0
        if not 0.0 < tasks[name] < 1e9:
            raise ValueError(f"--task {each}: a share is a number above 0, as in math=3")
    return tasks
