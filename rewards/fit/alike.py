"""Columns that preferences cannot tell apart: those that differ together in the same pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harmo.rewards.fit.pairs import Pairs
from harmo.rewards.fit.solver import Floats

WIDER = 3.0
"""Columns whose intervals are so many times as wide for each other's sake are alike."""
_NOTHING = 1e-10
"""An eigenvalue of their correlations below this is 0 but for rounding."""
_LITTLE = 0.1
_TAKES_PART = 0.05
"""Of a direction, from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Columns of which one follows from the others, wholly or nearly."""

    columns: tuple[str, ...]
    exactly: bool
    """True if no number of such pairs could tell them apart."""
    wider: float
    """How many times as wide their intervals are as if each stood alone; infinite if exactly."""


def alike(pairs: Pairs) -> Sequence[Alike]:
    """Sets of columns that differ together, those that do so exactly first.

    From the eigenvalues of the columns' correlations over the pairs: along a direction in which
    they hardly vary, weights can be exchanged for each other.
    """
    told = np.flatnonzero(pairs.differing > 0)
    d = pairs.differences[:, told] / pairs.sizes[told]
    d /= np.sqrt((d * d).sum(axis=0))
    values, vectors = np.linalg.eigh(d.T @ d)
    nothing, little = values < _NOTHING, values < _LITTLE
    names = [pairs.columns[k] for k in told]
    found = [
        Alike(columns=tuple(names[k] for k in some), exactly=True, wider=math.inf)
        for some in _joined(vectors[:, nothing])
    ]
    # Of each column how much its variance grows for the others' sake.
    left = vectors[:, ~nothing]
    wider = np.sqrt((left * left / values[~nothing]).sum(axis=1))
    for some in _joined(vectors[:, little & ~nothing]):
        if (most := float(wider[some].max())) >= WIDER:
            columns = tuple(names[k] for k in some)
            found.append(Alike(columns=columns, exactly=False, wider=most))
    return found


def _joined(directions: Floats) -> list[list[int]]:
    """Columns that take part in some directions, those together that do so together."""
    together = np.abs(directions @ directions.T) > _TAKES_PART
    sets: list[list[int]] = []
    left = set(np.flatnonzero(together.diagonal()).tolist())
    while left:
        members, fresh = set(), {min(left)}
        while fresh:
            members |= fresh
            fresh = {k for m in fresh for k in np.flatnonzero(together[m]).tolist()} - members
        left -= members
        if len(members) > 1:
            sets.append(sorted(members))
    return sets
