"""Pictures from requests: base64 only, allow-listed formats, bounded bytes and pixels."""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from enum import StrEnum

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


class ImageFault(StrEnum):
    """What is wrong with a picture; also the label of `harmo_images_rejected_total`."""

    TOO_LARGE = "too_large"
    NOT_BASE64 = "not_base64"
    TOO_MANY_PIXELS = "too_many_pixels"
    ANIMATED = "animated"
    OTHER_TYPE = "other_type"
    """It is not what it is said to be."""
    UNREADABLE = "unreadable"
    TOO_SLOW = "too_slow"
    """To decode, as `out_of_memory` and `crash`."""
    OUT_OF_MEMORY = "out_of_memory"
    CRASH = "crash"


class UnreadableImageError(ValueError):
    """A picture cannot be used; the message carries no path, address or library text."""

    def __init__(self, fault: ImageFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


def content_of(data: str, max_bytes: int) -> bytes:
    """The encoded picture.

    Args:
        data: Its base64.
        max_bytes: Bound on its size.

    Raises:
        UnreadableImageError: If it is larger, or the text is no base64.
    """
    if len(data) > (max_bytes + 2) // 3 * 4 + 4:
        raise UnreadableImageError(ImageFault.TOO_LARGE, f"larger than {max_bytes} bytes")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableImageError(ImageFault.NOT_BASE64, "not base64") from None


def look(
    limit_s: float, content: bytes, said: str | None, max_pixels: int
) -> tuple[str, int, int] | tuple[str, str]:
    """Run in a worker: what `check` says, or the fault and its words as they travel back."""
    limit_cpu(limit_s)
    try:
        return check(content, said, max_pixels)
    except UnreadableImageError as error:
        return error.fault.value, str(error)
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
                    over = f"{width}x{height} is over {max_pixels} pixels"
                    raise UnreadableImageError(ImageFault.TOO_MANY_PIXELS, over)
                if getattr(picture, "n_frames", 1) > 1:
                    raise UnreadableImageError(ImageFault.ANIMATED, "animated; send one frame")
                media_type = FORMATS[str(picture.format)]
                if said and _ALIASES.get(said.strip().lower(), said.strip().lower()) != media_type:
                    other = f"media_type says {said!r:.40}, it is {media_type}"
                    raise UnreadableImageError(ImageFault.OTHER_TYPE, other)
                picture.load()
    except UnreadableImageError:
        raise
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError, Warning):
        # Pillow's own messages may carry addresses: they stay here.
        unreadable = "not a readable PNG, JPEG or WebP file"
        raise UnreadableImageError(ImageFault.UNREADABLE, unreadable) from None
    return media_type, width, height
