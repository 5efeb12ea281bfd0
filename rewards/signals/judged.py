"""What a model's scores are worth: against the rule, and against what they were."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harmo.rewards.accuracy import RIGHT
from harmo.rewards.signals.samples import Floats, Grouping, Samples
from harmo.rewards.signals.siblings import mean_of_groups

MIN_RIGHT = 32
"""Fewer right completions say nothing of what a model gives to right ones."""
MIN_SCORES = 1024
"""Fewer scores on either side let chance alone come near the usual thresholds of drift."""
_QUANTILES = 10
_SMOOTHING = 0.5


def right(samples: Samples, judges: Mapping[int, float]) -> Floats:
    """Per sample 1.0 where the rules call it right, 0.0 where wrong, NaN where they do not know.

    As the length terms see it: the weighted mean of the rules that can judge the group, right from
    0.5 on, and unknown where one of these abstains.

    Args:
        samples: Any.
        judges: Share of each rule, by column.
    """
    within = Grouping.of(samples.groups)
    summed, weight = np.zeros(len(samples.rewards)), np.zeros(len(samples.rewards))
    for column, share in judges.items():
        scores = samples.scores[:, column]
        live = within.sums((~np.isnan(scores)).astype(float))[within.index] > 0
        summed[live] += share * scores[live]
        weight[live] += share
    known = (weight > 0) & ~np.isnan(summed)
    verdicts = np.full(len(summed), np.nan)
    verdicts[known] = summed[known] / weight[known] >= RIGHT
    return verdicts


def model_auc(samples: Samples, scores: Floats, verdicts: Floats) -> float | None:
    """Chance that a model puts a right completion above a wrong sibling, in [0, 1]; ties are half.

    The area under the ROC curve within each group that has both, from the rank sum U of the right
    ones: U / (n_right * n_wrong), averaged over groups. Pooled over prompts it would be high for a
    model that knows nothing but which prompts are easy, and that moves no advantage.

    Args:
        samples: Siblings with rewards.
        scores: The model's, or NaN.
        verdicts: Of `right`.

    Returns:
        None where too few groups have right and wrong siblings.
    """
    known = ~(np.isnan(scores) | np.isnan(verdicts))
    within, verdict = Grouping.of(samples.groups[known]), verdicts[known]
    rights = within.sums(verdict)
    wrongs = within.sizes - rights
    mixed = (rights > 0) & (wrongs > 0)
    below = within.sums(within.ranks(scores[known]) * verdict) - rights * (rights - 1) / 2
    return mean_of_groups(below[mixed] / (rights * wrongs)[mixed])


def fooled_ratio(scores: Floats, verdicts: Floats) -> float | None:
    """Share of completions that a model scores high and the rule calls wrong, in [0, 1].

    P(s >= m and wrong) over the completions that both judged, m the median score of the right ones.
    A model that knows nothing of right and wrong has half of the wrong ones; one that is always
    right has 0.

    Args:
        scores: The model's, or NaN.
        verdicts: Of `right`.

    Returns:
        None where too few are right: m would be chance.
    """
    known = ~(np.isnan(scores) | np.isnan(verdicts))
    score, is_right = scores[known], verdicts[known] > 0
    if is_right.sum() < MIN_RIGHT:
        return None
    median = np.quantile(score[is_right], 0.5, method="lower")
    return float(np.mean((score >= median) & ~is_right))


def drift(baseline: Floats, scores: Floats) -> float | None:
    """Population stability index of scores against a baseline, from 0 up and finite.

    PSI = sum over bins of (q - p) ln(q / p), p and q the baseline's and the scores' shares of a
    bin. The bins are the baseline's deciles and what is beyond either end of it; half a score is
    added to every bin, so that none is empty. Any strictly increasing map of both leaves it as it
    is, a manifest's transform for one.

    Args:
        baseline: Earlier scores.
        scores: What is compared with them.

    Returns:
        None where either are too few.
    """
    if min(len(baseline), len(scores)) < MIN_SCORES:
        return None
    inner = np.arange(_QUANTILES + 1) / _QUANTILES
    edges = np.unique(np.quantile(baseline, inner, method="inverted_cdf"))
    edges = np.concatenate(([np.nextafter(edges[0], -np.inf)], edges))
    p, q = _shares(edges, baseline), _shares(edges, scores)
    return float(np.sum((q - p) * np.log(q / p)))


def _shares(edges: Floats, values: Floats) -> Floats:
    """The share of values in each bin, none of them 0; an edge is in the bin below it."""
    bins = len(edges) + 1
    counts = np.bincount(np.searchsorted(edges, values), minlength=bins)
    return np.asarray((counts + _SMOOTHING) / (len(values) + bins * _SMOOTHING))
