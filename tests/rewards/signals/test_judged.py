"""Models against rules and against themselves, by definition and by hand."""

from __future__ import annotations

from math import isfinite, log, nan

import numpy as np
import pytest

from harmo.rewards.correctness import settle_correctness
from harmo.rewards.signals.judged import (
    MIN_RIGHT,
    MIN_SCORES,
    drift,
    fooled_ratio,
    model_auc,
    right,
)
from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.siblings import MIN_GROUPS
from harmo.scorers.types import Group, Sample
from tests.rewards import tables
from tests.rewards.signals import made

SEEDS = range(25)


def auc(*rows: tuple[float | None, float | None], count: int = MIN_GROUPS) -> float | None:
    """Of groups that all have these scores and verdicts."""
    found = made.samples(*[rows] * count)
    return model_auc(found, *found.scores.T)


AUCS = [
    (((0.9, 1), (0.1, 0)), 1.0, "the right one is above"),
    (((0.1, 1), (0.9, 0)), 0.0, "the wrong one is above"),
    (((0.5, 1), (0.5, 0)), 0.5, "a tie is half"),
    (((0.9, 1), (0.5, 1), (0.5, 0), (0.1, 0)), 3.5 / 4, "three pairs and a tie"),
    (((1e12, 1), (-1e12, 0)), 1.0, "large numbers"),
    (((5e-324, 1), (0.0, 0)), 1.0, "the smallest number there is"),
    (
        ((0.9, 1), (0.1, 0), (None, 0), (5.0, None)),
        1.0,
        "what one of them did not judge is left out",
    ),
    (((0.9, 1), (0.1, 1)), None, "all are right"),
    (((0.9, 0), (0.1, 0)), None, "all are wrong"),
    (((0.9, 1),), None, "nobody has a sibling"),
    (((None, 1), (0.1, 0)), None, "the model abstains on every right one"),
]


@pytest.mark.parametrize(("rows", "expected", "why"), AUCS, ids=[row[2] for row in AUCS])
def test_how_well_a_model_tells_right_from_wrong_siblings(rows, expected, why):
    assert auc(*rows) == expected, why


def test_too_few_groups_with_both_say_nothing():
    assert auc((0.9, 1), (0.1, 0), count=MIN_GROUPS - 1) is None


def test_a_model_that_only_knows_which_prompts_are_easy_has_half():
    """Pooled over prompts it would come out at 1 - 1/16."""
    easy = [[(0.9, 1)] * 3 + [(0.9, 0)]] * MIN_GROUPS
    hard = [[(0.1, 0)] * 3 + [(0.1, 1)]] * MIN_GROUPS
    found = made.samples(*easy, *hard)
    assert model_auc(found, *found.scores.T) == 0.5
    assert made.pair_auc(*found.scores.T) == pytest.approx(0.75)


@pytest.mark.parametrize("seed", SEEDS)
def test_auc_is_the_mean_over_groups_of_counted_pairs_and_only_the_order_counts(seed):
    found = made.drawn(seed, groups=60, columns=2)
    scores, verdicts = found.scores[:, 0], (found.scores[:, 1] > 0).astype(float)
    verdicts[np.isnan(found.scores[:, 1])] = nan
    by_group = [made.pair_auc(*group) for group in made.split(found, scores, verdicts)]
    got = model_auc(found, scores, verdicts)
    assert got == pytest.approx(made.mean(by_group, MIN_GROUPS), abs=1e-12)
    for monotone in (np.exp, np.arctan, lambda s: 1e9 * s - 7):
        assert model_auc(found, monotone(scores), verdicts) == pytest.approx(got, abs=1e-12)
    assert model_auc(found, -scores, verdicts) == pytest.approx(1.0 - got, abs=1e-12)


def fooled(*pairs: tuple[float, float]) -> float | None:
    scores, verdicts = np.array(pairs, dtype=float).reshape(-1, 2).T
    return fooled_ratio(scores, verdicts)


RIGHTS = [(0.8, 1.0)] * (MIN_RIGHT // 2) + [(0.6, 1.0)] * (MIN_RIGHT - MIN_RIGHT // 2)
FOOLED = [
    ([*RIGHTS, *[(0.5, 0.0)] * 32], 0.0, "wrong ones are below the median of the right ones"),
    ([*RIGHTS, *[(0.9, 0.0)] * 32], 0.5, "wrong ones are above"),
    ([*RIGHTS, *[(0.6, 0.0)] * 32], 0.5, "as high as the median is high"),
    ([*RIGHTS, *[(0.9, 0.0)] * 8, *[(0.1, 0.0)] * 24], 8 / 64, "of all, not of the wrong ones"),
    ([*RIGHTS, (nan, 0.0), (0.9, nan)], 0.0, "what one of them did not judge is left out"),
    ([(0.5, 1.0)] * 32 + [(0.5, 0.0)] * 32, 0.5, "a model that says one thing has all wrong ones"),
    (RIGHTS[1:], None, "too few right ones"),
    ([(0.9, 0.0)] * 500, None, "no right ones"),
    ([], None, "nothing at all"),
]


@pytest.mark.parametrize(("pairs", "expected", "why"), FOOLED, ids=[row[2] for row in FOOLED])
def test_completions_that_fool_a_model(pairs, expected, why):
    assert fooled(*pairs) == expected, why


RULES = [
    ("r", "one rule"),
    ("rr", "several count by their mean"),
    ("rrr", "of three one may be missing for a whole group"),
]


@pytest.mark.parametrize(("columns", "why"), RULES, ids=[row[1] for row in RULES])
@pytest.mark.parametrize("seed", range(10))
def test_right_is_what_the_service_calls_right(columns, why, seed):
    plan = tables.plan(columns=columns)
    draw = np.random.default_rng(seed)
    table = draw.choice([0.0, 0.4, 0.5, 1.0], (40, len(columns)))
    missing = draw.random(table.shape) < 0.15
    missing[:20, 0] = True
    table[missing] = nan
    groups = [table[at : at + 5] for at in range(0, 40, 5)]
    expected = [
        verdict
        for group in groups
        for verdict in settle_correctness(plan, as_group(group), tables.rows(as_cells(group)))
    ]
    found = right(made.samples(*groups), Layout.of(plan).judges)
    assert [None if np.isnan(v) else bool(v) for v in found] == expected, why
    assert {True, False, None} <= set(expected)


def as_cells(group: np.ndarray) -> list[list[float | None]]:
    return [[tables.DEADLINE if np.isnan(c) else float(c) for c in row] for row in group]


def as_group(group: np.ndarray) -> Group:
    return Group(id="g", samples=tuple(Sample() for _ in group), size=len(group))


def test_what_no_rule_judged_is_neither_right_nor_wrong():
    plan = tables.plan(columns="mr")
    found = made.samples([(0.5, None), (0.5, 1.0)], [(0.5, None), (0.5, None)])
    np.testing.assert_equal(right(found, Layout.of(plan).judges), [nan, 1.0, nan, nan])
    np.testing.assert_equal(right(found, {}), [nan] * 4)


def normal(seed: int, *, mean: float = 0.0, std: float = 1.0, count: int = MIN_SCORES):
    return np.random.default_rng(seed).normal(mean, std, count)


ZEROS, ONES = np.zeros(MIN_SCORES), np.ones(MIN_SCORES)
COIN = np.concatenate((ZEROS[::2], ONES[::2]))
DRIFTS = [
    (normal(1), normal(2), 0.0, 0.06, "the same source"),
    (normal(1), normal(2, mean=0.5), 0.2, 0.4, "half a deviation up"),
    (normal(1), normal(2, mean=-0.5), 0.2, 0.4, "half a deviation down"),
    (normal(1), normal(2, std=2.0), 0.3, 1.5, "as high, but wider"),
    (normal(1), normal(2, mean=1e12), 5.0, 20.0, "all are beyond"),
    (ONES, ONES, 0.0, 0.0, "one number, and again"),
    (ONES, ZEROS, 5.0, 20.0, "below the one number there was"),
    (ZEROS, ONES, 5.0, 20.0, "above it"),
    (COIN, COIN, 0.0, 0.0, "two numbers, as often"),
    (COIN, np.concatenate((ZEROS[::4], ONES[::4], ONES[::2])), 0.2, 0.4, "two, one more often"),
    (ZEROS, np.full(MIN_SCORES, 5e-324), 5.0, 20.0, "the smallest number there is"),
]


@pytest.mark.parametrize(
    ("before", "after", "least", "most", "why"), DRIFTS, ids=[r[4] for r in DRIFTS]
)
def test_drift_of_scores(before, after, least, most, why):
    assert least <= drift(before, after) <= most + 1e-12, why
    assert drift(before, after) == pytest.approx(made.stability_index(before, after)), why


def test_drift_between_two_coins_by_hand():
    """Half a score is added to all four bins: below, 0, 1 and beyond."""
    before, after = COIN, np.concatenate((ZEROS[::4], ONES[::4], ONES[::2]))
    of = MIN_SCORES + 2.0
    p, low, high = 512.5 / of, 256.5 / of, 768.5 / of
    expected = (low - p) * log(low / p) + (high - p) * log(high / p)
    assert drift(before, after) == pytest.approx(expected)


def test_drift_needs_enough_scores_on_both_sides():
    assert drift(normal(1)[1:], normal(2)) is None
    assert drift(normal(1), normal(2)[1:]) is None
    assert drift(np.zeros(0), np.zeros(0)) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_drift_is_that_of_any_increasing_map_of_the_scores(seed):
    """What a manifest's transform makes of raw scores drifts as they do."""
    before, after = normal(seed), normal(seed + 100, mean=0.3)
    got = drift(before, after)
    for monotone in (lambda s: 1 / (1 + np.exp(-s)), np.arctan, lambda s: 1e6 * s + 5):
        assert drift(monotone(before), monotone(after)) == pytest.approx(got)


def test_drift_by_chance_alone_stays_below_the_usual_threshold():
    """Siblings are alike: of scores half of whose variance is their prompt's."""
    draw = np.random.default_rng(0)

    def scores(groups: int) -> np.ndarray:
        prompts = draw.normal(size=(groups, 1))
        return (prompts + draw.normal(size=(groups, 8))).ravel()

    found = [drift(scores(MIN_SCORES // 8), scores(MIN_SCORES // 8)) for _ in range(50)]
    assert max(found) < 0.2
    assert np.mean(found) < 0.12


def test_statistics_stand_hostile_numbers():
    draw = np.random.default_rng(3)
    huge = draw.choice([1e12, -1e12, 5e-324, -5e-324, 0.0, nan], (64 * 32, 2))
    found = made.samples(*[[list(row) for row in huge[at : at + 32]] for at in range(0, 2048, 32)])
    verdicts = right(found, {1: 1.0})
    for value in (
        model_auc(found, found.scores[:, 0], verdicts),
        fooled_ratio(found.scores[:, 0], verdicts),
    ):
        assert value is not None
        assert isfinite(value)
        assert 0.0 <= value <= 1.0
    known = found.scores[:, 0][~np.isnan(found.scores[:, 0])]
    moved = drift(known[:MIN_SCORES], np.resize(known[::-1] / 3, MIN_SCORES))
    assert isfinite(moved)
    assert moved >= 0.0
