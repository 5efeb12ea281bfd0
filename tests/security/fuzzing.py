"""How long fuzzing goes on: `HARMO_FUZZ_S` seconds for each target, a few by default.

Where one fails, hypothesis prints the example; `HARMO_FUZZ_SEED` repeats a whole run.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

SECONDS = float(os.environ.get("HARMO_FUZZ_S", "4"))
SEED = int(os.environ.get("HARMO_FUZZ_SEED", "0") or "0") or random.SystemRandom().randrange(
    1, 2**32
)


def draws(least: int = 100) -> Iterator[random.Random]:
    """Generators of their own seed each, for as long as the setting says, and some at least."""
    stop_s, count = time.monotonic() + SECONDS, 0
    while count < least or time.monotonic() < stop_s:
        yield random.Random(f"{SEED}-{count}")
        count += 1


def told(draw_number: int, text: object) -> str:
    """What to print of a failure."""
    return f"HARMO_FUZZ_SEED={SEED} draw {draw_number}: {text!r}"
