"""`harmo score FILE.jsonl`: rewards for rollouts on disk, without a server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harmo.app import respond
from harmo.app.cli import options
from harmo.app.cli.outputs import written_whole
from harmo.app.cli.rollouts import Rollout, chunks, open_rollouts, read_rollouts
from harmo.app.cli.summary import Summary
from harmo.app.cli.terminal import console, progress_console
from harmo.app.errors import ServiceError
from harmo.app.scored import ScoredMembers, ScoredRequest
from harmo.app.service import Service
from harmo.app.settings import Settings
from harmo.app.startup import build, start
from harmo.models.documents import said
from harmo_client.wire import ScoreRequest

DAY_MS = 86_400_000
"""Nobody waits for an answer: scorers have their own time limits, a chunk has none."""


def score(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="JSON lines, one group of POST /score each; - reads stdin."
        ),
    ],
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="RECIPE",
            help="File, shipped name or model. [model where one is hosted, else math]",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Rewards as JSON lines; - is stdout. [FILE.rewards.jsonl]",
        ),
    ] = None,
    model: options.Models = None,
    encoder: options.Encoders = None,
    device: options.Device = None,
    tokenizer: options.Tokenizer = None,
    sandbox_url: options.SandboxUrl = None,
    step: Annotated[
        int | None,
        typer.Option(metavar="N", help="Training step, for scheduled weights."),
    ] = None,
    explain: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--explain", help="Add what was extracted and compared.")
    ] = False,
    workers: options.Workers = None,
    config: options.Config = None,
) -> None:
    """Score rollouts in a file, without a server.

    A completion may be a plain string; ids default to positions. Settings also come from HARMO_...
    in the environment.
    """
    settings = Settings.from_file(
        config,
        recipes=None if recipe is None else (recipe,),
        models=model,
        encoders=encoder,
        device=device,
        tokenizer=tokenizer,
        sandbox_url=sandbox_url,
        workers=workers,
    )
    scoring = _Scoring(source=str(file), request=_request(step), explain=explain)
    with open_rollouts(file) as lines:
        target = _target(file, out)
        with written_whole(target) as answers:
            summary = asyncio.run(_score(settings, lines, answers, scoring))
    to_stdout = str(target) == "-"
    summary.print(progress_console if to_stdout else console)
    if not to_stdout:
        console.print(f"written to {target}", highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scoring:
    """What is asked of one file besides its recipe."""

    source: str
    request: ScoreRequest
    """Without its groups."""
    explain: bool


def _request(step: int | None) -> ScoreRequest:
    try:
        return ScoreRequest(groups=[], step=step)
    except ValidationError as error:
        raise ValueError(f"--{said(error, {'step': step})}") from None


def _target(file: Path, out: Path | None) -> Path:
    if out is None:
        if not file.is_file():
            raise ValueError(f"{file} is no file; name one for the rewards with --out")
        return file.with_suffix(".rewards.jsonl")
    if out.exists() and file.exists() and out.samefile(file):
        raise ValueError(f"--out: {out} is the file to be scored")
    return out


async def _score(
    settings: Settings, lines: BinaryIO, answers: BinaryIO, scoring: _Scoring
) -> Summary:
    # Every line is checked before anything is loaded or scored.
    checked = read_rollouts(lines, scoring.source)
    completions = sum(len(rollout.completion_ids) for rollout in checked)
    lines.seek(0)
    service = build(settings)
    try:
        await start(service)
        summary = Summary(service.program(None, None).plan)
        with _bar() as bar:
            task = bar.add_task("completions", total=completions)
            for chunk in chunks(read_rollouts(lines, scoring.source)):
                scored = await _score_chunk(service, chunk, scoring)
                for rollout, members in zip(chunk, scored.groups, strict=True):
                    answer = _answer(rollout, members, scored, explain=scoring.explain)
                    answers.write(respond.as_json(answer) + b"\n")
                    summary.add(members)
                    bar.advance(task, len(rollout.completion_ids))
        return summary
    finally:
        await service.close()


async def _score_chunk(
    service: Service, chunk: Sequence[Rollout], scoring: _Scoring
) -> ScoredRequest:
    groups = [rollout.group for rollout in chunk]
    request = scoring.request.model_copy(update={"groups": groups})
    try:
        return await service.score(
            request,
            None,
            deadline_ms=DAY_MS,
            started_s=time.monotonic(),
            explain=scoring.explain,
        )
    except ServiceError as error:
        first, last = chunk[0].line, chunk[-1].line
        lines = f"{first}" if first == last else f"{first}-{last}"
        raise ValueError(f"{scoring.source}:{lines}: {error.message}") from None


def _answer(
    rollout: Rollout, members: ScoredMembers, scored: ScoredRequest, *, explain: bool
) -> dict[str, object]:
    """A group of POST /score's answer that can be read alone: with its recipe and its columns."""
    group = respond.group(members, explain=explain)
    completions = cast("list[dict[str, object]]", group["completions"])
    for completion, written in zip(completions, rollout.completion_ids, strict=True):
        completion["id"] = written
    columns = respond.columns(replace(scored, groups=[members]))
    group["id"] = rollout.group_id
    return {"recipe": respond.recipe(scored), "columns": columns, **group}


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=progress_console,
        disable=not progress_console.is_terminal,
    )
