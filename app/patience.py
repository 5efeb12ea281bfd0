"""Waiting for room, for clients that give up where others come again later."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from harmo.app.shed import ShedError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 0.5
"""Between two looks for room, from the first to any later ones."""

T = TypeVar("T")


async def once_there_is_room(
    work: Callable[[], Coroutine[Any, Any, T]], *, patient: bool, deadline_s: float
) -> T:
    """What the work comes to; begun again where it is turned away, as long as there is time.

    Args:
        work: Leaves nothing behind where there is no room for it.
        patient: False to turn away at once.
        deadline_s: `time.monotonic()` instant.

    Raises:
        ShedError: 429 or 503 once there is no time left.
    """
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return await work()
        except ShedError:
            if not patient or time.monotonic() + wait_s >= deadline_s:
                raise
        # By chance, so that those who wait do not come back at once.
        await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)
