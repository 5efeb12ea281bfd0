"""What a run's groups come to by split and recipe: summed up as they are written."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass

from harmo.audit.records import KeptGroup
from harmo.audit.rows import day, text
from harmo.scorers.types import ZERO_VARIANCE

Key = tuple[str | bytes, int, str | bytes, int]
"""Run, day, split, recipe."""

_ADD = """
INSERT INTO spans VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (run, day, split, recipe) DO UPDATE SET
  groups = groups + excluded.groups,
  completions = completions + excluded.completions,
  scored = scored + excluded.scored,
  zero_variance = zero_variance + excluded.zero_variance,
  comparable = comparable + excluded.comparable,
  first_step = min(
    ifnull(first_step, excluded.first_step), ifnull(excluded.first_step, first_step)),
  last_scored = CASE
    WHEN ifnull(excluded.last_step, -1) > ifnull(last_step, -1) THEN excluded.last_scored
    WHEN excluded.last_step IS last_step THEN last_scored + excluded.last_scored
    ELSE last_scored END,
  last_sum = CASE
    WHEN ifnull(excluded.last_step, -1) > ifnull(last_step, -1) THEN excluded.last_sum
    WHEN excluded.last_step IS last_step THEN last_sum + excluded.last_sum
    ELSE last_sum END,
  last_step = max(ifnull(last_step, excluded.last_step), ifnull(excluded.last_step, last_step)),
  began_s = min(began_s, excluded.began_s),
  last_s = max(last_s, excluded.last_s),
  bytes = bytes + excluded.bytes
"""


@dataclass(slots=True)
class Span:
    """Some groups of one run, split and recipe."""

    began_s: float
    last_s: float
    groups: int = 0
    completions: int = 0
    scored: int = 0
    zero_variance: int = 0
    comparable: int = 0
    first_step: int | None = None
    last_step: int | None = None
    last_scored: int = 0
    """Rewards of the last step, or of the groups without one."""
    last_sum: float = 0.0
    bytes: int = 0

    def add(self, kept: KeptGroup, size: int) -> None:
        """Count a group in."""
        step = kept.group.step
        values = [r.value for r in kept.rewards if r.value is not None]
        self.groups += 1
        self.completions += len(kept.rewards)
        self.scored += len(values)
        if len(values) > 1:
            self.comparable += 1
            self.zero_variance += max(values) - min(values) < ZERO_VARIANCE
        if step is not None:
            self.first_step = step if self.first_step is None else min(step, self.first_step)
            if self.last_step is None or step > self.last_step:
                self.last_step, self.last_scored, self.last_sum = step, 0, 0.0
        if step == self.last_step:
            self.last_scored += len(values)
            self.last_sum += math.fsum(values)
        self.began_s = min(self.began_s, kept.scored_at_s)
        self.last_s = max(self.last_s, kept.scored_at_s)
        self.bytes += size


class Spans:
    """What one transaction adds."""

    def __init__(self) -> None:
        self._spans: dict[Key, Span] = {}

    def add(self, kept: KeptGroup, recipe: int, size: int) -> None:
        """Count a group in."""
        group = kept.group
        key = text(group.run or ""), day(kept), text(group.split), recipe
        if key not in self._spans:
            self._spans[key] = Span(kept.scored_at_s, kept.scored_at_s)
        self._spans[key].add(kept, size)

    def write(self, db: sqlite3.Connection) -> None:
        """Add it to the table."""
        db.executemany(
            _ADD,
            [
                (
                    *key,
                    span.groups,
                    span.completions,
                    span.scored,
                    span.zero_variance,
                    span.comparable,
                    span.first_step,
                    span.last_step,
                    span.last_scored,
                    span.last_sum,
                    span.began_s,
                    span.last_s,
                    span.bytes,
                )
                for key, span in self._spans.items()
            ],
        )
