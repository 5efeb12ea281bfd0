"""Attacks 24 to 28: pictures that are not, that swell, that hang, and what is said of them."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image

from tests.security.target import (
    LEAKS,
    Cost,
    Target,
    encoded,
    group,
    measured,
    picture,
    require_cheap,
    require_nothing_leaked,
)

MIB = 1 << 20


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width: int, height: int, rows: bytes = b"", more: bytes = b"") -> bytes:
    """A PNG with a header that says so much and rows that may not."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def zeros(num_bytes: int) -> bytes:
    packer = zlib.compressobj(9)
    step = bytes(MIB)
    packed = b"".join(packer.compress(step) for _ in range(num_bytes // MIB))
    return packed + packer.flush()


def many_frames(kind: str, count: int) -> bytes:
    frames = [Image.new("RGB", (200, 200), (i % 256, 0, 0)) for i in range(count)]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def scan_bomb(side: int = 3900, scans: int = 4000) -> bytes:
    """A progressive JPEG whose last scan is repeated: 33 bytes each, and 15 ms to decode."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(file, "JPEG", progressive=True)
    content = file.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * scans + b"\xff\xd9"


FITS = b"SIMPLE  =                    T".ljust(80) + b"BITPIX  = 8".ljust(80) + b"END".ljust(2720)
ROWS = zlib.compress(bytes(100 * 301))
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) run\nshowpage\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'


def unreadable() -> list[tuple[int, bytes, str]]:
    small, jpeg, packed = picture(), picture("JPEG"), zeros(256 * MIB)
    return [
        (24, b"", "nothing"),
        (24, b"\x00" * (17 * MIB), "more bytes than a picture may have"),
        (24, small[:40] + b"\xff\xff\xff\xff" + small[44:], "a chunk of 4 GB, it says"),
        (25, png(12_000, 12_000, zeros(432 * MIB)), "12,000 squared in 420 kB"),
        (25, png(60_000, 60_000), "60,000 squared, it says"),
        (25, png(2**31 - 1, 1), "a row of two billion"),
        (25, png(100, 100, ROWS, chunk(b"zTXt", b"a\0\0" + packed)), "256 MB of text, packed"),
        (25, png(100, 100, ROWS, chunk(b"iCCP", b"a\0\0" + packed)), "256 MB of profile, packed"),
        (26, png(0, 0), "no pixels"),
        (26, png(0, 1), "no width"),
        (26, jpeg[: len(jpeg) // 2], "half a JPEG"),
        (26, jpeg[:4], "four bytes of a JPEG"),
        (26, small[: len(small) // 2], "half a PNG"),
        (26, b"\x89PNG\r\n\x1a\n" + b"\xff" * 5000, "a PNG of noise"),
        (26, b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 500, "a WebP of noise"),
        (27, many_frames("GIF", 601), "601 frames of GIF"),
        (27, many_frames("PNG", 40), "40 frames of PNG"),
        (27, many_frames("WEBP", 40), "40 frames of WebP"),
        (27, EPS, "a program in PostScript"),
        (27, FITS, "FITS"),
        (27, b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\xff" * 500, "JPEG 2000"),
        (27, SVG, "SVG"),
        (27, b"%PDF-1.7\n" + b"\xff" * 500, "PDF"),
        *[(27, picture(kind), kind) for kind in ("BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "DDS")],
        (28, b"MZ" + b"\x00" * 500, "a program"),
        (28, b"\x80\x04cos\nsystem\n(S'id'\ntR.", "a pickle"),
        (28, b"<html>", "a page"),
    ]  # fmt: skip


UNREADABLE = unreadable()


@pytest.mark.parametrize(
    ("number", "content", "why"), UNREADABLE, ids=[f"{n}: {why}" for n, _, why in UNREADABLE]
)
def test_what_is_no_picture_of_ours_leaves_its_group_unscored(
    target: Target, number: int, content: bytes, why: str
) -> None:
    asked = [
        group("\\boxed{5}", id="bad", images=[encoded(content)]),
        group("\\boxed{5}", id="good"),
    ]
    with measured(target) as cost:
        answer = target.ask(
            "POST",
            "/score?explain=true",
            json.dumps({"recipe": "answer", "groups": asked}).encode(),
            {"Content-Type": "application/json"},
        )
    assert answer.status == 200, answer.content[:300]
    assert answer.rewards == [None, 1.0]
    assert answer.reasons == ["unreadable_image", None]
    assert not LEAKS.search(answer.content.decode()), "28: it says more than that"
    require_cheap(cost, Cost(), size=2 * len(content))
    require_nothing_leaked(target, answer)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("!!!!", "no base64"),
        ("QUJD" * 10 + "=", "padding that is none"),
        ("QU\nJD", "a line end"),
        ("\ufeffQUJD", "a mark before it"),
        ("QUJD" * 6_000_000, "18 MB of it"),
    ],
)
def test_what_is_no_base64_likewise(target: Target, data: str, why: str) -> None:
    with measured(target) as cost:
        answer = target.score(group("\\boxed{5}", images=[{"data": data}]))
    assert answer.reasons == ["unreadable_image"], why
    require_cheap(cost, Cost(), size=len(data))
    require_nothing_leaked(target, answer)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_a_picture_of_one_pixel_is_a_picture(target: Target, kind: str, size: Any) -> None:
    answer = target.score(group("\\boxed{5}", images=[encoded(picture(kind, size))]))
    assert answer.rewards == [1.0]
    require_nothing_leaked(target, answer)


def test_rows_beyond_a_pictures_height_are_not_unpacked(target: Target) -> None:
    rows = encoded(png(100, 100, zeros(512 * MIB)))
    with measured(target) as cost:
        answer = target.score(group("\\boxed{5}", images=[rows]))
    assert answer.rewards == [1.0], "what is there of it is a picture"
    require_cheap(cost, Cost(), size=len(rows["data"]))
    require_nothing_leaked(target, answer)


def test_pictures_that_take_for_ever_end_with_their_deadline(target: Target) -> None:
    """Six at once: the place where pictures are read is free again for the next."""
    bomb = json.dumps(
        {"recipe": "answer", "groups": [group("\\boxed{5}", images=[encoded(scan_bomb())])]}
    ).encode()
    short = {"X-Deadline-Ms": "1000"}
    with measured(target) as cost:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(target.post, [bomb] * 6, [short] * 6))
        after = target.post(
            json.dumps(
                {"recipe": "answer", "groups": [group("\\boxed{5}", images=[encoded(picture())])]}
            ).encode(),
            {"X-Deadline-Ms": "20000"},
        )
    for answer in answers:
        assert answer.status in (200, 429, 504)
        if answer.status == 200:
            assert answer.reasons[0] in ("deadline", "unreadable_image")
        require_nothing_leaked(target, answer)
    assert after.rewards == [1.0]
    require_cheap(cost, Cost(cpu_s=1.0), size=6 * len(bomb), kills=12)
    assert cost.alive


def test_a_picture_a_thousand_times_is_read_within_bounds(target: Target) -> None:
    images = [encoded(picture())] * 1000
    with measured(target) as cost:
        answer = target.score(group("\\boxed{5}", images=images))
    assert answer.status == 200
    require_cheap(cost, Cost(cpu_s=1.0), size=1000 * len(base64.b64encode(picture())))
    require_nothing_leaked(target, answer)
