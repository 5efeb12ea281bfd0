"""`harmo serve`."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from harmo.app import logs
from harmo.app.catalogue import is_of_a_model, read
from harmo.app.cli import options
from harmo.app.front.server import FATAL, Server
from harmo.app.main import create_app
from harmo.app.settings import Settings
from harmo.app.workers.confinement import hide_from_workers
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
    audit: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep every scored group in a store in this folder."),
    ] = None,
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
        audit=audit,
        log_level=log_level,
    )
    require_recipes(settings.recipes)
    _require_address(settings.host, settings.port)
    hide_from_workers()
    lines = logs.configure(settings.log_level)
    app = create_app(settings)
    Server(app, settings).run()
    lines.finish()
    life = app.state.service.life
    if life.failure and not life.began:
        raise ValueError(life.failure)
    if life.failure:
        raise SystemExit(FATAL)


def require_recipes(sources: Sequence[str]) -> None:
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
