"""Stores that another machine sent: what is in them costs no more than a store's own groups may."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from harmo.audit.errors import StoreError, Trouble
from harmo.audit.read import Query, Reader
from harmo.audit.rows import texts
from harmo.audit.schema import FILE
from harmo.audit.write import Writer
from harmo.scorers.types import Sample
from tests.audit.test_round_trip import kept


def text(value: object) -> bytes:
    return zlib.compress(json.dumps(value).encode())


def bomb() -> bytes:
    """What is larger than any text in a thousandth of its size."""
    squeeze = zlib.compressobj(9)
    pieces = range((texts.MAX_BYTES >> 20) + 1)
    return b"".join(squeeze.compress(bytes(1 << 20)) for _ in pieces) + squeeze.flush()


CHANGES: dict[str, tuple[str, Callable[[], object]]] = {
    "a bomb": ("UPDATE texts SET content = ?", bomb),
    "a bomb for a prompt": ("UPDATE blobs SET content = ?", bomb),
    "nested without end": (
        "UPDATE texts SET content = ?",
        lambda: zlib.compress(b"[" * 10_000_000),
    ),
    "cut off": ("UPDATE texts SET content = ?", lambda: text({"given": [{}]})[:-3]),
    "not compressed": ("UPDATE texts SET content = ?", lambda: b"{}"),
    "not JSON": ("UPDATE texts SET content = ?", lambda: zlib.compress(b"{'given': 1}")),
    "other JSON": ("UPDATE texts SET content = ?", lambda: text([1])),
    "samples of another shape": (
        "UPDATE texts SET content = ?",
        lambda: text({"ids": ["0"], "given": [{"prompt": 9}], "completions": ["x"]}),
    ),
    "fields that no sample has": (
        "UPDATE texts SET content = ?",
        lambda: text({"ids": ["0"], "given": [{"owned": 9}], "completions": ["x"]}),
    ),
    "fewer completions": (
        "UPDATE texts SET content = ?",
        lambda: text({"ids": ["0"], "given": [{}], "completions": ["x", "y"]}),
    ),
    "numbers of another width": ("UPDATE groups SET numbers = ?", lambda: b"12345"),
    "more samples than numbers": ("UPDATE groups SET samples = ?", lambda: 1 << 40),
    "fewer than none": ("UPDATE groups SET samples = ?", lambda: -1),
    "a reason that nobody knows": ("UPDATE groups SET reasons = ?", lambda: '{"luck":{"0":[0]}}'),
    "reasons that are none": ("UPDATE groups SET reasons = ?", lambda: "[[["),
    "a recipe that is not there": ("UPDATE groups SET recipe = ?", lambda: 77),
    "columns that are none": ("UPDATE recipes SET columns = ?", lambda: "{}x"),
    "a family that is none": ("UPDATE recipes SET columns = ?", lambda: '[["a","luck",0]]'),
}


def read(reader: Reader) -> None:
    list(reader.tables(Query()))
    list(reader.groups(Query()))


@pytest.mark.parametrize(("change", "value"), CHANGES.values(), ids=CHANGES.keys())
def test_what_makes_no_sense_is_said_and_costs_little(
    tmp_path: Path, change: str, value: Callable[[], object]
) -> None:
    writer = Writer(tmp_path)
    writer.write([kept(Sample(prompt="asked", completion="x"))])
    writer.close()
    given = value()
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute(change, (given,))
        db.commit()
    with closing(Reader(tmp_path)) as reader, pytest.raises(StoreError) as caught:
        read(reader)
    assert caught.value.trouble is Trouble.TORN
    assert str(tmp_path / FILE) in str(caught.value)


def test_no_more_is_unpacked_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zlib.compress(b"x" * 1000)
    monkeypatch.setattr(texts, "MAX_BYTES", 999)
    with pytest.raises(ValueError, match="larger than 999 bytes"):
        texts.grown(content)
    monkeypatch.setattr(texts, "MAX_BYTES", 1000)
    assert texts.grown(content) == b"x" * 1000
