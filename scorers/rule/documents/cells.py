"""How far texts are from each other, all pairs at once: a row of the table costs one text's length.

Hyyrö's bit-parallel edit distance (2003) over all texts of one side laid end to end in one integer,
a spare bit between them to stop the carry.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


class Texts:
    """Texts laid end to end, ready to be compared with one text after another."""

    def __init__(self, texts: Sequence[str]) -> None:
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        self._starts = np.concatenate(([0], np.cumsum(lengths[:-1] + 1)))
        self._bits = int(lengths.sum()) + len(texts)
        self._masks: dict[str, int] = {}
        places: dict[str, list[int]] = {}
        for start, text in zip(self._starts.tolist(), texts, strict=True):
            for place, character in enumerate(text, start):
                places.setdefault(character, []).append(place)
        self._masks = {character: self._mask(where) for character, where in places.items()}
        self._everywhere = sum(self._masks.values())
        self._firsts = self._mask([int(s) for s, n in zip(self._starts, lengths, strict=True) if n])

    def _mask(self, places: Sequence[int]) -> int:
        bits = np.zeros(self._bits, dtype=np.uint8)
        bits[list(places)] = 1
        return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")

    def edits(self, text: str) -> NDArray[np.int64]:
        """Fewest insertions, deletions and substitutions between a text and each of these."""
        everywhere, firsts, masks = self._everywhere, self._firsts, self._masks
        up, down = everywhere, 0
        for character in text:
            match = masks.get(character, 0)
            diagonal = (((match & up) + up) ^ up) | match | down
            rises, falls = down | ~(diagonal | up) & everywhere, up & diagonal
            # In the row above a text's first character every column costs one more.
            rises = rises << 1 | firsts
            up = (falls << 1 | ~(diagonal | rises)) & everywhere
            down = rises & diagonal & everywhere
        return len(text) + self._counted(up) - self._counted(down)

    def _counted(self, bits: int) -> NDArray[np.int64]:
        """How many bits of each text are set."""
        raw = np.frombuffer(bits.to_bytes((self._bits + 7) // 8, "little"), dtype=np.uint8)
        each = np.unpackbits(raw, count=self._bits, bitorder="little").astype(np.int64)
        return np.add.reduceat(each, self._starts)


def unlikeness(left: Sequence[str], right: Sequence[str]) -> Matrix:
    """Normalised edit distance of each text on the left and each on the right, in [0, 1].

    Edits / longer length; two empty texts are alike.
    """
    if not left or not right:
        return np.zeros((len(left), len(right)))
    ours, theirs = list(dict.fromkeys(left)), list(dict.fromkeys(right))
    texts = Texts(theirs)
    lengths = np.array([len(text) for text in theirs])
    rows = [texts.edits(text) / np.maximum(np.maximum(lengths, len(text)), 1) for text in ours]
    row_of = {text: row for row, text in enumerate(ours)}
    column_of = {text: column for column, text in enumerate(theirs)}
    picked = (
        np.array([row_of[text] for text in left]),
        np.array([column_of[text] for text in right]),
    )
    return np.asarray(np.stack(rows)[np.ix_(*picked)], dtype=np.float64)
