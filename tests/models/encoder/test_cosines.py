"""Cosines from embeddings that are made once and forgotten in order."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from harmo.models.encoder.cosines import Cosines, CosineWork
from harmo.models.encoder.embedding import Item


class CountingEmbedder:
    """Embeds an item as its key's first byte on a circle; remembers what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[bytes] = []
        self.error = error

    def embed(self, items: Sequence[Item]) -> list[Tensor]:
        if self.error is not None:
            raise self.error
        self.asked += [item.key for item in items]
        angles = [item.key[0] * math.pi / 8 for item in items]
        return [torch.tensor([math.cos(a), math.sin(a)]) for a in angles]


def item(key: int) -> Item:
    return Item(key=bytes([key]), chunks=((1, 2),))


def work(*texts: int, reference: int = 0) -> CosineWork:
    return CosineWork(texts=tuple(map(item, texts)), reference=item(reference))


def test_everything_is_embedded_once_and_remembered():
    embedder = CountingEmbedder()
    compare = Cosines(embedder)
    first, second = compare([work(4, 4, 8), work(4, 0, reference=4)])
    assert [s.values[0] for s in first] == pytest.approx([0, 0, -1], abs=1e-6)
    assert [s.values[0] for s in second] == pytest.approx([1, 0], abs=1e-6)
    compare([work(8, 1)])
    assert sorted(embedder.asked) == [b"\x00", b"\x01", b"\x04", b"\x08"]


def test_memory_is_bounded_and_forgets_the_oldest():
    embedder = CountingEmbedder()
    compare = Cosines(embedder, remembered=2)
    for text in (1, 2, 1):
        compare([work(text)])
    assert embedder.asked == [b"\x00", b"\x01", b"\x02", b"\x01"]


def test_a_batch_larger_than_the_memory_is_still_scored():
    (scores,) = Cosines(CountingEmbedder(), remembered=1)([work(1, 2, 3)])
    assert len(scores) == 3


def test_a_full_device_is_a_memory_error():
    with pytest.raises(MemoryError):
        Cosines(CountingEmbedder(torch.OutOfMemoryError("full")))([work(1)])


def test_a_number_that_is_none_is_a_fault():
    class Broken(CountingEmbedder):
        def embed(self, items: Sequence[Item]) -> list[Tensor]:
            return [torch.tensor([math.nan])] * len(items)

    (scores,) = Cosines(Broken())([work(1)])
    assert scores[0].fault == "non_finite"


def test_halves_keep_order_and_reference():
    first, second = work(1, 2, 3, reference=5).halves()
    assert [text.key for part in (first, second) for text in part.texts] == [b"\1", b"\2", b"\3"]
    assert first.reference == second.reference == item(5)
    assert work(1, 2, 3).tokens == 8
