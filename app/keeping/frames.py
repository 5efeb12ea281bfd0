"""What goes through the pipe between the service and what writes: values, one a frame."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

_LENGTH = struct.Struct("<Q")


def packed(value: object) -> bytes:
    """A value as one frame."""
    content = pickle.dumps(value, protocol=5)
    return _LENGTH.pack(len(content)) + content


def received(pipe: IO[bytes]) -> Any:  # noqa: ANN401 - values of our own, from one side to the other
    """The next value.

    Args:
        pipe: Where it comes from.

    Raises:
        EOFError: If the other side is gone, be it in the middle of one.
    """
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    # Both ends are this program; what a policy wrote is text in it.
    return pickle.loads(_exactly(pipe, length))  # noqa: S301


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content
