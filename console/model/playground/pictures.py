"""Pictures of the playground: looked at before they are shown or sent, and kept for a while."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from harmo.app.images import UnreadableImageError, check, content_of
from harmo.console.model.playground.form import (
    MAX_PICTURE_BYTES,
    MAX_PICTURES,
    Drawn,
    FormError,
)
from harmo_client import wire

MAX_PIXELS = 50_000_000
MAX_KEPT_BYTES = 128 << 20


def drawn(content: bytes) -> Drawn:
    """A picture that can be decoded completely.

    Args:
        content: Its bytes, from anywhere.

    Raises:
        FormError: If it is too large, or no PNG, JPEG or WebP.
    """
    if len(content) > MAX_PICTURE_BYTES:
        raise FormError(f"picture: {len(content):,} bytes are more than {MAX_PICTURE_BYTES:,}")
    try:
        media_type, width, height = check(content, None, MAX_PIXELS)
    except UnreadableImageError as error:
        raise FormError(f"picture: {error}") from None
    return Drawn(content=content, media_type=media_type, width=width, height=height)


def pictures_of(group: wire.Group) -> tuple[Drawn, ...]:
    """The pictures that a group brings.

    Args:
        group: As it would be sent.

    Raises:
        FormError: If there are too many, or one cannot be read.
    """
    if len(group.images) > MAX_PICTURES:
        raise FormError(f"{len(group.images)} pictures are more than {MAX_PICTURES}")
    try:
        return tuple(drawn(content_of(i.data, MAX_PICTURE_BYTES)) for i in group.images)
    except UnreadableImageError as error:
        raise FormError(f"picture: {error}") from None


class Kept:
    """The pictures that visitors brought, by digest; the oldest go first."""

    def __init__(self, most_bytes: int = MAX_KEPT_BYTES) -> None:
        self._most = most_bytes
        self._held: OrderedDict[str, Drawn] = OrderedDict()

    def keep(self, picture: Drawn) -> str:
        """The name under which it can be asked for."""
        name = hashlib.sha256(picture.content).hexdigest()
        self._held[name] = picture
        self._held.move_to_end(name)
        while sum(len(p.content) for p in self._held.values()) > self._most and len(self._held) > 1:
            self._held.popitem(last=False)
        return name

    def get(self, name: str) -> Drawn | None:
        """The picture of that name, if it is still here."""
        return self._held.get(name)
