"""All signals of one window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from harmo.rewards.plan import REWARD
from harmo.rewards.signals.judged import drift, fooled_ratio, model_auc, right
from harmo.rewards.signals.samples import Samples
from harmo.rewards.signals.siblings import (
    MIN_GROUPS,
    duplicate_ratio,
    moved,
    reward_shares,
    spearman,
)
from harmo.rewards.signals.window import Contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The signals of one run under one recipe; one that cannot be told is None, or has no entry.

    Mappings are by column.
    """

    groups: int
    """In the window."""
    reward_share: Mapping[str, float]
    """Mean share of what siblings' rewards differ by; they sum to 1."""
    model_auc: Mapping[str, float]
    """Chance that the model puts a right completion above a wrong sibling."""
    fooled_ratio: Mapping[str, float]
    """Share of completions that the model scores high and the rule calls wrong."""
    length_correlation: Mapping[str, float]
    """Mean in-group Spearman of scores, and of the `reward`, with length."""
    shadow_correlation: Mapping[str, float]
    """Mean in-group Spearman of a shadow column's scores with the reward."""
    drift: Mapping[str, float]
    """PSI of a model's scores against the first of the run."""
    abstained_ratio: Mapping[str, float]
    """Share of completions without a score."""
    duplicate_siblings_ratio: float | None
    """Share of completions that say what a sibling says."""
    truncated_ratio: float | None
    """Share of completions that were cut at the token limit."""


def audit(contents: Contents) -> Audit:
    """Every signal that the groups of a window are enough for."""
    layout, samples = contents.layout, contents.samples
    verdicts = right(samples, layout.judges)
    scored, judged = samples.where(samples.scored), verdicts[samples.scored]
    siblings, judged_siblings = samples.where(samples.compared), verdicts[samples.compared]
    taught = moved(siblings)
    enough = contents.groups >= MIN_GROUPS

    def by_column(
        columns: Iterable[int], signal: Callable[[int], float | None]
    ) -> dict[str, float]:
        found = {layout.columns[k]: signal(k) for k in columns}
        return {name: value for name, value in found.items() if value is not None}

    def abstained(k: int) -> float | None:
        return float(np.isnan(samples.scores[:, k]).mean()) if enough else None

    def coupling(k: int) -> float | None:
        return spearman(siblings, siblings.scores[:, k], siblings.lengths)

    lengths = by_column(range(len(layout.columns)), coupling)
    if (rho := spearman(taught, taught.rewards, taught.lengths)) is not None:
        lengths[REWARD] = rho
    return Audit(
        groups=contents.groups,
        reward_share=reward_shares(siblings, layout.paid),
        model_auc=by_column(
            layout.models, lambda k: model_auc(siblings, siblings.scores[:, k], judged_siblings)
        ),
        fooled_ratio=by_column(layout.models, lambda k: fooled_ratio(scored.scores[:, k], judged)),
        length_correlation=lengths,
        shadow_correlation=by_column(
            layout.shadows, lambda k: spearman(taught, taught.scores[:, k], taught.rewards)
        ),
        drift=by_column(contents.baselines, lambda k: _drift(contents, scored, k)),
        abstained_ratio=by_column(range(len(layout.columns)), abstained),
        duplicate_siblings_ratio=duplicate_ratio(samples.where(samples.whole & samples.read)),
        truncated_ratio=float(samples.truncated.mean()) if enough else None,
    )


def _drift(contents: Contents, scored: Samples, column: int) -> float | None:
    """A model's scores against the first of the run, those of later groups only."""
    baseline, after = contents.baselines[column]
    scores = scored.scores[scored.groups >= after, column]
    return drift(baseline, scores[~np.isnan(scores)])
