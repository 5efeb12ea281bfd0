"""`harmo serve`."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from harmo.app.main import create_app
from harmo.app.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one. [8000]")] = None,
    recipe: Annotated[
        list[str] | None,
        typer.Option(help="Recipe file or shipped name, repeatable; the first is the default."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Reward model: DIR, hub id or NAME=DIR, repeatable."),
    ] = None,
    encoder: Annotated[
        list[str] | None, typer.Option(help="Sentence or text-image encoder: NAME=DIR.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or cuda:N. [auto]")] = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="Counts tokens where the trainer sends no count.")
    ] = None,
    sandbox_url: Annotated[
        str | None, typer.Option(help="SandboxFusion endpoint for rule.code.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes for isolated scorers. [2]")] = None,
    config: Annotated[Path | None, typer.Option(help="YAML file of settings.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info or warning. [info]")] = None,
) -> None:
    """Serve rewards over HTTP; settings also come from HARMO_... and --config."""
    flags = {
        "host": host,
        "port": port,
        "recipes": tuple(recipe) if recipe else None,
        "models": tuple(model) if model else None,
        "encoders": tuple(encoder) if encoder else None,
        "device": device,
        "tokenizer": tokenizer,
        "sandbox_url": sandbox_url,
        "workers": workers,
        "log_level": log_level,
    }
    given = {key: value for key, value in flags.items() if value is not None}
    settings = Settings.from_file(config, **given)
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
