"""Pictures of a dataset's column, as the wire has them."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Protocol, runtime_checkable

from harmo.models.documents import DocumentError


@runtime_checkable
class _Saved(Protocol):
    """What PIL's pictures can do."""

    def save(self, file: io.BytesIO, format: str) -> None: ...


def pictures(cell: object, folder: Path, number: int) -> list[dict[str, str]]:
    """The pictures of a row, in base64.

    Args:
        cell: One or a list of: a path, `{"bytes": ..., "path": ...}` or a picture of PIL.
        folder: What paths are relative to.
        number: The row, for messages.

    Raises:
        DocumentError: If one cannot be read.
    """
    if cell is None:
        return []
    listed = cell if isinstance(cell, list | tuple) else [cell]
    return [{"data": base64.b64encode(_bytes(one, folder, number)).decode()} for one in listed]


def _bytes(picture: object, folder: Path, number: int) -> bytes:
    if isinstance(picture, dict):
        stored = picture.get("bytes")
        picture = stored if isinstance(stored, bytes) else picture.get("path")
    if isinstance(picture, bytes):
        return picture
    if isinstance(picture, str):
        try:
            return (folder / picture).read_bytes()
        except OSError as error:
            why = error.strerror
            raise DocumentError(f"row {number}: no picture {folder / picture}: {why}") from None
    if isinstance(picture, _Saved):
        written = io.BytesIO()
        picture.save(written, "PNG")
        return written.getvalue()
    raise DocumentError(f"row {number}: {type(picture).__name__} is no picture")
