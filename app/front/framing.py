"""What is wrong with a request's head and framing, where two readers may see it differently.

h11 takes some of it; a proxy in front may take it in another way, and then a request hides in
another's body.
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_HEAD_BYTES = 32 << 10
MAX_HEADERS = 100
FREE_CHUNKS = 1024
MIN_CHUNK_BYTES = 512
"""On average, after the free ones: each chunk costs the event loop as much as a kilobyte."""
ONCE = (
    b"authorization",
    b"content-encoding",
    b"content-type",
    b"idempotency-key",
    b"x-deadline-ms",
)
"""What means one thing, as does all that begins as our own headers do."""
OURS = b"x-harmo-"
END = b"\r\n\r\n"
"""Of a head."""


def fault_of_head(head: bytes) -> str:
    """What is wrong with the bytes of a head, as far as two readers may see it differently.

    Args:
        head: Up to the blank line, which may not have come yet.
    """
    if not head[:1].isalpha():
        return "this is not HTTP"
    if len(head) > MAX_HEAD_BYTES:
        return f"the head is over {MAX_HEAD_BYTES} bytes"
    lines = head.count(b"\n")
    if lines > MAX_HEADERS + 1:
        return f"more than {MAX_HEADERS} headers"
    if lines != head.count(b"\r\n") or head.count(b"\r") > lines + head.endswith(b"\r"):
        return "a line of the head does not end with CRLF"
    if b"\n " in head or b"\n\t" in head:
        return "a header is folded over two lines"
    return ""


def fault_of_framing(version: bytes, headers: Sequence[tuple[bytes, bytes]]) -> str:
    """What is wrong with how a request says where its body ends, and what it is."""
    if version not in (b"1.0", b"1.1"):
        return "not HTTP/1.1"
    names = [name for name, _ in headers]
    if b"transfer-encoding" in names and (b"content-length" in names or version != b"1.1"):
        return "Transfer-Encoding beside Content-Length, or in HTTP/1.0"
    if names.count(b"host") > 1 or names.count(b"transfer-encoding") > 1:
        return "Host or Transfer-Encoding twice"
    said: dict[bytes, bytes] = {}
    for name, value in headers:
        once = name in ONCE or name.startswith(OURS)
        if once and said.setdefault(name, value) != value:
            return f"{name.decode()} twice, and not the same"
    return ""


def fault_of_chunks(chunks: int, received: int) -> str:
    """What is wrong with so many chunks for so many bytes."""
    if chunks <= FREE_CHUNKS + received // MIN_CHUNK_BYTES:
        return ""
    return f"chunks of the body are under {MIN_CHUNK_BYTES} bytes on average"
