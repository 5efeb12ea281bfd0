"""`harmo serve`."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from harmo.app.catalogue import is_of_a_model, read
from harmo.app.cli import options
from harmo.app.main import create_app
from harmo.app.settings import Settings
from harmo.rewards.plan import compile_recipe
from harmo.scorers import registry


def serve(
    host: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Address to listen on. [127.0.0.1]"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help="0 picks a free one. [8000]"),
    ] = None,
    recipe: Annotated[
        list[str] | None,
        typer.Option(metavar="RECIPE", help="File or shipped name; the first is the default."),
    ] = None,
    model: options.Models = None,
    encoder: options.Encoders = None,
    device: options.Device = None,
    tokenizer: options.Tokenizer = None,
    sandbox_url: options.SandboxUrl = None,
    workers: options.Workers = None,
    config: options.Config = None,
    log_level: Annotated[
        str | None,
        typer.Option(metavar="LEVEL", help="debug, info or warning. [info]"),
    ] = None,
) -> None:
    """Serve rewards over HTTP.

    Every setting also comes from HARMO_... in the environment, or from the file of --config.
    """
    settings = Settings.from_file(
        config,
        host=host,
        port=port,
        recipes=recipe,
        models=model,
        encoders=encoder,
        device=device,
        tokenizer=tokenizer,
        sandbox_url=sandbox_url,
        workers=workers,
        log_level=log_level,
    )
    _require_recipes(settings.recipes)
    _require_address(settings.host, settings.port)
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    app = create_app(settings)
    # uvicorn raises the signal again once it is done; a drained service ends with 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    DrainingServer(app, settings).run()
    if failure := app.state.service.life.failure:
        raise ValueError(failure)


def _require_recipes(sources: Sequence[str]) -> None:
    """Say what is wrong with a recipe before the port opens; hosted models bring their own."""
    registry.load()
    for source in sources:
        if not is_of_a_model(source):
            compile_recipe(read(source))


def _require_address(host: str, port: int) -> None:
    """Say that nobody can listen there before models are loaded, not after."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ValueError(f"cannot listen on {host}:{port}: {error.strerror}") from None


NEW_OBJECTS = 20_000
"""About what a large request makes; to collect more often finds nothing."""
ANSWER_S = 2
"""Time to say 503 to what is still in flight after the drain."""


class DrainingServer(uvicorn.Server):
    """uvicorn that turns `/readyz` to 503 and begins to drain at the first signal."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                root_path=settings.root_path,
                log_level=settings.log_level,
                access_log=False,
                timeout_graceful_shutdown=int(settings.drain_timeout_s) + ANSWER_S,
                h11_max_incomplete_event_size=64 << 10,
            )
        )
        self._life = app.state.service.life
        self._life.when_ready(_leave_out_of_collections)
        self._life.when_failed(self._stop)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        asyncio.get_running_loop().call_soon_threadsafe(self._life.drain)
        super().handle_exit(sig, frame)

    def _stop(self) -> None:
        self.should_exit = True


def _leave_out_of_collections() -> None:
    """What is loaded stays loaded: have the garbage collector look at what requests make only."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)
