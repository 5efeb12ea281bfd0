"""Pages that follow a store: a look now and then, and a word on top while it cannot be had."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from nicegui import ui

from harmo.audit.errors import StoreError
from harmo.console.view.text import line, part

EVERY_S, REST = 2.0, 10.0
"""From look to look; and how many times as long as the last one took there is at least between."""


def follow(look: Callable[[], Awaitable[None]]) -> None:
    """Have a page look again and again; what it shows stays while the store cannot be read.

    The page is sent with what is on it by then, and the rest follows.

    Args:
        look: Draws what is new; a StoreError says why there is nothing to draw.
    """
    trouble = part("p", "", "trouble")
    trouble.set_visibility(False)
    rest_until_s = 0.0

    async def again() -> None:
        nonlocal rest_until_s
        began_s = time.monotonic()
        if began_s < rest_until_s:
            return
        try:
            await look()
        except StoreError as error:
            trouble.text = f"No longer followed: {line(str(error), 400)}"
            trouble.set_visibility(True)
        else:
            trouble.set_visibility(False)
        now_s = time.monotonic()
        rest_until_s = now_s + REST * (now_s - began_s)

    ui.timer(EVERY_S, again)
