"""The application: pages on NiceGUI, behind the gate, on a server of its own."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from nicegui import app, context, ui
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from harmo.console import pages
from harmo.console.door.gate import Gate
from harmo.console.door.lock import Lock
from harmo.console.model.whatif.composed import load_scorers
from harmo.console.settings import Settings
from harmo.console.state import Console
from harmo.console.view import theme
from harmo.console.view.frame import frame, nothing, share_assets
from harmo.console.view.text import line

_DRAIN_S = 2
_COMPRESSED_BYTES = 2048
log = logging.getLogger("harmo.console")


def create_app(settings: Settings) -> ASGIApp:
    """The console as an ASGI application; one per process, as NiceGUI has it."""
    console = Console(settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        # The first page that reads a recipe would wait for the scorers to be imported.
        loading = asyncio.create_task(console.work(load_scorers))
        yield
        loading.cancel()
        await console.close()

    share_assets()
    outer = FastAPI(openapi_url=None, lifespan=life)
    outer.mount(theme.ASSETS, StaticFiles(directory=theme.FOLDER))
    for module in pkgutil.iter_modules(pages.__path__, f"{pages.__name__}."):
        importlib.import_module(module.name).register(console)
    _add_strays(console)
    ui.run_with(
        outer,
        title="Harmo",
        favicon=(theme.FOLDER / "mark.svg").read_text(encoding="utf-8"),
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        # A list of ten thousand cells must not leave twice.
        message_history_length=100,
        gzip_middleware_factory=None,
    )
    return GZipMiddleware(Gate(outer, Lock(settings.password, settings.keys)), _COMPRESSED_BYTES)


def _add_strays(console: Console) -> None:
    """Pages of ours for what there is not, and for what went wrong; after all others."""

    @ui.page("/{path:path}")
    async def missing(path: str) -> None:
        context.client.status_code = 404
        with frame(console, "No such page", here=""):
            nothing(f"There is no page /{line(path, 80)}.", then="The first page lists the runs.")

    def failed(error: Exception) -> None:
        log.error("a page failed", exc_info=error)
        with frame(console, "Failed", here=""):
            nothing(
                "This page failed, and that is a bug of ours.",
                then="What went wrong stands in the console's log.",
            )

    app.on_page_exception(failed)


def run_console(settings: Settings) -> None:
    """Serve the pages until interrupted; a ValueError says that nobody can listen there."""
    listening = _listening(settings.host, settings.port)
    port = listening.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"harmo console {version('harmo')}: http://{host}:{port}/", flush=True)  # noqa: T201 - for who started it
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_S,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        raise ValueError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listening
