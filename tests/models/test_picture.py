"""Encoded pictures become RGB, or a plain error."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from harmo.models.picture import UnreadableImageError, decoded


def encoded(mode: str, kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new(mode, (3, 2)).save(content, kind)
    return content.getvalue()


KINDS = [("RGB", "JPEG"), ("L", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("RGB", "WEBP")]


@pytest.mark.parametrize(("mode", "kind"), KINDS)
def test_every_picture_is_rgb(mode: str, kind: str) -> None:
    picture = decoded(encoded(mode, kind))
    assert (picture.mode, picture.size) == ("RGB", (3, 2))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing"),
        (b"no picture", "text"),
        (b"\x89PNG\r\n\x1a\nbroken", "a header only"),
        (encoded("RGB")[:40], "torn"),
    ],
)
def test_what_is_no_picture_is_an_error(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableImageError):
        decoded(content)


def test_a_picture_of_too_many_pixels_is_an_error(monkeypatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2)
    with pytest.raises(UnreadableImageError):
        decoded(encoded("RGB"))
