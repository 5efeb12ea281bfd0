"""The samples of a window as arrays, and sums and ranks within their groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.record import GroupRecord

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One entry per sample; a group's stand together. What is not known is NaN."""

    groups: Ints
    """Which group of the run it is of, ascending."""
    whole: Bools
    """True if all of its siblings are here."""
    scores: Floats
    """By sample and column."""
    contributions: Floats
    rewards: Floats
    lengths: Floats
    truncated: Bools
    texts: Floats
    """Equal where the texts are; NaN where nobody read them."""

    @classmethod
    def of(cls, layout: Layout, records: Sequence[GroupRecord], *, first: int = 0) -> Samples:
        """The samples of some records.

        Args:
            layout: Of the recipe that scored them.
            records: Oldest first.
            first: Which group of the run the oldest is.
        """
        table = np.frombuffer(b"".join(record.rows for record in records))
        table = table.reshape(-1, layout.width)
        members = [record.members for record in records]
        scores, contributions, (rewards, lengths, truncated, texts) = _split(layout, table)
        return cls(
            groups=np.repeat(np.arange(first, first + len(records)), members),
            whole=np.repeat(np.array([record.whole for record in records], dtype=bool), members),
            scores=scores,
            contributions=contributions,
            rewards=rewards,
            lengths=lengths,
            truncated=truncated > 0,
            texts=texts,
        )

    def where(self, mask: Bools) -> Samples:
        """Those of the samples for which the mask holds."""
        if mask.all():
            return self
        return replace(self, **{f.name: getattr(self, f.name)[mask] for f in fields(self)})

    @property
    def scored(self) -> Bools:
        """Which have a reward: the others have no vote anywhere."""
        return ~np.isnan(self.rewards)

    @property
    def read(self) -> Bools:
        """Of which it is known what they say."""
        return ~np.isnan(self.texts)

    @property
    def compared(self) -> Bools:
        """Which a trainer compares with their siblings: scored, and of groups that were whole.

        In a piece of a group, terms that compare siblings abstain, and what the trainer compares
        with stands elsewhere.
        """
        return self.whole & self.scored


def _split(layout: Layout, table: Floats) -> tuple[Floats, Floats, Sequence[Floats]]:
    columns = len(layout.columns)
    rest = columns + layout.contributions
    return table[:, :columns], table[:, columns:rest], list(table[:, rest:].T)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which of the samples stand together, for sums within groups."""

    index: Ints
    """Per sample the place of its group among the groups, ascending."""
    starts: Ints
    """Per group the place of its first sample."""

    @classmethod
    def of(cls, groups: Ints) -> Grouping:
        """The grouping of samples whose groups' numbers ascend."""
        _, starts, index = np.unique(groups, return_index=True, return_inverse=True)
        return cls(index, starts)

    def sums(self, values: Floats) -> Floats:
        """Per group the sum of its samples' values."""
        return np.bincount(self.index, values, minlength=len(self.starts)).astype(float)

    @property
    def sizes(self) -> Floats:
        """Per group how many samples it has."""
        return np.bincount(self.index, minlength=len(self.starts)).astype(float)

    def centred(self, values: Floats) -> Floats:
        """The values less their group's mean."""
        return values - (self.sums(values) / self.sizes)[self.index]

    def spans(self, values: Floats) -> Floats:
        """Per group its greatest value less its least."""
        if not len(values):
            return np.zeros(0)
        most, least = (f.reduceat(values, self.starts) for f in (np.maximum, np.minimum))
        return np.asarray(most - least)

    def ties(self, values: Floats) -> tuple[Ints, Ints, Ints]:
        """Equal values of siblings: an order in which they stand together, and each lot's place.

        The order sorts siblings by value; per lot of equal ones it has the first, and how many.
        """
        order = np.lexsort((values, self.index))
        value, group = values[order], self.index[order]
        begins = np.ones(len(values), dtype=bool)
        begins[1:] = (value[1:] != value[:-1]) | (group[1:] != group[:-1])
        firsts = np.flatnonzero(begins)
        return order, firsts, np.diff(firsts, append=len(values))

    def ranks(self, values: Floats) -> Floats:
        """Each value's rank among its siblings', from 0; equal ones share the mean of theirs."""
        order, firsts, sizes = self.ties(values)
        ranks = np.empty(len(values))
        ranks[order] = np.repeat(firsts + (sizes - 1) / 2, sizes)
        return ranks - self.starts[self.index]
