"""What goes through the pipe between the service and what writes: values, one a frame."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any, TypeAlias

_LENGTH = struct.Struct("<Q")


Content: TypeAlias = bytes
"""A group that is taken apart, pickled."""


def pickled(value: object) -> bytes:
    """A value as bytes; any error of its own where it is none of ours."""
    return pickle.dumps(value, protocol=5)


def unpickled(content: bytes) -> Any:  # noqa: ANN401 - values of our own, from one side to the other
    """What `pickled` made into bytes."""
    # Both ends are this program; what a policy wrote is text in it.
    return pickle.loads(content)  # noqa: S301


def packed(value: object) -> bytes:
    """A value as one frame."""
    content = pickled(value)
    return _LENGTH.pack(len(content)) + content


def received(pipe: IO[bytes]) -> Any:  # noqa: ANN401 - values of our own, from one side to the other
    """The next value.

    Args:
        pipe: Where it comes from.

    Raises:
        EOFError: If the other side is gone, be it in the middle of one.
    """
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return unpickled(_exactly(pipe, length))


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content
