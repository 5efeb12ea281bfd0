"""Keys of one page: pressing one clicks what is named for it."""

from __future__ import annotations

from nicegui.element import Element


class Presses(Element, component="presses.js"):
    """Nothing to see; elements with `data-press` are clicked by the keys they name."""
