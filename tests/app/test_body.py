"""A request's body: how far it is read, and what is refused of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel

from harmo.app.admission.permits import Limit, Permits
from harmo.app.body import outlined, parse, read_body
from harmo.app.errors import ServiceError
from harmo.app.shed import ShedReason


def room(total: int) -> Permits:
    return Permits(
        Limit(total=total, what="bytes in flight", setting="max", reason=ShedReason.BYTES)
    )


async def stream(*chunks: bytes, then_s: float = 0.0) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    await asyncio.sleep(then_s)


async def read(
    *chunks: bytes,
    permits: Permits,
    announced: str | None = None,
    then_s: float = 0.0,
    timeout_s: float = 9.0,
    within_s: float = 9.0,
) -> bytearray:
    headers = {} if announced is None else {"content-length": announced}
    with permits.hold("", 0) as held:
        return await read_body(
            stream(*chunks, then_s=then_s),
            headers,
            max_bytes=100,
            timeout_s=timeout_s,
            deadline_s=time.monotonic() + within_s,
            held=held,
        )


@pytest.mark.parametrize(
    ("chunks", "announced", "status", "said", "why"),
    [
        ([b"x" * 60], "60", None, "", "what is announced fits"),
        ([], "101", 413, "body of 101 bytes; at most 100", "announced, and not a byte is read"),
        ([b"x" * 60, b"x" * 60], None, 413, "at most 100", "in chunks"),
        (
            [],
            "90",
            429,
            "40 bytes in flight and 90 more asked, at most 120",
            "no room for what is announced",
        ),
        ([b"x" * 60, b"x" * 30], None, 429, "at most 120", "no room for what comes"),
        ([b"x" * 60], "\u00b2", None, "", "no number is no announcement"),
        ([b"x" * 60], "9" * 400, None, "", "nor is one without end"),
    ],
)
async def test_a_body_counts_from_its_first_byte(
    chunks: list[bytes], announced: str | None, status: int | None, said: str, why: str
) -> None:
    permits = room(120)
    with permits.hold("another", 40):
        if status is None:
            assert await read(*chunks, permits=permits, announced=announced) == b"".join(chunks)
        else:
            with pytest.raises(ServiceError) as refused:
                await read(*chunks, permits=permits, announced=announced)
            assert refused.value.status == status, why
            assert said in refused.value.message
        assert permits.taken == 40


@pytest.mark.parametrize(
    ("timeout_s", "within_s", "status"),
    [(0.02, 9.0, 408), (9.0, 0.02, 504), (9.0, -1.0, 504)],
    ids=["slower than bodies may be", "slower than the caller waits", "too late already"],
)
async def test_a_slow_body_ends_with_whoever_is_out_of_patience_first(
    timeout_s: float, within_s: float, status: int
) -> None:
    permits = room(100)
    with pytest.raises(ServiceError) as refused:
        await read(b"{", permits=permits, then_s=5.0, timeout_s=timeout_s, within_s=within_s)
    assert refused.value.status == status
    assert permits.taken == 0


class Anything(BaseModel):
    a: object = None


def parsed(text: bytes) -> Anything:
    body = bytearray(text)
    return parse(body, outlined(body, max_values=1000), Anything, lambda _document: None)


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (b'{"a": ' + b"[" * 150 + b"]" * 150 + b"}", None, ""),
        (b'{"a": ' + b"[" * 250 + b"]" * 250 + b"}", 400, "recursion"),
        (b'{"a": [' + b"1," * 999 + b"1]}", 413, "more than 1000 JSON values in the body"),
        (b'{"a": "' + b"1," * 9999 + b'"}', None, ""),
        (b'{"a": 1, "a": 1}', 400, "the key 'a' is twice in one object"),
        (b'{"a": [{"b": {"\\u0063": 1, "c": 2}}]}', 400, "the key 'c'"),
        (b'{"a": NaN}', 400, "not valid JSON"),
        (b'{"a": -Infinity}', 400, "not valid JSON"),
        (b'{"a": "\\ud800"}', 400, "not valid JSON"),
        (b'{"a": "\x00"}', 400, "control character"),
        (b'{"a": "\\u0000"}', None, ""),
        (b"\xef\xbb\xbf{}", 400, "not valid JSON"),
        (b'{"a": 1} {"a": 2}', 400, "not valid JSON"),
    ],
)
def test_json_is_strict_and_its_size_is_known_before_it_is_read(
    text: bytes, status: int | None, said: str
) -> None:
    if status is None:
        parsed(text)
        return
    with pytest.raises(ServiceError) as refused:
        parsed(text)
    assert refused.value.status == status
    assert said in refused.value.message
