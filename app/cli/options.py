"""Flags that commands share: those that default to the settings, and where a service runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import httpx
import typer

URL_VARIABLE, KEY_VARIABLE = "HARMO_URL", "HARMO_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8000"
NEEDS_KEY = f"it wants a key: --token, or {KEY_VARIABLE} in the environment"
LOOPBACK = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}
"""What no proxy of the environment is asked for: it would look for the service on itself."""

Models = Annotated[
    list[str] | None,
    typer.Option("--model", metavar="[NAME=]DIR", help="Reward model, or hub id; repeatable."),
]
Encoders = Annotated[
    list[str] | None,
    typer.Option("--encoder", metavar="[NAME=]DIR", help="Text or image encoder; repeatable."),
]
Device = Annotated[
    str | None,
    typer.Option(metavar="DEVICE", help="auto, cpu, cuda or cuda:N. [auto]"),
]
Tokenizer = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Tokenizer, or hub id: counts tokens that nobody counted."),
]
SandboxUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="SandboxFusion endpoint for rule.code.")
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", help="Processes for isolated scorers. [2]"),
]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="YAML of settings; flags and HARMO_... win over it."),
]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="KEY", help=f"API key; better in {KEY_VARIABLE}: others see command lines."
    ),
]


def address(given: str | None) -> httpx.URL:
    """The base address of a service; one that is no http(s) address is a ValueError.

    Args:
        given: Else HARMO_URL, else the local default.
    """
    text = given or os.environ.get(URL_VARIABLE) or DEFAULT_URL
    try:
        url = httpx.URL(text if "://" in text else f"http://{text}")
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{text!r} is no address of a service; write http://HOST:PORT")
    path = url.path.rstrip("/")
    for route in ("/metrics", "/readyz", "/score"):
        path = path.removesuffix(route)
    return url.copy_with(path=path or "/", query=None, fragment=None)


def shown(url: httpx.URL) -> str:
    """The address for people: without a password that may stand in it."""
    return str(url.copy_with(userinfo=b"")).rstrip("/")


def route(url: httpx.URL, path: str) -> httpx.URL:
    """The address of one of its routes, such as `/metrics`."""
    return url.copy_with(path=url.path.rstrip("/") + path)


def authorization(token: str | None) -> Mapping[str, str]:
    """The header that carries the key, if there is one.

    Args:
        token: Else HARMO_API_KEY.

    Raises:
        ValueError: If it cannot stand in a header; the key is not in the message.
    """
    key = (token or os.environ.get(KEY_VARIABLE) or "").strip()
    if not key:
        return {}
    if not (key.isascii() and key.isprintable()):
        raise ValueError(
            "the key holds what no header can carry; is it the right file or variable?"
        )
    return {"Authorization": f"Bearer {key}"}
