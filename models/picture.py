"""Encoded pictures to RGB, for reward models and encoders alike."""

from __future__ import annotations

import io

from PIL import Image as PILImage

FORMATS = ("PNG", "JPEG", "WEBP")
"""Those that the service takes; it has decoded them once, in a process that may be killed."""


class UnreadableImageError(ValueError):
    """Bytes that are no picture."""


def decoded(content: bytes) -> PILImage.Image:
    """The picture in RGB; raises UnreadableImageError if the bytes are none."""
    try:
        return PILImage.open(io.BytesIO(content), formats=FORMATS).convert("RGB")
    except (OSError, SyntaxError, ValueError, PILImage.DecompressionBombError) as error:
        raise UnreadableImageError(str(error)) from error
