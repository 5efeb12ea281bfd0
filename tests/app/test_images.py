"""Pictures are what they are said to be, or unreadable."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from harmo.app.images import FORMATS, UnreadableImageError, check, content_of


def encoded(kind: str) -> str:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def read(kind: str, said: str | None) -> str:
    media_type, width, height = check(content_of(encoded(kind), 10_000), said, 100)
    assert (width, height) == (8, 8)
    return media_type


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("shout", [False, True])
def test_a_picture_may_say_what_it_is_or_nothing(kind: str, shout: bool) -> None:
    said = FORMATS[kind].upper() if shout else FORMATS[kind]
    assert read(kind, said) == read(kind, None) == FORMATS[kind]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("JPEG", "image/jpg"), ("JPEG", "image/pjpeg"), ("PNG", "image/x-png"), ("PNG", "")],
)
def test_other_names_for_a_type_are_that_type(kind: str, said: str) -> None:
    assert read(kind, said) == FORMATS[kind]


@pytest.mark.parametrize(
    ("kind", "said", "message"),
    [
        ("JPEG", "image/png", "media_type says 'image/png', it is image/jpeg"),
        ("PNG", "image/webp", "media_type says 'image/webp', it is image/png"),
        ("PNG", "x" * 1000, "media_type says 'x{39}, it is image/png"),
    ],
)
def test_a_picture_that_is_not_what_it_is_said_to_be(kind: str, said: str, message: str) -> None:
    with pytest.raises(UnreadableImageError, match=f"^{message}$"):
        read(kind, said)
