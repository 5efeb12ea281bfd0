"""A fit says what it cannot say."""

from __future__ import annotations

import numpy as np
import pytest

from harmo.rewards.fit import Pairs, Siblings, agreements, doubts, fit, scaled
from tests.rewards.fit import made


def codes(found: Siblings, pairs: Pairs) -> dict[str, str]:
    """Of every doubt, with what it says."""
    now = [1.0] * len(found.columns)
    fitted = fit(pairs, count=100)
    weights = scaled(fitted, found, now)
    said = doubts(pairs, fitted, weights, agreements(pairs, {}, count=100))
    return {doubt.code: doubt.message for doubt in said}


def good(seed: int = 0, kinds: str = "bn", true=(3.0, 0.4), **sizes):
    """Preferences that the present weights (1, 1) do not agree with as well as others would."""
    return made.judged(seed, kinds, true, **{"groups": 200, **sizes})


ROWS = [
    (good(), set(), "enough pairs, two columns, better weights"),
    (good(groups=8), {"few_groups", "no_better", "one_is_enough"}, "too few for intervals"),
    (good(groups=15, pairs=8), {"few_groups"}, "too few for two columns"),
    (good(kinds="b=n", true=(3.0, 0.0, 0.4)), {"alike"}, "one column twice"),
    (good(kinds="bnc", true=(3.0, 0.4, 0.0)), {"alike"}, "two that are nearly one"),
    (good(kinds="bn0", true=(3.0, 0.4, 1.0)), {"no_say"}, "one that never differs"),
    (good(true=(3.0, -0.4)), {"at_zero", "one_is_enough"}, "one that is disliked"),
    (good(true=(-3.0, -0.4)), {"nothing"}, "all of them disliked"),
    (good(true=(1.0, 1.0)), {"no_better"}, "the present weights are the best"),
    (good(true=(60.0, 0.0)), {"unbounded"}, "one that is always followed"),
]


@pytest.mark.parametrize(("made_", "expected", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_each_doubt_is_said_where_it_is_one(made_, expected, why):
    siblings, pairs = made_
    if expected == {"unbounded"}:
        clear = pairs.differences[:, 0] > 0
        fields = {name: getattr(pairs, name)[clear] for name in pairs.__slots__[1:]}
        fields["groups"] = np.unique(fields["groups"], return_inverse=True)[1]
        pairs = Pairs(columns=pairs.columns, **fields)
    assert expected <= set(codes(siblings, pairs))
    if not expected:
        assert codes(siblings, pairs) == {}


def test_columns_that_say_the_opposite_share_nothing():
    """The weight of one takes from the other's: other weights fit as well, no other shares."""
    said = codes(*good(kinds="b-n", true=(3.0, 0.0, 0.4)))["alike"]
    assert "a and b differ together, or against each other, in every pair" in said
    assert "share" not in said


def test_worse_weights_are_not_to_be_taken():
    """Two labels that few pairs speak of, against a present recipe that is the truth."""
    draw = np.random.default_rng(0)
    scores = made.drawn_scores(draw, "n" * 8, groups=40, members=8)
    truth = scores @ np.array([1.0, 0, 0, 0, 0, 0, 0, 0])
    hidden = made.siblings(np.round(scores * 0.4), groups=40, rewards=truth * 5)
    said = made.preferred(draw, made.siblings(truth[:, None], groups=40), (5.0,), pairs=3)
    found = codes(hidden, Pairs.of(hidden, said.preferences))
    assert "keep it" in found["worse"]


def test_missing_scores_are_counted():
    siblings, pairs = good()
    known = pairs.known.copy()
    known[: len(known) // 2, 1] = False
    fields = {name: getattr(pairs, name) for name in pairs.__slots__}
    said = codes(siblings, Pairs(**{**fields, "known": known}))
    assert "50% of the pairs" in said["missing"]
