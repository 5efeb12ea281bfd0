"""Cosines of texts with a reference, from embeddings that are made once.

Shapes: E embedding size.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import torch
from torch import Tensor

from harmo.models.base import Fault, ModelScore
from harmo.models.encoder.embedding import Item


class Embeds(Protocol):
    """Makes unit vectors."""

    def embed(self, items: Sequence[Item]) -> list[Tensor]:
        """One vector [E] per item."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CosineWork:
    """Texts and the reference they are compared with: the batcher's unit of work."""

    texts: tuple[Item, ...]
    reference: Item

    @property
    def tokens(self) -> int:
        """Of all texts and the reference."""
        return self.reference.tokens + sum(text.tokens for text in self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def halves(self) -> tuple[Self, Self]:
        """The texts in two pieces."""
        middle = len(self.texts) // 2
        first, second = self.texts[:middle], self.texts[middle:]
        return replace(self, texts=first), replace(self, texts=second)


class Cosines:
    """Cosines of texts with their references, in [-1, 1]; remembers embeddings; for one thread."""

    def __init__(self, embedder: Embeds, *, remembered: int = 4096) -> None:
        self._embedder = embedder
        self._remembered = remembered
        self._vectors: OrderedDict[bytes, Tensor] = OrderedDict()

    def __call__(self, batch: Sequence[CosineWork]) -> list[list[ModelScore]]:
        """One list of scores per work; raises MemoryError if the batch does not fit."""
        try:
            return self._scores(batch)
        except torch.OutOfMemoryError as error:
            raise MemoryError(str(error)) from error

    def _scores(self, batch: Sequence[CosineWork]) -> list[list[ModelScore]]:
        wanted = {item.key: item for work in batch for item in (work.reference, *work.texts)}
        vectors = {key: self._vectors[key] for key in wanted if key in self._vectors}
        new = [item for key, item in wanted.items() if key not in vectors]
        vectors |= zip((item.key for item in new), self._embedder.embed(new), strict=True)
        for key, vector in vectors.items():
            self._vectors[key] = vector
            self._vectors.move_to_end(key)
        while len(self._vectors) > self._remembered:
            self._vectors.popitem(last=False)
        return [
            [_score(text, vectors[text.key], vectors[work.reference.key]) for text in work.texts]
            for work in batch
        ]


def _score(text: Item, vector_E: Tensor, reference_E: Tensor) -> ModelScore:
    cosine = float(vector_E @ reference_E)
    if not math.isfinite(cosine):
        return ModelScore(fault=Fault.NON_FINITE)
    return ModelScore(
        values=(min(1.0, max(-1.0, cosine)),), detail={"unknown_tokens": round(text.unknown, 4)}
    )
