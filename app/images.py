"""Pictures from requests: base64 only, allow-listed formats, bounded bytes and pixels."""

from __future__ import annotations

import base64
import binascii
import io
import warnings

from PIL import Image as Pillow
from PIL import JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from harmo.app.workers.confinement import limit_cpu

FORMATS = {
    PngImagePlugin.PngImageFile.format: "image/png",
    JpegImagePlugin.JpegImageFile.format: "image/jpeg",
    WebPImagePlugin.WebPImageFile.format: "image/webp",
}
_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
"""What people call them too."""


class UnreadableImageError(ValueError):
    """A picture cannot be used; the message carries no path, address or library text."""


def content_of(data: str, max_bytes: int) -> bytes:
    """The encoded picture.

    Args:
        data: Its base64.
        max_bytes: Bound on its size.

    Raises:
        UnreadableImageError: If it is larger, or the text is no base64.
    """
    if len(data) > (max_bytes + 2) // 3 * 4 + 4:
        raise UnreadableImageError(f"larger than {max_bytes} bytes")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableImageError("not base64") from None


def look(
    limit_s: float, content: bytes, said: str | None, max_pixels: int
) -> tuple[str, int, int] | str:
    """Run in a worker: what `check` says, or its words where the picture cannot be used."""
    limit_cpu(limit_s)
    try:
        return check(content, said, max_pixels)
    except UnreadableImageError as error:
        return str(error)
    finally:
        limit_cpu(0.0)


def check(content: bytes, said: str | None, max_pixels: int) -> tuple[str, int, int]:
    """Media type, width and height of a picture that can be decoded completely.

    Args:
        content: A PNG, JPEG or WebP file.
        said: The media type it is said to have; None or empty where nothing was said.
        max_pixels: Bound on width times height, read from the header before decoding.

    Raises:
        UnreadableImageError: If it is not such a file or not the one it is said to be, too
            large, animated or broken.
    """
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
    return media_type, width, height
