"""Columns that preferences cannot tell apart: those that differ together in the same pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harmo.rewards.fit.pairs import Pairs

WIDER = 3.0
"""Columns whose intervals are so many times as wide for each other's sake are alike."""
_NOTHING = 1e-10
"""An eigenvalue of their correlations below this is 0 but for rounding."""
_TAKES_PART = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Columns of which one follows from the others, wholly or nearly."""

    columns: tuple[str, ...]
    exactly: bool
    """True if no number of such pairs could tell them apart."""
    wider: float
    """How many times as wide their intervals are as if each stood alone; infinite if exactly."""


def alike(pairs: Pairs) -> Sequence[Alike]:
    """Sets of columns that differ together, the closest first.

    From the eigenvalues of the columns' correlations over the pairs: a direction in which they
    hardly vary is one in which weights can be exchanged for each other.
    """
    told = np.flatnonzero(pairs.differing > 0)
    d = pairs.differences[:, told] / pairs.sizes[told]
    d /= np.sqrt((d * d).sum(axis=0))
    values, vectors = np.linalg.eigh(d.T @ d)
    found = []
    for value, vector in zip(values, vectors.T, strict=True):
        members = np.flatnonzero(np.abs(vector) >= _TAKES_PART)
        exactly = value < _NOTHING
        wider = np.inf if exactly else float(np.abs(vector).max() / np.sqrt(value))
        if wider >= WIDER and len(members) > 1:
            names = tuple(pairs.columns[told[k]] for k in members)
            found.append(Alike(columns=names, exactly=bool(exactly), wider=wider))
    return found
