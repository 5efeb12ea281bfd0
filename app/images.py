"""Pictures from requests: base64 only, allow-listed formats, bounded bytes and pixels."""

from __future__ import annotations

import base64
import binascii
import io
import warnings

from PIL import Image as Pillow

from harmo.scorers.types import Image

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}

_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
"""What people call them too."""


class UnreadableImageError(ValueError):
    """A picture cannot be used; the message carries no path, address or library text."""


def read_image(data: str, *, media_type: str | None, max_bytes: int, max_pixels: int) -> Image:
    """Decode and check one picture completely; its encoded bytes travel on.

    Args:
        data: Base64 of a PNG, JPEG or WebP file.
        media_type: What it is said to be; None or empty where nothing was said.
        max_bytes: Bound on the encoded size.
        max_pixels: Bound on width times height, read from the header before decoding.

    Raises:
        UnreadableImageError: If it is not such a file or not the one it is said to be, too
            large, animated or broken.
    """
    if len(data) > (max_bytes + 2) // 3 * 4 + 4:
        raise UnreadableImageError(f"larger than {max_bytes} bytes")
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableImageError("not base64") from None
    return _check(content, media_type, max_pixels)


def _check(content: bytes, said: str | None, max_pixels: int) -> Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(content), formats=list(FORMATS)) as picture:
                width, height = picture.size
                if width * height > max_pixels:
                    raise UnreadableImageError(f"{width}x{height} is over {max_pixels} pixels")
                if getattr(picture, "n_frames", 1) > 1:
                    raise UnreadableImageError("animated; send one frame")
                media_type = FORMATS[str(picture.format)]
                if said and _ALIASES.get(said.strip().lower(), said.strip().lower()) != media_type:
                    raise UnreadableImageError(f"media_type says {said!r:.40}, it is {media_type}")
                picture.load()
    except UnreadableImageError:
        raise
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError, Warning):
        # Pillow's own messages may carry addresses: they stay here.
        raise UnreadableImageError("not a readable PNG, JPEG or WebP file") from None
    return Image(content=content, media_type=media_type, width=width, height=height)
