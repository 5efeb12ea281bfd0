"""`harmo score FILE.jsonl`: rewards for rollouts on disk, without a server."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from harmo.app import respond
from harmo.app.cli.terminal import console, progress_console
from harmo.app.scored import ScoredRequest
from harmo.app.settings import Settings
from harmo.app.startup import build, start
from harmo_client.wire import Group, ScoreRequest

CHUNK_COMPLETIONS = 256


def score(
    file: Annotated[Path, typer.Argument(help="JSON lines: one group of POST /score a line.")],
    recipe: Annotated[str, typer.Option(help="Recipe file or shipped name.")] = "math",
    out: Annotated[
        Path | None, typer.Option(help="Answers as JSON lines. [FILE.rewards.jsonl]")
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="Reward model: DIR or NAME=DIR.")] = None,
    explain: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option(help="Add what was extracted and compared.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes for isolated scorers.")] = 2,
) -> None:
    """Score rollouts offline. Completions may be plain strings; ids default to positions."""
    groups = list(read_groups(file))
    settings = Settings(recipes=(recipe,), models=tuple(model or ()), workers=workers)
    target = out or file.with_suffix(".rewards.jsonl")
    requests = asyncio.run(_score(settings, groups, target, explain=explain))
    _summarise(requests, target)


def read_groups(path: Path) -> Iterator[Group]:
    """The groups in a file of JSON lines.

    Args:
        path: One group a line; a completion may be a plain string, missing ids are positions.

    Raises:
        ValueError: Names file, line and field of what does not fit.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _group(line, f"{path}:{number}", number)


def _group(line: str, where: str, number: int) -> Group:
    try:
        row: dict[str, Any] = json.loads(line)
        completions = row.pop("completions", None) or [row.pop("completion", "")]
        row["completions"] = [
            {"id": str(i), "text": c} if isinstance(c, str) else {"id": str(i), **c}
            for i, c in enumerate(completions)
        ]
        return Group.model_validate({"id": str(number), **row})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {field}: {first['msg']}") from None
    except (json.JSONDecodeError, AttributeError, TypeError) as error:
        raise ValueError(f"{where}: not a JSON object of a group: {error}") from None


async def _score(
    settings: Settings, groups: Sequence[Group], target: Path, *, explain: bool
) -> list[ScoredRequest]:
    service = build(settings)
    requests = []
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    try:
        await start(service)
        with target.open("wb") as out, _bar(columns) as bar:
            task = bar.add_task("completions", total=sum(len(g.completions) for g in groups))
            for chunk in _chunks(groups):
                scored = await service.score(
                    ScoreRequest(groups=chunk),
                    None,
                    deadline_ms=settings.deadline_ms,
                    started_s=time.monotonic(),
                )
                requests.append(scored)
                for members in scored.groups:
                    out.write(respond.as_json(respond.group(members, explain=explain)) + b"\n")
                bar.advance(task, sum(len(group.completions) for group in chunk))
    finally:
        await service.close()
    return requests


def _bar(columns: tuple[Any, ...]) -> Progress:
    return Progress(*columns, console=progress_console)


def _chunks(groups: Sequence[Group]) -> Iterator[list[Group]]:
    chunk: list[Group] = []
    for group in groups:
        if chunk and sum(len(g.completions) for g in [*chunk, group]) > CHUNK_COMPLETIONS:
            yield chunk
            chunk = []
        chunk.append(group)
    if chunk:
        yield chunk


def _summarise(requests: Sequence[ScoredRequest], target: Path) -> None:
    rewards = [r for scored in requests for members in scored.groups for r in members.rewards]
    if not rewards:
        console.print("no completions")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("column", "scored", "mean score", "mean contribution"):
        table.add_column(heading, justify="left" if heading == "column" else "right")
    for k, column in enumerate(respond.columns(requests[0])):
        values = [r.scores[k].value for r in rewards if k < len(r.scores)]
        present = [value for value in values if value is not None]
        share = sum(reward.contributions[k] for reward in rewards) / len(rewards)
        table.add_row(str(column["name"]), str(len(present)), _mean(present), f"{share:.3f}")
    scored = [reward.value for reward in rewards if reward.value is not None]
    table.add_row("reward", str(len(scored)), _mean(scored), "")
    console.print(table)
    missing = Counter(reward.reason for reward in rewards if reward.value is None)
    for reason, count in missing.most_common():
        console.print(f"unscored: {count} {reason}", highlight=False)
    console.print(f"written to {target}", highlight=False)


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}" if values else "-"
