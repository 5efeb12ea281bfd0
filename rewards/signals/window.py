"""The last groups of one run under one recipe, within bounds; oldest leave first."""

from __future__ import annotations

import threading
from array import array
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan

import numpy as np

from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.record import GroupRecord
from harmo.rewards.signals.samples import Floats, Samples

BASELINE_SCORES = 1024
"""The first scores of a run: what a model column's later ones are compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a window holds at most."""

    groups: int = 256
    samples: int = 8_192
    bytes: int = 2 << 20
    """Records and baselines together."""


@dataclass(slots=True)
class _Baseline:
    """The first scores that a model column gave."""

    scores: array[float] = field(default_factory=lambda: array("d"))
    groups: int | None = None
    """How many groups it is made of; None until it is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a window holds at one moment."""

    layout: Layout
    samples: Samples
    groups: int
    baselines: Mapping[int, tuple[Floats, int]]
    """By model column its first scores, and the number of the group that comes after them."""


class Window:
    """The last groups of one run under one recipe; fed on one thread, read on others."""

    def __init__(self, layout: Layout, bounds: Bounds | None = None) -> None:
        self.layout = layout
        self.seen = 0
        """Groups that ever came."""
        self._bounds = bounds or Bounds()
        self._records: deque[GroupRecord] = deque()
        self._samples = self._bytes = 0
        self._baselines = {k: _Baseline() for k in layout.models}
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """What it holds of memory."""
        return self._bytes

    def add(self, record: GroupRecord) -> None:
        """Take in a group; the oldest leave where there are too many."""
        with self._lock:
            self.seen += 1
            self._records.append(record)
            self._samples += record.members
            self._bytes += record.bytes
            for column, baseline in self._baselines.items():
                if baseline.groups is None:
                    self._begin(column, baseline, record)
            self._trim()

    def bound(self, bounds: Bounds) -> None:
        """Hold no more than this from now on."""
        with self._lock:
            self._bounds = bounds
            self._trim()

    def _begin(self, column: int, baseline: _Baseline, record: GroupRecord) -> None:
        """Add a group's scores to a column's baseline until it is full."""
        width = self.layout.width
        scores = record.rows[column::width]
        rewards = record.rows[len(self.layout.columns) + self.layout.contributions :: width]
        paid = [s for s, r in zip(scores, rewards, strict=True) if not isnan(s) and not isnan(r)]
        before = baseline.scores.__sizeof__()
        baseline.scores.extend(paid[: BASELINE_SCORES - len(baseline.scores)])
        self._bytes += baseline.scores.__sizeof__() - before
        if len(baseline.scores) == BASELINE_SCORES:
            baseline.groups = self.seen

    def _trim(self) -> None:
        most = self._bounds
        while self._records and (
            len(self._records) > most.groups
            or self._samples > most.samples
            or self._bytes > most.bytes
        ):
            oldest = self._records.popleft()
            self._samples -= oldest.members
            self._bytes -= oldest.bytes

    def read(self) -> Contents:
        """What it holds now."""
        with self._lock:
            records, first = tuple(self._records), self.seen - len(self._records)
            full = {k: b for k, b in self._baselines.items() if b.groups is not None}
        return Contents(
            layout=self.layout,
            samples=Samples.of(self.layout, records, first=first),
            groups=len(records),
            baselines={k: (np.array(b.scores), b.groups or 0) for k, b in full.items()},
        )
