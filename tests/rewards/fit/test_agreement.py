"""Agreement is with pairs that have an order and were paid; redraws are of groups."""

from __future__ import annotations

import numpy as np
import pytest

from harmo.rewards.fit import Pairs, agreements
from harmo.rewards.fit.agreement import comparable
from harmo.rewards.fit.weights import held_out
from tests.rewards.fit import made

NAN = float("nan")


def pairs(differences, rewards=None, towards=None, groups=None) -> Pairs:
    table = np.array(differences, dtype=float)
    count = len(table)
    return Pairs(
        columns=tuple("abcd"[: table.shape[1]]),
        groups=np.arange(count) if groups is None else np.array(groups),
        differences=table,
        known=np.ones(table.shape, dtype=bool),
        rewards=table.sum(axis=1) if rewards is None else np.array(rewards, dtype=float),
        towards=np.ones(count) if towards is None else np.array(towards),
    )


def shares(found) -> dict[str, float]:
    return {each.name: each.share for each in found}


def test_a_pair_without_an_order_counts_half():
    said = pairs([[1, -1], [0, 1], [-1, -1], [1, 0]])
    found = shares(agreements(said, {"equal": np.ones(2)}))
    assert found["a alone"] == 2.5 / 4
    assert found["b alone"] == 1.5 / 4
    assert found["present"] == found["equal"] == (0.5 + 1 + 0 + 1) / 4


def test_rounding_is_no_order():
    said = pairs([[1.0], [1.0]], rewards=[0.1 + 0.2 - 0.3, 1.0])
    assert shares(agreements(said, {}))["present"] == 0.75


COUNTED = [
    ([1.0, 1.0, 1.0], [1.0, 0.5, 1.0], [True, False, True], "ties have no order"),
    ([1.0, NAN, 1.0], [1.0, 1.0, 1.0], [True, False, True], "one side was not paid"),
    ([NAN, NAN, NAN], [1.0, 0.5, 1.0], [True, False, True], "none was ever paid"),
]


@pytest.mark.parametrize(("rewards", "towards", "expected", "why"), COUNTED)
def test_what_counts(rewards, towards, expected, why):
    said = pairs([[1.0], [-1.0], [1.0]], rewards=rewards, towards=towards)
    assert comparable(said).tolist() == expected, why
    assert shares(agreements(said, {}))["a alone"] == 1.0


def test_intervals_are_over_groups():
    """A thousand pairs of twelve groups that agree or not as one say as little as twelve."""
    draw = np.random.default_rng(0)
    signs = draw.choice([-1.0, 1.0], 12)
    many = pairs(np.repeat(signs, 100)[:, None], groups=np.repeat(np.arange(12), 100))
    few = pairs(signs[:, None])
    wide, alone = (
        next(a for a in agreements(said, {}) if a.name == "a alone").interval
        for said in (many, few)
    )
    assert wide == pytest.approx(alone)
    assert wide[1] - wide[0] > 0.4


def test_the_fitted_are_ahead_of_the_present_where_the_present_weigh_badly():
    draw = np.random.default_rng(1)
    scores = made.drawn_scores(draw, "bn", groups=150, members=8)
    found = made.siblings(scores, groups=150, rewards=scores @ [0.1, 1.0])
    said = Pairs.of(found, made.preferred(draw, found, (4.0, 0.2), pairs=4).preferences)
    fitted, present, *_ = agreements(said, {})
    assert (fitted.lead, fitted.lead_interval) == (None, None)
    assert present.lead == pytest.approx(fitted.share - present.share)
    assert present.lead_interval[0] > 0.1


def test_noise_is_not_agreed_with_out_of_sample():
    """On the pairs that it was fitted to it would be; held out it is a coin."""
    found = []
    for seed in range(60):
        d = np.random.default_rng(seed).normal(size=(40, 12))
        ahead = held_out(pairs(d), folds=5)
        found.append(np.mean(ahead > 0) + np.mean(ahead == 0) / 2)
    assert np.mean(found) == pytest.approx(0.5, abs=0.05)


def test_two_groups_are_enough_to_hold_one_out():
    assert shares(agreements(pairs([[1.0], [1.0]]), {}))["fitted"] == 1.0
