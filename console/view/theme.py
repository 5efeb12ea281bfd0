"""Dark and light, and the folder of what browsers load from us; colours are in the stylesheet."""

from __future__ import annotations

from pathlib import Path

from nicegui import context
from nicegui.element import Element

ASSETS = "/assets"
FOLDER = Path(__file__).parents[1] / "assets"
COOKIE = "harmo_theme"
"""`dark` or `light`; without it the browser's own."""


class Theme(Element, component="theme.js"):
    """The visitor's choice, or the browser's; set when the page opens."""

    def __init__(self) -> None:
        super().__init__()
        chosen = context.client.request.cookies.get(COOKIE, "")
        self._props["dark"] = {"dark": True, "light": False}.get(chosen)
