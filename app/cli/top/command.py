"""`harmo top URL`: a live view of a service, or of several replicas."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

import httpx
import typer
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live

from harmo.app.cli.options import LOOPBACK, Token, address, authorization
from harmo.app.cli.terminal import console
from harmo.app.cli.top.board import Board, as_json, board
from harmo.app.cli.top.look import look
from harmo.app.cli.top.screen import screen
from harmo.app.cli.top.watched import Trends, Watched

UNSEEN = 1
"""Exit code where an address gave no figures."""
TIMEOUT_S = 10.0
"""For one look: tens of thousands of series take seconds on a busy machine."""
_LEAST_PAUSE_S, _DRAW_S = 0.1, 1.0


def top(
    url: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="URL",
            help="Services; several are replicas. [HARMO_URL, or http://127.0.0.1:8000]",
            show_default=False,
        ),
    ] = None,
    interval_s: Annotated[
        float, typer.Option(metavar="S", min=0.2, max=3600, help="Seconds from look to look.")
    ] = 2.0,
    once: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--once", help="Look twice, print, exit; so it is without a terminal.")
    ] = False,
    json: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool, typer.Option("--json", help="The figures of --once as JSON.")
    ] = False,
    token: Token = None,
) -> int:
    """Watch a service in the terminal.

    Reads /metrics and /readyz; needs no Prometheus. Rates, means and percentiles are over the last
    30 seconds. Exit code 1 where --once saw nothing of an address.
    """
    urls = [address(each) for each in url] if url else [address(None)]
    watched = [Watched(each, interval_s) for each in urls]
    headers = authorization(token)
    if once or json or not sys.stdout.isatty():
        seen = asyncio.run(_once(watched, headers, interval_s))
        _print(seen, json=json)
        return UNSEEN if any(row.service is None for row in seen.rows) else 0
    try:
        asyncio.run(_live(watched, headers, interval_s))
    except KeyboardInterrupt:
        # The way to leave it is no failure.
        return 0
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM
    return 0


async def _once(watched: Sequence[Watched], headers: Mapping[str, str], interval_s: float) -> Board:
    async def twice(each: Watched) -> None:
        each.add(await look(http, each.url, TIMEOUT_S))
        if each.latest.scrape is not None:
            await asyncio.sleep(interval_s)
            each.add(await look(http, each.url, TIMEOUT_S))

    async with _client(headers) as http:
        await asyncio.gather(*map(twice, watched))
    return board(watched, Trends())


async def _live(watched: Sequence[Watched], headers: Mapping[str, str], interval_s: float) -> None:
    async def again_and_again(each: Watched) -> None:
        # By itself: an address that does not answer holds up no other.
        while True:
            started_s = time.monotonic()
            each.add(await look(http, each.url, TIMEOUT_S))
            await asyncio.sleep(max(_LEAST_PAUSE_S, started_s + interval_s - time.monotonic()))

    # By itself it would leave the terminal on the other screen, without a cursor.
    asking = asyncio.current_task()
    if asking is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asking.cancel)
    shown = _Screen(board(watched, trends := Trends()))
    async with _client(headers) as http, asyncio.TaskGroup() as looking:
        for each in watched:
            looking.create_task(again_and_again(each))
        # Drawn again now and then, so that it fits a window whose size has changed.
        with Live(shown, console=console, screen=True, refresh_per_second=2):
            while True:
                await asyncio.sleep(min(interval_s, _DRAW_S))
                shown.board = board(watched, trends)


def _client(headers: Mapping[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        # Nothing is unpacked: what a service sends is what it costs to read.
        headers={**headers, "Accept-Encoding": "identity"},
        mounts=LOOPBACK,
        timeout=TIMEOUT_S,
        follow_redirects=False,
    )


class _Screen:
    """The latest board, as large as the terminal is when it is drawn."""

    def __init__(self, first: Board) -> None:
        self.board = first

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Its lines."""
        hint = f"last {self.board.window_s:.0f} s, Ctrl-C ends" if self.board.window_s else ""
        height = options.height or console.height
        yield screen(self.board, width=options.max_width, height=height, hint=hint)


def _print(seen: Board, *, json: bool) -> None:
    if json:
        typer.echo(as_json(seen))
    else:
        console.print(screen(seen, width=console.width), markup=False, highlight=False)
