from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from harmo_client.adapters.core import chat
from harmo_client.adapters.core.pictures import fingerprint, to_image

PICTURE = Image.new("RGB", (3, 2), "red")
PNG = io.BytesIO()
PICTURE.save(PNG, "PNG")
BYTES = PNG.getvalue()
BASE64 = base64.b64encode(BYTES).decode()


@pytest.mark.parametrize(
    "given",
    [
        PICTURE,
        BYTES,
        BASE64,
        f"data:image/png;base64,{BASE64}",
        {"bytes": BYTES, "path": None},  # as datasets keep undecoded images
        {"bytes": None, "path": "shown.png"},
        {"url": f"data:image/png;base64,{BASE64}"},
        {"type": "image", "image": PICTURE},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{BASE64}"}},
        {"type": "input_image", "image_url": f"data:image/png;base64,{BASE64}"},
        "shown.png",
        "file://shown.png",
        Path("shown.png"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_any_form_of_a_picture_arrives(
    given: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shown.png").write_bytes(BYTES)
    with Image.open(io.BytesIO(base64.b64decode(to_image(given).data))) as seen:
        assert (seen.size, seen.getpixel((0, 0))) == ((3, 2), (255, 0, 0))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("https://example.org/a.png", "not fetched"),
        ("no such file.png", "neither a file here nor base64"),
        (None, "NoneType is no picture"),
        ({"path": None, "bytes": None}, "no picture"),
        (7, "int is no picture"),
    ],
)
def test_what_is_no_picture_is_an_error(given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        to_image(given)


def test_equal_pictures_have_one_fingerprint_and_others_another() -> None:
    assert fingerprint(PICTURE) == fingerprint(PICTURE.copy())
    blue = Image.new("RGB", (3, 2), "blue")
    assert len({fingerprint(p) for p in (PICTURE, blue, BYTES, {"path": "a"}, {"path": "b"})}) == 5


PARTS = [
    {"type": "image", "image": PICTURE},
    {"type": "image_url", "image_url": {"url": BASE64}},
    {"type": "input_image", "image_url": BASE64},
    {"type": "image", "bytes": BYTES},
]


@pytest.mark.parametrize("part", PARTS)
def test_a_picture_inside_a_message_is_found_and_its_place_kept(part: dict[str, Any]) -> None:
    prompt = [{"role": "user", "content": [part, {"type": "input_text", "text": "?"}]}]
    [found] = chat.pictures(prompt)
    assert base64.b64decode(to_image(found).data)[:4] == b"\x89PNG"
    [message] = chat.to_prompt(prompt)
    assert [p.type for p in message.content] == ["image", "text"]  # type: ignore[union-attr]


def test_a_film_keeps_its_place_in_words_and_what_arrow_filled_in_is_left_out() -> None:
    content = [{"type": "video", "video": "a.mp4"}, {"type": "text", "text": "?", "image": None}]
    [message] = chat.to_prompt([{"role": "user", "content": content}])
    parts = [part.model_dump() for part in message.content or ()]  # type: ignore[union-attr]
    assert parts == [{"type": "text", "text": "<video>"}, {"type": "text", "text": "?"}]


@pytest.mark.parametrize(
    ("text", "images", "parts"),
    [
        ("<image>How many?", 1, ["image", "How many?"]),
        ("a<image>b<image>", 2, ["a", "image", "b", "image"]),
        ("<image>How many?", 0, None),
        ("How many?", 1, None),  # the service puts it before the first user text
    ],
)
def test_markers_become_places_if_there_are_as_many_as_pictures(
    text: str, images: int, parts: list[str] | None
) -> None:
    prompt = [{"role": "system", "content": "Look."}, {"role": "user", "content": text}]
    turns = chat.placed(prompt, [PICTURE] * images, "<image>")
    if parts is None:
        assert turns == prompt
    else:
        content: Any = turns[1]["content"]  # type: ignore[index]
        assert [part.get("text", "image") for part in content] == parts
