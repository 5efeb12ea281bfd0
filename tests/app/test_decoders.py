"""Pictures are decoded where they can be stopped: what breaks a decoder breaks nothing else."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import signal
import struct
import time
import zlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from harmo.app import decoders as module
from harmo.app.decoders import Decoders, Pictures
from harmo.app.settings import Settings
from harmo.scorers.types import Reason
from harmo_client import wire

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIMIT_S = 0.5


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def decoders() -> AsyncIterator[Decoders]:
    decoders = Decoders(Settings(image_timeout_s=LIMIT_S))
    yield decoders
    await decoders.close()


def encoded(kind: str, side: int = 8, **options: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def scan_bomb(side: int = 3000, scans: int = 5000) -> bytes:
    """A progressive JPEG whose last scan comes again and again: kilobytes that take minutes."""
    jpeg = encoded("JPEG", 16, progressive=True)
    size = jpeg.index(b"\xff\xc2") + 5
    jpeg = jpeg[:size] + struct.pack(">HH", side, side) + jpeg[size + 4 :]
    last, end = jpeg.rindex(b"\xff\xda"), jpeg.rindex(b"\xff\xd9")
    return jpeg[:end] + jpeg[last:end] * scans + jpeg[end:]


def png_of(side: int) -> bytes:
    """A small file that says it is a large picture."""
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, (head, b"IDAT" + bytes(64), b"IEND")))


def chunk(content: bytes) -> bytes:
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))


def image(content: bytes, media_type: str | None = None) -> wire.Image:
    return wire.Image(data=base64.b64encode(content).decode(), media_type=media_type)


async def read(
    decoders: Decoders, *contents: bytes, deadline_s: float = 60.0, owner: object = None
) -> Pictures:
    asked = [image(content) for content in contents]
    return await decoders.read(asked, deadline_s=time.monotonic() + deadline_s, owner=owner)


async def test_pictures_are_checked_and_travel_on_as_they_came(decoders: Decoders) -> None:
    contents = [encoded("PNG"), encoded("JPEG", 9), encoded("WEBP", 10)]
    pictures = await read(decoders, *contents)
    assert pictures.fault is None
    assert [each.content for each in pictures.images] == contents
    assert [(e.media_type, e.width, e.height) for e in pictures.images] == [
        ("image/png", 8, 8),
        ("image/jpeg", 9, 9),
        ("image/webp", 10, 10),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a readable"),
        (encoded("PNG")[:-60], "not a readable"),
        (encoded("GIF"), "not a readable"),
        (png_of(4001), "over 16000000 pixels"),
        (scan_bomb(), "too much time"),
    ],
    ids=["nothing", "cut off", "a GIF", "too large", "a scan bomb"],
)
async def test_a_picture_that_cannot_be_used_is_its_groups_fault(
    decoders: Decoders, content: bytes, words: str
) -> None:
    pictures = await read(decoders, encoded("PNG"), content)
    assert pictures.fault is Reason.UNREADABLE_IMAGE
    assert pictures.detail.startswith("image 1: ")
    assert words in pictures.detail
    assert (await read(decoders, encoded("PNG"))).fault is None


async def test_scan_bombs_do_not_hold_up_other_requests(decoders: Decoders) -> None:
    """Six of them take two workers for three times the limit; what others send comes between."""
    bomb, done = scan_bomb(), list[str]()

    async def asked(name: str, content: bytes) -> None:
        await read(decoders, content, owner=name)
        done.append(name)

    bombs = [asyncio.create_task(asked("bombs", bomb)) for _ in range(6)]
    await asyncio.sleep(0.1)
    await asked("other", encoded("PNG"))
    assert done.count("bombs") <= 2
    await asyncio.gather(*bombs)


async def test_a_deadline_of_the_request_is_no_fault_of_the_picture(decoders: Decoders) -> None:
    before, asked = decoders._workers.started, [image(scan_bomb())]
    until_s = time.monotonic() + LIMIT_S / 5
    works = [decoders.read(asked, deadline_s=until_s, owner=number) for number in range(60)]
    late = await asyncio.gather(*works)
    assert {pictures.fault for pictures in late} == {Reason.DEADLINE}
    assert (await read(decoders, encoded("PNG"))).fault is None
    assert decoders._workers.started - before <= 8, "the others never started"


async def test_memory_is_bounded_per_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BASE_BYTES", 256 << 20)
    decoders = Decoders(Settings(max_image_pixels=1, max_image_bytes=1 << 20))
    decoders._max_pixels = 9000 * 9000
    given = await read(decoders, png_of(9000))
    assert (given.fault, given.detail) == (
        Reason.UNREADABLE_IMAGE,
        "image 0: takes too much memory to decode",
    )
    await decoders.close()


async def test_a_worker_killed_from_outside_costs_a_picture_nothing(decoders: Decoders) -> None:
    await read(decoders, encoded("PNG"))
    reading = asyncio.create_task(read(decoders, encoded("JPEG", 2500, progressive=True)))
    for place in decoders._workers.places:
        if place.worker is not None:
            os.kill(place.worker.pid, signal.SIGKILL)
    assert (await reading).fault is None


async def test_nothing_is_started_before_the_first_picture() -> None:
    decoders = Decoders(Settings())
    assert (await decoders.read([], deadline_s=0.0, owner=None)).fault is None
    assert decoders._workers.started == 0
    assert decoders.load().fault == ""
    await decoders.close()
