"""Known weights are found again, within intervals that are as wide as they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harmo.rewards.fit import Pairs, fit, scaled
from harmo.rewards.fit.redraws import FEWEST_GROUPS, interval
from harmo.rewards.fit.weights import RIDGE, held_out
from tests.rewards.fit import made

KNOWN = [
    ("nn", (1.5, 0.5), 150, 4, "two that are normal"),
    ("bun", (2.0, 1.0, 0.3), 150, 4, "a rule, a model and one of little weight"),
    ("bunu", (1.5, 2.0, 0.4, 0.7), 300, 2, "many groups, few pairs"),
    ("bn", (1.0, 1.0), 60, 12, "few groups, many pairs"),
    ("nnc", (1.0, 0.8, 0.0), 200, 4, "one nearly the same as another"),
]
SEEDS, REDRAWS = 20, 120


@pytest.mark.parametrize(
    ("kinds", "true", "groups", "pairs", "why"), KNOWN, ids=[r[4] for r in KNOWN]
)
def test_known_weights_are_within_their_intervals(kinds, true, groups, pairs, why):
    inside, asked = 0, 0
    for seed in range(SEEDS):
        _, said = made.judged(seed, kinds, true, groups=groups, pairs=pairs)
        found = fit(said, count=REDRAWS, seed=seed)
        for k, weight in enumerate(true):
            low, high = interval(found.redrawn[k])
            inside += low - 1e-9 <= weight <= high + 1e-9
            asked += 1
    # Of 40 and more intervals of 95%: fewer than 86% inside would be chance once in a thousand.
    assert inside / asked >= 0.86, f"{inside} of {asked}: {why}"


def test_recipe_weights_are_within_theirs_too():
    """The scale is drawn again with the weights: what is asked is how they compare."""
    true, now, inside = np.array([2.0, 1.0, 0.3]), np.array([1.0, 0.5, 0.5]), 0
    for seed in range(SEEDS):
        siblings, pairs = made.judged(seed, "bun", true, groups=150)
        found = scaled(fit(pairs, count=REDRAWS, seed=seed), siblings, now)
        covariance = siblings.covariance()
        known = true * np.sqrt((now @ covariance @ now) / (true @ covariance @ true))
        inside += sum(
            low <= weight <= high
            for weight, (low, high) in zip(known, found.intervals, strict=True)
        )
    assert inside / (3 * SEEDS) >= 0.86


def test_what_is_disliked_is_at_the_bound():
    _, pairs = made.judged(0, "nnn", (1.0, -1.0, 0.0), groups=150)
    found = fit(pairs, count=100)
    assert found.weights[0] > 0.5
    assert found.weights[1] == 0.0
    assert (found.redrawn[1] == 0).all()
    assert 0.1 < (found.redrawn[2] == 0).mean() < 1.0


def test_columns_that_are_the_same_share_what_they_are_worth():
    _, pairs = made.judged(0, "n=", (1.0, 0.0), groups=200)
    found = fit(pairs, count=100)
    worth = found.weights * found.sizes
    assert worth[0] == pytest.approx(worth[1], rel=1e-3)
    assert found.weights @ [1.0, 2.0] == pytest.approx(1.0, abs=0.3)


SEPARATED = [
    ((40.0, 0.0), [True, False], "one that is always followed"),
    ((1.0, 0.5), [False, False], "people who err"),
]


@pytest.mark.parametrize(("true", "expected", "why"), SEPARATED, ids=[r[2] for r in SEPARATED])
def test_a_weight_that_only_the_ridge_holds_is_said_to_be_so(true, expected, why):
    _, pairs = made.judged(0, "bn", true, groups=100)
    clear = pairs.differences[:, 0] != 0 if expected[0] else np.ones(len(pairs.groups), bool)
    kept = Pairs(
        columns=pairs.columns,
        groups=np.unique(pairs.groups[clear], return_inverse=True)[1],
        differences=pairs.differences[clear],
        known=pairs.known[clear],
        rewards=pairs.rewards[clear],
        towards=np.ones(int(clear.sum())),
    )
    found = fit(kept, count=50)
    assert found.unbounded.tolist() == expected, why
    assert np.isfinite(found.weights).all()
    assert np.isfinite(found.redrawn).all()


def test_a_column_in_which_no_pair_differs_has_no_weight_and_leaves_the_others_theirs():
    siblings, pairs = made.judged(0, "n0n", (1.0, 5.0, 0.5), groups=100)
    found = fit(pairs, count=50)
    assert np.isnan(found.weights).tolist() == [False, True, False]
    assert found.told.tolist() == [True, False, True]
    kept = scaled(found, siblings, [1.0, 0.25, 1.0])
    assert kept.weights[1] == 0.25
    assert (kept.intervals[1], kept.at_zero[1]) == (None, None)


def test_rounding_is_no_difference():
    """A column that says 0.3 of everybody, summed in one order or another."""
    siblings, _ = made.judged(0, "n0", (1.0, 0.0), groups=50)
    scores = siblings.scores.copy()
    scores[::2, 1] = 0.1 + 0.2
    scores[1::2, 1] = 0.3
    noisy = made.siblings(scores, groups=50)
    said = made.preferred(np.random.default_rng(0), noisy, (1.0, 0.0), pairs=4).preferences
    found = fit(Pairs.of(noisy, said), count=40)
    assert found.told.tolist() == [True, False]
    assert scaled(found, noisy, [1.0, 0.25]).weights[1] == 0.25


def test_a_missing_score_has_no_say_on_its_column_and_the_pair_keeps_the_others():
    draw = np.random.default_rng(0)
    scores = made.drawn_scores(draw, "nn", groups=300, members=8)
    found = made.siblings(scores, groups=300)
    said = made.preferred(draw, found, (1.0, 1.0), pairs=4).preferences
    holes = scores.copy()
    holes[draw.random(len(holes)) < 0.3, 1] = np.nan
    pairs = Pairs.of(made.siblings(holes, groups=300), said)
    assert 0.4 < pairs.known[:, 1].mean() < 0.6
    assert (pairs.differences[~pairs.known] == 0).all()
    fitted = fit(pairs, count=100)
    low, high = interval(fitted.redrawn[1])
    assert low <= 1.0 <= high
    assert fitted.weights[0] == pytest.approx(1.0, abs=0.25)


def test_too_few_groups_have_weights_and_no_intervals():
    siblings, pairs = made.judged(0, "nn", (1.0, 0.5), groups=FEWEST_GROUPS - 1)
    found = scaled(fit(pairs), siblings, [1.0, 1.0])
    assert found.intervals == (None, None)
    assert found.at_zero == (None, None)


def test_ties_pull_weights_towards_nothing():
    _, pairs = made.judged(0, "n", (2.0,), groups=50)
    ties = np.full(len(pairs.groups), 0.5)
    fields = {name: getattr(pairs, name) for name in pairs.__slots__}
    tied = Pairs(**{**fields, "towards": ties})
    assert fit(tied, count=40).weights[0] == pytest.approx(0.0, abs=1e-6)


def test_the_same_seed_gives_the_same_intervals():
    _, pairs = made.judged(0, "nn", (1.0, 0.5), groups=40)
    one, same, other = (fit(pairs, count=60, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.redrawn, same.redrawn)
    assert (one.redrawn != other.redrawn).any()


def test_a_pair_is_held_out_with_its_whole_group():
    """Weights that never saw a group do not know which of its twins was liked."""
    groups, draw = 60, np.random.default_rng(3)
    scores = np.zeros((2 * groups, groups))
    scores[2 * np.arange(groups), np.arange(groups)] = draw.choice([-1.0, 1.0], groups)
    found = made.siblings(np.column_stack([scores]), groups=groups)
    found = type(found)(
        columns=tuple(map(str, range(groups))),
        groups=found.groups,
        scores=found.scores,
        rewards=found.rewards,
    )
    said = made.settled([(g, 2 * g, 2 * g + 1, False) for g in range(groups)])
    assert (held_out(Pairs.of(found, said.preferences), folds=5) == 0).all()


def test_the_scale_of_what_is_held_out_is_not_known():
    """A group of far larger scores changes nothing of what is said of it by the others."""
    _, pairs = made.judged(0, "nn", (1.0, 0.5), groups=10, pairs=2)
    own = pairs.groups == 0
    larger = replace(pairs, differences=np.where(own[:, None], 100.0, 1.0) * pairs.differences)
    before, after = (held_out(each, folds=10)[own] for each in (pairs, larger))
    np.testing.assert_allclose(after, 100.0 * before)


def test_the_ridge_moves_what_a_hundred_pairs_speak_of_by_little():
    _, pairs = made.judged(0, "n", (1.0,), groups=25)
    assert len(pairs.groups) > 90
    found = fit(pairs, count=40).weights[0]
    information = 0.2 * len(pairs.groups) * pairs.sizes[0] ** 2
    assert RIDGE * found / information < 0.02
