"""Attacks 15 to 18: what is sent slowly, without end, packed, in heaps or out of step."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.security.target import (
    Cost,
    Target,
    attacked,
    group,
    measured,
    require_cheap,
    require_nothing_leaked,
)

HEAD = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
MIB = 1 << 20
ENDLESS = 512 * MIB
"""A service may read some of what it refused, so that its answer is seen; not as much as this."""


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A service that waits a second for a body, and has a key."""
    env = {"HARMO_BODY_TIMEOUT_S": "1", "HARMO_API_KEYS": "right-key"}
    with attacked(tmp_path_factory.mktemp("impatient"), env=env) as target:
        yield target


def answered(connection: socket.socket) -> int:
    """The status that comes back; 0 for a connection that is closed without one."""
    try:
        line = connection.recv(65_536).partition(b"\r\n")[0]
    except OSError:
        return 0
    return int(line.split()[1]) if line else 0


def body(size: int) -> bytes:
    text = json.dumps({"recipe": "answer", "groups": [group("x" * size)]})
    return text.encode()


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "zstd", "gzip, identity", "x"])
def test_a_packed_body_is_not_unpacked(target: Target, packing: str) -> None:
    bomb = gzip.compress(b" " * (512 * MIB), 1)
    with measured(target) as cost:
        answer = target.post(bomb, {"Content-Encoding": packing})
    assert answer.status == 415
    require_cheap(cost, Cost(), size=len(bomb))
    require_nothing_leaked(target, answer)


def test_a_packed_transfer_is_refused(target: Target) -> None:
    with socket.create_connection(("127.0.0.1", target.port), timeout=20) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
        assert answered(connection) in (0, 400, 411, 415, 501)
    require_nothing_leaked(target)


@pytest.mark.parametrize(
    "head", [b"Content-Length: 1000000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n"]
)
def test_a_slow_body_gets_408_and_no_more_time(impatient: Target, head: bytes) -> None:
    key = b"Authorization: Bearer right-key\r\n"
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=20) as connection:
        connection.sendall(HEAD + key + head)
        connection.settimeout(0.05)
        status = None
        # It ends by the service's clock; a bound on ours only keeps a failure from hanging.
        for _ in range(1000):
            try:
                connection.sendall(b" " if b"Length" in head else b"1\r\n \r\n")
                status = answered_now(connection)
            except OSError:
                status = 408 if status is None else status
            if status is not None:
                break
    assert status == 408
    require_nothing_leaked(impatient)


def answered_now(connection: socket.socket) -> int | None:
    """The status, or None while there is none."""
    try:
        line = connection.recv(65_536).partition(b"\r\n")[0]
    except TimeoutError:
        return None
    return int(line.split()[1]) if line else 0


def test_a_body_in_chunks_of_one_byte_costs_in_proportion(target: Target) -> None:
    def sent(size: int) -> float:
        content = body(size)
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in content) + b"0\r\n\r\n"
        started_s = target.cpu_s()
        with socket.create_connection(("127.0.0.1", target.port), timeout=60) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
            assert answered(connection) in (200, 400), "taken, or refused as what nobody sends"
        return target.cpu_s() - started_s

    sent(1000)
    once, twice = sent(60_000), sent(120_000)
    assert twice <= 0.2 + 3 * once
    require_nothing_leaked(target)


@pytest.mark.parametrize(
    ("chunk", "why"),
    [
        (b"ffffffffffffffffffff\r\n", "a size of 80 bits"),
        (b"-1\r\n", "a size below nothing"),
        (b"1;" + b"x" * 500_000 + b"\r\n", "an extension without end"),
        (b"z\r\n", "no size"),
        (b"1\r\nabc\r\n", "more than its size"),
    ],
)
def test_a_chunk_that_lies_ends_the_connection(target: Target, chunk: bytes, why: str) -> None:
    with (
        measured(target) as cost,
        socket.create_connection(("127.0.0.1", target.port), timeout=20) as connection,
    ):
        try:
            connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        assert answered(connection) in (0, 400, 408, 413), why
    require_cheap(cost, Cost(), size=len(chunk))
    require_nothing_leaked(target)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n", 415),
        (HEAD + b"Authorization: Bearer no\r\n", 401),
        (b"POST /nowhere HTTP/1.1\r\nHost: x\r\n", 404),
        (b"POST /livez HTTP/1.1\r\nHost: x\r\n", 405),
    ],
)  # fmt: skip
def test_what_is_refused_is_not_read_on(impatient: Target, head: bytes, status: int) -> None:
    """An endless body after the refusal meets a closed connection."""
    key = b"Authorization: Bearer right-key\r\n" if b"Authorization" not in head else b""
    sent = 0
    with (
        measured(impatient) as cost,
        socket.create_connection(("127.0.0.1", impatient.port), timeout=5) as connection,
    ):
        connection.sendall(head + key + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            while sent < ENDLESS:
                connection.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")
                sent += 65_536
        except OSError:
            pass
    assert sent < ENDLESS, "it read on"
    require_cheap(cost, Cost(), size=MIB)
    require_nothing_leaked(impatient)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (b"X: " + b"a" * 200_000 + b"\r\n", "one of 200 kB"),
        (b"".join(b"X-%d: a\r\n" % i for i in range(20_000)), "20,000 of them"),
        (b"X" * 200_000 + b": a\r\n", "a name of 200 kB"),
        (b"Cookie: " + b"a=b; " * 40_000 + b"\r\n", "40,000 cookies"),
        (b"Content-Type: multipart/form-data; boundary=" + b"x" * 100_000 + b"\r\n", "a boundary"),
        (b"Range: bytes=" + b"0-," * 50_000 + b"\r\n", "50,000 ranges"),
        (b"X-Deadline-Ms: " + b"9" * 60_000 + b"\r\n", "a deadline of 60,000 digits"),
        (b"Idempotency-Key: " + b"k" * 60_000 + b"\r\n", "a key of 60,000 characters"),
    ],
)
def test_a_huge_header_is_refused_cheaply(target: Target, headers: bytes, why: str) -> None:
    with (
        measured(target) as cost,
        socket.create_connection(("127.0.0.1", target.port), timeout=20) as connection,
    ):
        with contextlib.suppress(OSError):
            connection.sendall(HEAD + headers + b"Content-Length: 2\r\n\r\n{}")
        assert answered(connection) in (0, 400, 413, 415, 422, 431), why
    require_cheap(cost, Cost(), size=len(headers))
    require_nothing_leaked(target)


def test_a_header_without_end_is_not_kept(target: Target) -> None:
    sent = 0
    with (
        measured(target) as cost,
        socket.create_connection(("127.0.0.1", target.port), timeout=5) as connection,
    ):
        connection.sendall(HEAD + b"X: ")
        try:
            while sent < ENDLESS:
                connection.sendall(b"a" * 65_536)
                sent += 65_536
        except OSError:
            pass
    assert sent < ENDLESS
    require_cheap(cost, Cost(), size=MIB)
    require_nothing_leaked(target)


MILLION = 1_000_000
GROUP = '{"groups":[{"id":"g","prompt":"","completions":'
ONE = GROUP + '[{"id":"0","text":"5"}],'
TURN = '{"groups":[{"id":"g","completions":[],"prompt":['
HEAPS: list[tuple[str, str, str, set[int], str]] = [
    ('{"groups":[', "{}", "]}", {413, 422}, "groups of nothing"),
    ('{"groups":[', '{"id":"g","prompt":"","completions":[]}', "]}", {413}, "groups"),
    (GROUP + "[", '{"id":"0","text":""}', "]}]}", {413, 422}, "completions"),
    (ONE + '"images":[', '{"data":""}', "]}]}", {413}, "images"),
    (TURN, '{"role":"user"}', "]}]}", {413}, "turns"),
    (TURN + '{"role":"user","content":[', '{"type":"image"}', "]}]}]}", {413, 422}, "parts"),
    (GROUP + '[{"id":"0","messages":[', '{"role":"tool"}', "]}]}]}", {413, 422}, "tool turns"),
    (ONE + '"constraints":[', "{}", "]}]}", {200, 413, 422}, "constraints"),
    (ONE + '"reference":[', '""', "]}]}", {200, 413, 422}, "references"),
    (ONE + '"metadata":{"a":[', "[]", "]}}]}", {200, 413, 422}, "lists of metadata"),
    ("[", "1", "]", {400, 413, 422}, "numbers"),
]


@pytest.mark.parametrize(
    ("before", "item", "after", "statuses", "why"), HEAPS, ids=[why for *_, why in HEAPS]
)
def test_a_million_of_anything_is_settled_cheaply(
    target: Target, before: str, item: str, after: str, statuses: set[int], why: str
) -> None:
    content = f"{before}{','.join([item] * MILLION)}{after}".encode()
    with measured(target) as cost:
        answer = target.post(content)
    assert answer.status in statuses, answer.content[:300]
    # Bytes have to be read, and counted where they are values; a value need not become an object.
    require_cheap(cost, Cost(memory_bytes=6 * len(content), cpu_s=0.2), size=len(content))
    require_nothing_leaked(target, answer)


COUNTS: list[tuple[dict[str, Any], str]] = [
    ({"n": 10**9}, "n"),
    ({"best_of": 10**9}, "best_of"),
    ({"groups": [group("5", size=10**9)]}, "groups.0.size"),
    ({"groups": [group("5", n=10**9)]}, "groups.0.n"),
    ({"wait_for_group_ms": 10**12}, "wait_for_group_ms"),
    ({"step": 10**300}, "step"),
]


@pytest.mark.parametrize(("fields", "field"), COUNTS, ids=[field for _, field in COUNTS])
def test_a_count_is_believed_within_bounds_only(
    target: Target, fields: dict[str, Any], field: str
) -> None:
    with measured(target) as cost:
        answer = (
            target.score(**{"groups": [], **fields})
            if "groups" not in fields
            else (target.score(*fields["groups"]))
        )
    assert answer.status == 422
    assert answer.body["error"]["field"] == field
    require_cheap(cost, Cost(), size=1000)
    require_nothing_leaked(target, answer)


UNEQUAL: list[tuple[dict[str, Any], str]] = [
    ({"prompt": [{"role": "user", "content": [{"type": "image"}] * 2}], "images": [{"data": ""}]},
     "more parts than images"),
    ({"prompt": [{"role": "user", "content": [{"type": "image"}]}], "images": [{"data": ""}] * 3},
     "more images than parts"),
    ({"size": 1, "completions": [{"id": "0", "text": "5"}, {"id": "1", "text": "5"}]},
     "more completions than the group is said to have"),
    ({"completions": [{"id": "0", "text": "5"}, {"id": "0", "text": "4"}]}, "an id twice"),
    ({"completions": [{"id": "0", "text": "5", "messages": [{"role": "assistant"}]}]},
     "a completion in two forms"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "why"), UNEQUAL, ids=[why for _, why in UNEQUAL])
def test_lists_that_do_not_go_together_are_refused(
    target: Target, fields: dict[str, Any], why: str
) -> None:
    answer = target.score(group("5", **fields))
    assert answer.status == 422
    require_nothing_leaked(target, answer)


def test_a_completion_of_five_megabytes_is_unscored_and_its_siblings_are_not(
    target: Target,
) -> None:
    with measured(target) as harmless:
        target.score(group("5", prompt="a" * (5 * MIB)))
    with measured(target) as cost:
        answer = target.score(group("\\boxed{5}", "5" * (5 * MIB), "\\boxed{4}"))
    assert answer.rewards == [1.0, None, 0.0]
    assert answer.reasons == [None, "completion_too_long", None]
    require_cheap(cost, harmless, size=5 * MIB)
    require_nothing_leaked(target, answer)
