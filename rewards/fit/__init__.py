"""Weights of a recipe's columns, fitted to what people prefer, and what such a fit cannot say."""

from harmo.rewards.fit.agreement import Agreement, agreements
from harmo.rewards.fit.columns import ACCURACY, Weighed, left_behind, weighed
from harmo.rewards.fit.doubts import Doubt, doubts
from harmo.rewards.fit.pairs import Pairs, Siblings
from harmo.rewards.fit.rewrite import rewritten
from harmo.rewards.fit.scale import Scaled, scaled
from harmo.rewards.fit.statements import Settled, of_labels, settled
from harmo.rewards.fit.weights import Fit, fit

__all__ = [
    "ACCURACY",
    "Agreement",
    "Doubt",
    "Fit",
    "Pairs",
    "Scaled",
    "Settled",
    "Siblings",
    "Weighed",
    "agreements",
    "doubts",
    "fit",
    "left_behind",
    "of_labels",
    "rewritten",
    "scaled",
    "settled",
    "weighed",
]
