"""`harmo console`: known to the command's tree by name alone, and imported without NiceGUI."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from harmo.app.cli.options import Token
from harmo.console.settings import gathered

Audit = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Store that `harmo serve --audit` keeps. [HARMO_AUDIT]"),
]
Service = Annotated[
    str | None, typer.Option(metavar="URL", help="Running service, for the playground. [HARMO_URL]")
]
Host = Annotated[
    str, typer.Option(metavar="HOST", help="Address to listen on; others need a password.")
]
Port = Annotated[int, typer.Option(metavar="PORT", min=0, max=65_535, help="0 picks a free one.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Its first line opens the pages. [HARMO_CONSOLE_PASSWORD]"),
]
KeysFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The service's API keys, one a line: each opens them."),
]


def console(
    audit: Audit = None,
    service: Service = None,
    host: Host = "127.0.0.1",
    port: Port = 8600,
    password_file: PasswordFile = None,
    keys_file: KeysFile = None,
    token: Token = None,
) -> None:
    """Show what rewards paid, in the browser.

    Reads a store while a service writes it; changes nothing in it.
    """
    if find_spec("nicegui") is None:
        raise ValueError("the console's pages need NiceGUI: pip install 'harmo[console]'")
    settings = gathered(
        audit=audit,
        service=service,
        host=host,
        port=port,
        password_file=password_file,
        keys_file=keys_file,
        token=token,
    )
    # Here, so that every other command starts without it.
    from harmo.console.app import run_console  # noqa: PLC0415

    run_console(settings)
