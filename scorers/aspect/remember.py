"""What several checks need of one text is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TypeVar

SHORT = 200
"""Characters that are quicker read again than remembered."""

T = TypeVar("T")
_memory: ContextVar[dict[tuple[object, str], object] | None] = ContextVar("memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within it, what `once` marks is worked out once per text; at its end all is forgotten."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def once(work: Callable[[str], T]) -> Callable[[str], T]:
    """The function, remembered within `remembering`; callers share what it returns."""

    @wraps(work)
    def remembered(text: str) -> T:
        memory = _memory.get()
        if memory is None or len(text) < SHORT:
            return work(text)
        if (work, text) not in memory:
            memory[work, text] = work(text)
        return memory[work, text]  # type: ignore[return-value] # what the same function made

    return remembered
