"""Dark and light, and the folder of what browsers load from us; colours are in the stylesheet."""

from __future__ import annotations

from pathlib import Path

from nicegui import context

ASSETS = "/assets"
FOLDER = Path(__file__).parents[1] / "assets"
COOKIE = "harmo_theme"
"""`dark` or `light`; without it the browser's own."""


def chosen() -> bool | None:
    """True for dark, False for light, None for the browser's own; of the page being built."""
    return {"dark": True, "light": False}.get(context.client.request.cookies.get(COOKIE, ""))
