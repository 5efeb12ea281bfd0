"""Samples of stored groups: what a store keeps as arrays becomes what the signals are worked from.

Shapes: G groups, N samples, K columns, C contributions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.samples import Floats, Grouping, Ints, Samples

_KEY_DIGITS = 13
"""Of a digest: 52 bits, which a float holds exactly."""


class Block(Protocol):
    """Numbers of stored groups, all of one recipe version; what is not known is NaN."""

    @property
    def steps_G(self) -> Floats:  # noqa: N802 - shapes
        """Training steps."""

    @property
    def sizes_G(self) -> NDArray[np.integer]:  # noqa: N802
        """How many completions each group has in all."""

    @property
    def group_N(self) -> NDArray[np.integer]:  # noqa: N802
        """Each sample's group, by its place in this block, ascending."""

    @property
    def rewards_N(self) -> Floats:  # noqa: N802
        """NaN where null."""

    @property
    def tokens_N(self) -> Floats:  # noqa: N802
        """Lengths."""

    @property
    def truncated_N(self) -> NDArray[np.generic]:  # noqa: N802
        """Whether a completion was cut at the token limit."""

    @property
    def scores_NK(self) -> Floats:  # noqa: N802
        """As the scorers gave them; NaN where they abstained."""

    @property
    def contributions_NC(self) -> Floats:  # noqa: N802
        """What each column paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Stored groups of one run in the order of their steps."""

    samples: Samples
    """Their groups are counted from 0."""
    steps: Floats
    """Per group."""


def digest_key(digest: str) -> float:
    """What stands for a text among its siblings' where only its sha256 is known.

    Args:
        digest: In hexadecimal.
    """
    return float(int(digest[:_KEY_DIGITS], 16))


def stored(layout: Layout, blocks: Iterable[Block], *, texts: Floats | None = None) -> Run:
    """The groups of some blocks that have a step; those of one step stay in their order.

    Lengths are tokens; where a sibling has no count the others are compared without it.

    Args:
        layout: Of the recipe that scored them all.
        blocks: In the order of the store.
        texts: Per sample of all blocks a number that equal texts share, as `digest_key` gives; None
            where nobody looked: then nothing is said of duplicates.
    """
    parts = list(blocks)
    if not parts:
        return Run(samples=_empty(layout), steps=np.zeros(0))
    steps = np.concatenate([np.asarray(part.steps_G, float) for part in parts])
    before = np.cumsum([0, *(len(part.steps_G) for part in parts)])
    groups = np.concatenate([part.group_N + b for part, b in zip(parts, before, strict=False)])
    sizes = np.concatenate([part.sizes_G for part in parts])
    here = np.bincount(groups, minlength=len(steps))
    samples = Samples(
        groups=groups,
        whole=(here == sizes)[groups],
        scores=np.concatenate([part.scores_NK for part in parts]),
        contributions=np.concatenate([part.contributions_NC for part in parts]),
        rewards=np.concatenate([part.rewards_N for part in parts]),
        lengths=np.concatenate([part.tokens_N for part in parts]),
        truncated=np.concatenate([np.asarray(part.truncated_N) > 0 for part in parts]),
        texts=np.full(len(groups), np.nan) if texts is None else texts,
    )
    if layout.cut and len(groups):
        read = truncated_wrong(samples.scores, samples.truncated, groups, layout.cut)
        samples = replace(samples, scores=read)
    return _in_order(samples, steps)


def _empty(layout: Layout) -> Samples:
    return Samples.of(layout, [])


def truncated_wrong(
    scores: Floats, truncated: NDArray[np.bool_], groups: Ints, rules: Iterable[int]
) -> Floats:
    """Scores with `on_truncated: wrong` applied, as `rewards.accuracy.read_truncated` does.

    Args:
        scores: By sample and column, as the scorers gave them; NaN where they abstained.
        truncated: Which samples were cut at the token limit.
        groups: Of each sample, ascending.
        rules: Columns that give 0 then; one that is missing for a whole group stays missing.
    """
    known = ~np.isnan(scores)
    within, changed = Grouping.of(groups), scores.copy()
    hit = truncated & known.any(axis=1)
    for k in rules:
        live = within.sums(known[:, k].astype(float))[within.index] > 0
        changed[hit & live, k] = 0.0
    return changed


def _in_order(samples: Samples, steps: Floats) -> Run:
    """Groups by their steps, without those that have none."""
    order = np.argsort(steps, kind="stable")[: int((~np.isnan(steps)).sum())]
    place = np.full(len(steps), -1)
    place[order] = np.arange(len(order))
    groups = place[samples.groups]
    if (place == np.arange(len(steps))).all():
        return Run(samples=samples, steps=steps)
    chosen: Ints = np.argsort(groups, kind="stable")[int((groups < 0).sum()) :]
    taken = {f.name: getattr(samples, f.name)[chosen] for f in fields(samples)}
    return Run(samples=Samples(**{**taken, "groups": groups[chosen]}), steps=steps[order])
