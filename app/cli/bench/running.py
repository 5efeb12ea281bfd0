"""One bench from the first question to the result, with a line of progress."""

from __future__ import annotations

import asyncio
import resource
import secrets
import signal
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError
from rich.progress import BarColumn, Progress, TextColumn

from harmo.app.cli import options
from harmo.app.cli.bench.bodies import Made, Own
from harmo.app.cli.bench.driving import Bodies, Driver
from harmo.app.cli.bench.http import BrokenAnswerError, Connections
from harmo.app.cli.bench.load import Load
from harmo.app.cli.bench.needs import needs
from harmo.app.cli.bench.result import Result, Service, result
from harmo.app.cli.bench.tally import quantile_s
from harmo.app.cli.rollouts import open_rollouts, read_rollouts
from harmo.app.cli.terminal import load_scorers, progress_console
from harmo.app.cli.top import words
from harmo.app.cli.top.exposition import parse, version
from harmo_client.wire import RecipePage, RecipeSummary

_ASK_S, _DRAW_S = 30.0, 0.5
_OTHER_FILES = 64
_T = TypeVar("_T")


async def run_bench(base: httpx.URL, headers: Mapping[str, str], load: Load) -> Result:
    """What a bench of the service there comes to.

    Args:
        base: Where it is.
        headers: With the key.
        load: An empty recipe is the service's default.

    Raises:
        ValueError: If there is no such service or recipe, or nothing to send it.
    """
    _make_room(load.concurrency)
    connections = Connections(base, headers)
    try:
        page = await _page(connections, load.recipe)
        load = replace(load, recipe=page.name)
        bodies = await asyncio.to_thread(_bodies, load, page)
        service = Service(
            url=options.shown(base),
            version=await _version(connections),
            recipe=page.name,
            recipe_version=page.version,
            scorer_version=page.scorer_version,
        )
        began = datetime.now(timezone.utc).isoformat(timespec="seconds")
        driver = Driver(load, bodies, connections, keys=f"bench-{secrets.token_hex(8)}")
        stopped = await _watched(driver, load)
        return result(driver, load, service, began=began, interrupted=stopped)
    finally:
        connections.close()


def _make_room(connections: int) -> None:
    """Let the process open so many, if the machine allows it."""
    needed = connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if needed > hard != resource.RLIM_INFINITY:
        raise ValueError(
            f"--concurrency {connections} needs {needed} open files, and this shell allows {hard}: "
            "see ulimit -n, or take fewer"
        )
    if needed > soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


async def _page(connections: Connections, recipe: str) -> RecipePage:
    if not recipe:
        summaries = TypeAdapter(list[RecipeSummary])
        known = _read(summaries, await _get(connections, "/recipes"))
        recipe = next((each.name for each in known if each.default), "")
    path = f"/recipes/{quote(recipe, safe='')}"
    return _read(TypeAdapter(RecipePage), await _get(connections, path))


def _read(kind: TypeAdapter[_T], content: bytes) -> _T:
    try:
        return kind.validate_json(content)
    except ValidationError:
        raise ValueError("what answers there is no Harmo, or another version of it") from None


async def _get(connections: Connections, path: str) -> bytes:
    try:
        async with asyncio.timeout(_ASK_S):
            answer = await connections.get(path)
    except TimeoutError:
        raise ValueError(f"GET {path}: no answer within {_ASK_S:g} s") from None
    except BrokenAnswerError:
        raise ValueError(f"GET {path}: what answers there speaks no HTTP") from None
    except OSError as error:
        raise ValueError(f"GET {path}: {error.strerror or error}; is the service up?") from None
    if answer.status in (401, 403):
        raise ValueError(f"GET {path}: {answer.status}: {options.NEEDS_KEY}")
    if answer.status != httpx.codes.OK:
        said = words.plain(answer.content.decode(errors="replace"))
        raise ValueError(f"GET {path} answers {answer.status}: {said}")
    return answer.content


async def _version(connections: Connections) -> str:
    """Of the service, if its metrics say it."""
    try:
        exposed = await _get(connections, "/metrics")
    except ValueError:
        return ""
    return version(parse(exposed.decode(errors="replace")))


def _bodies(load: Load, page: RecipePage) -> Bodies:
    if not load.rollouts:
        return Made(load, needs(page, load.tasks))
    load_scorers()
    with open_rollouts(Path(load.rollouts)) as lines:
        return Own(load, read_rollouts(lines, load.rollouts))


async def _watched(driver: Driver, load: Load) -> bool:
    """Run it with a line of progress; True if a signal ended it, and what there was is kept."""
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        loop.remove_signal_handler(signal.SIGINT)  # the next one ends it at once
        driver.stop()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop)
    try:
        with _bar() as bar:
            driven = asyncio.create_task(driver.run())
            line = bar.add_task("warming up", total=load.requests or load.duration_s)
            while not driven.done():
                await asyncio.wait([driven], timeout=_DRAW_S)
                bar.update(line, completed=_done(driver, load), description=_so_far(driver))
            await driven
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)
    return stopped


def _done(driver: Driver, load: Load) -> float:
    return max(0.0, driver.passed_s) if load.requests is None else driver.tally.requests


def _so_far(driver: Driver) -> str:
    if driver.passed_s <= 0.0:
        return "warming up"
    tally = driver.tally
    rate = words.number(tally.completions / driver.passed_s)
    p95 = words.seconds(quantile_s(tally.latencies, 0.95))
    lost = f", {tally.failed} failed" if tally.failed else ""
    return f"{rate} completions/s, p95 {p95}{lost}"


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f}"),
        console=progress_console,
        disable=not progress_console.is_terminal,
        transient=True,
    )
