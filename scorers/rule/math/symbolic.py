"""Math-Verify behind our guards. Only called in a worker process: SymPy may hang or balloon."""

from __future__ import annotations

import logging
import re
from functools import lru_cache

# Commands that numbers are written with; any other letter is a variable's or a command's.
_NUMERIC = re.compile(
    r"\\(?:[dtc]?frac|sqrt|cdot|times|left|right|pi|log|ln|sin|cos|tan|d?binom|text|boxed|pm|div)"
    r"(?![A-Za-z])|\\(?:begin|end)\{[a-z]{1,20}\}"
)
_LETTERS = re.compile(r"[A-Za-z]")


def equivalent(reference: str, answer: str) -> bool | None:
    """What Math-Verify 0.9 says, in either order; None where it cannot read a side."""
    left, right = _parsed(reference), _parsed(answer)
    if not left or not right:
        return None
    if _lettered(answer) and not _lettered(reference):
        # `0 * x`, an integral that was not computed: not the number that was asked for.
        return False
    return _verify(left, right) or _verify(right, left)


def _lettered(text: str) -> bool:
    """True if a text has letters that a number is not written with."""
    return bool(_LETTERS.search(_NUMERIC.sub("", text)))


# It warns at every call that its own timeouts are off; the worker's deadline does their work.
logging.getLogger("math_verify").setLevel(logging.ERROR)


def readable(text: str) -> bool:
    """True if Math-Verify reads an expression in the text."""
    # Its last resort is the text itself.
    return any(not isinstance(found, str) for found in _parsed(text))


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[object, ...]:
    # SymPy takes half a second to import: workers pay it once, the service never.
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse  # noqa: PLC0415

    config = (LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig())
    return tuple(parse(f"${text}$", extraction_config=config, parsing_timeout=None))


def _verify(left: tuple[object, ...], right: tuple[object, ...]) -> bool:
    from math_verify import verify  # noqa: PLC0415

    return bool(verify(list(left), list(right), timeout_seconds=None))
