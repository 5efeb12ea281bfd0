"""Pictures as trainers keep them: PIL objects, bytes, paths, data URLs, base64."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from harmo_client import wire
from harmo_client.adapters.core import chat


def to_image(picture: object) -> wire.Image:
    """The picture as base64 of its file; PIL objects become PNG, without loss.

    Raises ValueError for what is none of them, an address that would have to be fetched included.
    """
    if isinstance(picture, wire.Image):
        return picture
    if isinstance(picture, Mapping):
        inside = next((picture[k] for k in chat.PICTURE_KEYS if picture.get(k) is not None), None)
        return to_image(inside)
    if isinstance(picture, bytes | bytearray | memoryview):
        return wire.Image(data=base64.b64encode(picture).decode("ascii"))
    if isinstance(picture, os.PathLike):
        return to_image(Path(picture).read_bytes())
    if isinstance(picture, str):
        return _from_text(picture)
    if hasattr(picture, "save") and hasattr(picture, "mode"):
        return chat.to_png(cast("chat.Picture", picture))
    raise ValueError(f"{type(picture).__name__} is no picture; give PIL, bytes, a path or base64")


def fingerprint(picture: object) -> str:
    """The same for the same picture; without encoding or reading it."""
    if isinstance(picture, Mapping):
        return "".join(fingerprint(picture.get(key)) for key in chat.PICTURE_KEYS)
    if hasattr(picture, "tobytes"):
        picture = picture.tobytes()
    if isinstance(picture, bytes | bytearray):
        return hashlib.sha256(picture).hexdigest()
    return str(picture)


def _from_text(text: str) -> wire.Image:
    if text.startswith("data:"):
        head, _, data = text.partition(",")
        media_type = head.removeprefix("data:").partition(";")[0] or None
        return wire.Image(data=data, media_type=media_type)
    if text.startswith(("http://", "https://")):
        raise ValueError(f"{text[:200]!r}: pictures are not fetched; bring them along")
    path = text.removeprefix("file://")
    if len(path) < 4096 and os.path.exists(path):  # noqa: PTH110 - Path raises for long names
        return to_image(Path(path).read_bytes())
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{text[:200]!r} is neither a file here nor base64") from None
    return wire.Image(data=text)
