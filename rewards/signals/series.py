"""The signals of a run as it went: an audit at one step after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from harmo.rewards.signals.audit import Audit, audit
from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.samples import Floats, Ints, Samples
from harmo.rewards.signals.stored import Block, stored
from harmo.rewards.signals.window import BASELINE_SCORES, Bounds, Contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What the signals were over some steps."""

    first: float
    """Step of the oldest group in the window."""
    last: float
    """Step after which it was; a window ends with a whole step."""
    audit: Audit


def series(
    layout: Layout,
    blocks: Iterable[Block],
    *,
    texts: Floats | None = None,
    points: int = 60,
    groups: int = Bounds().groups,
) -> list[Point]:
    """Audits of one run under one recipe, in the order of steps; at most so many points.

    Each is of the last groups up to a step, as `/metrics` has it. Where there are more groups than
    the windows hold together, the windows are wider: every group counts.

    Args:
        layout: Of the recipe version that scored them.
        blocks: One split of the run, in the order of the store.
        texts: See `stored`.
        points: At most.
        groups: In a window, at least, as far as there are so many.
    """
    run = stored(layout, blocks, texts=texts)
    ends = _ends(run.steps, points)
    begins = np.minimum(ends - groups, np.concatenate(([0], ends[:-1]))).clip(0)
    baselines = _baselines(layout, run.samples)
    edges = np.searchsorted(run.samples.groups, np.arange(len(run.steps) + 1))
    return [
        Point(
            first=float(run.steps[begin]),
            last=float(run.steps[end - 1]),
            audit=audit(
                Contents(
                    layout=layout,
                    samples=_between(run.samples, edges[begin], edges[end]),
                    groups=int(end - begin),
                    baselines=baselines,
                )
            ),
        )
        for begin, end in zip(begins, ends, strict=True)
    ]


def _ends(steps: Floats, points: int) -> Ints:
    """How many groups there are up to each point: whole steps, as evenly spread as they can be."""
    if not len(steps):
        return np.zeros(0, dtype=np.intp)
    ends = np.append(np.flatnonzero(np.diff(steps)) + 1, len(steps))
    if len(ends) > points:
        even = np.arange(1, points + 1) * len(steps) / points
        ends = np.unique(ends[np.searchsorted(ends, even)])
    return np.asarray(ends, dtype=np.intp)


def _between(samples: Samples, first: int, last: int) -> Samples:
    return Samples(**{f.name: getattr(samples, f.name)[first:last] for f in fields(samples)})


def _baselines(layout: Layout, samples: Samples) -> Mapping[int, tuple[Floats, int]]:
    """The first scores of the run by model column, and the group that comes after them."""
    found = {}
    for k in layout.models:
        paid = np.flatnonzero(samples.scored & ~np.isnan(samples.scores[:, k]))[:BASELINE_SCORES]
        if len(paid) == BASELINE_SCORES:
            found[k] = samples.scores[paid, k], int(samples.groups[paid[-1]]) + 1
    return found
