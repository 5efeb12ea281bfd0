"""What a run's groups come to by split and recipe: summed up as they are written."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from harmo.audit.records import KeptGroup
from harmo.audit.rows import day, numbers, text
from harmo.audit.rows.numbers import Widths
from harmo.scorers.types import ZERO_VARIANCE

Key = tuple[str | bytes, int, str | bytes, int]
"""Run, day, split, recipe."""

_ADD = """
INSERT INTO spans (
  run, day, split, recipe, began_s, last_s, groups, completions, scored, zero_variance, comparable,
  first_step, last_step, last_scored, last_sum, bytes
) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (run, day, split, recipe) DO UPDATE SET
  began_s = min(began_s, excluded.began_s),
  last_s = max(last_s, excluded.last_s),
  groups = groups + excluded.groups,
  completions = completions + excluded.completions,
  scored = scored + excluded.scored,
  zero_variance = zero_variance + excluded.zero_variance,
  comparable = comparable + excluded.comparable,
  first_step = ifnull(min(first_step, excluded.first_step),
                      ifnull(first_step, excluded.first_step)),
  last_scored = CASE
    WHEN ifnull(excluded.last_step, -1) > ifnull(last_step, -1) THEN excluded.last_scored
    WHEN excluded.last_step IS last_step THEN last_scored + excluded.last_scored
    ELSE last_scored END,
  last_sum = CASE
    WHEN ifnull(excluded.last_step, -1) > ifnull(last_step, -1) THEN excluded.last_sum
    WHEN excluded.last_step IS last_step
      THEN max(-1e308, min(1e308, last_sum + excluded.last_sum))
    ELSE last_sum END,
  last_step = ifnull(max(last_step, excluded.last_step), ifnull(last_step, excluded.last_step)),
  bytes = bytes + excluded.bytes
"""
_MOST = 1e308
_COUNTED = ("numbers", "reasons", "digests")
_TAKE = """
UPDATE spans SET groups = groups - ?, completions = completions - ?, scored = scored - ?,
  zero_variance = zero_variance - ?, comparable = comparable - ?, bytes = bytes - ?
WHERE run = ? AND day = ? AND split = ? AND recipe = ?
"""
_OF_UNIT = """
SELECT groups.*, length(texts.content) AS written, json_array_length(recipes.columns) AS width
FROM groups JOIN texts USING (number) JOIN recipes ON recipes.id = groups.recipe
WHERE run = ? AND day = ?
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

    def add(self, step: int | None, rewards: Sequence[float | None], size: int) -> None:
        """Count a group in."""
        values = [value for value in rewards if value is not None]
        self.groups += 1
        self.completions += len(rewards)
        self.scored += len(values)
        self.bytes += size
        if len(values) > 1:
            self.comparable += 1
            self.zero_variance += max(values) - min(values) < ZERO_VARIANCE
        if step is not None:
            self.first_step = step if self.first_step is None else min(step, self.first_step)
            if self.last_step is None or step > self.last_step:
                self.last_step, self.last_scored, self.last_sum = step, 0, 0.0
        if step == self.last_step:
            self.last_scored += len(values)
            self.last_sum = _bounded(self.last_sum + _sum(values))


def _sum(values: Sequence[float]) -> float:
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        return sum(values)


def _bounded(total: float) -> float:
    """A sum as the table can have it, whatever it is of: infinities of two signs come to 0."""
    return 0.0 if math.isnan(total) else max(-_MOST, min(_MOST, total))


class Spans:
    """What one transaction adds."""

    def __init__(self) -> None:
        self._spans: dict[Key, Span] = {}

    def add(self, kept: KeptGroup, recipe: int, size: int) -> None:
        """Count a group in.

        Args:
            kept: The group.
            recipe: Its recipe's key.
            size: Bytes it takes.
        """
        group = kept.group
        key = text(group.run or ""), day(kept), text(group.split), recipe
        rewards = [reward.value for reward in kept.rewards]
        self._span(key, kept.scored_at_s).add(group.step, rewards, size)

    def write(self, db: sqlite3.Connection) -> None:
        """Add it to the table."""
        db.executemany(_ADD, [(*key, *astuple(span)) for key, span in self._spans.items()])

    def take(self, db: sqlite3.Connection) -> None:
        """Take it off the table's counts; first and last steps stay until it is counted anew."""
        found = self._spans.items()
        counts = [
            (s.groups, s.completions, s.scored, s.zero_variance, s.comparable, s.bytes, *key)
            for key, s in found
        ]
        db.executemany(_TAKE, counts)
        # A reader sees no run of which nothing is left.
        db.execute("DELETE FROM spans WHERE groups < 1")

    def _span(self, key: Key, scored_at_s: float) -> Span:
        span = self._spans.setdefault(key, Span(scored_at_s, scored_at_s))
        span.began_s = min(span.began_s, scored_at_s)
        span.last_s = max(span.last_s, scored_at_s)
        return span

    def count(self, row: sqlite3.Row) -> None:
        """Count in a group that stands in the tables."""
        widths = Widths(columns=row["width"], interaction=bool(row["interaction"]))
        rewards = numbers.unpacked([row["numbers"]], widths.row)[:, numbers.REWARD].tolist()
        values = [None if math.isnan(value) else value for value in rewards]
        size = sum(len(row[name]) for name in _COUNTED) + row["written"]
        key = row["run"], row["day"], row["split"], row["recipe"]
        self._span(key, row["scored_at_s"]).add(row["step"], values, size)


def discount(db: sqlite3.Connection, run: str, day: int, numbers: Sequence[int]) -> None:
    """Count out what is about to leave: the sums hold whenever a process is killed."""
    spans, cursor = Spans(), db.cursor()
    cursor.row_factory = sqlite3.Row
    those = f"{_OF_UNIT} AND groups.number BETWEEN ? AND ?"
    for row in cursor.execute(those, (text(run), day, numbers[0], numbers[-1])):
        spans.count(row)
    spans.take(db)


def recount(db: sqlite3.Connection, run: str, day: int) -> None:
    """Sum up anew what is there of a run, or of a day of groups without one."""
    unit, spans = (text(run), day), Spans()
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    for row in cursor.execute(_OF_UNIT, unit):
        spans.count(row)
    db.execute("DELETE FROM spans WHERE run = ? AND day = ?", unit)
    spans.write(db)
