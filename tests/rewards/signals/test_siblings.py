"""Statistics within groups, against their definitions and by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from harmo.rewards.signals.samples import Samples
from harmo.rewards.signals.siblings import MIN_GROUPS, duplicate_ratio, reward_shares, spearman
from tests.rewards.signals import made

SEEDS = range(25)
COLUMNS = {0: "a", 1: "b", 2: "c"}
ANCHOR = [
    (1.0, 0.45, 0.2, 0.06),
    (1.0, 0.1, 0.2, -0.02),
    (0.0, 0.35, 0.2, 0.0),
    (0.0, 0.05, 0.2, -0.1),
]
"""Rule, model, a constant format and length, weights included (the reward sheet's example)."""


def times(group, count: int = MIN_GROUPS) -> list:
    return [group] * count


def shares_of(group, count: int = MIN_GROUPS) -> list[float]:
    found = made.samples(*times(group, count))
    return list(reward_shares(found, dict(enumerate("abcdef"[: len(group[0])]))).values())


SHARES = [
    (ANCHOR, (0.772, 0.149, 0.0, 0.079), "a constant column moves nobody, whatever it pays"),
    ([(1.0, 0.0), (0.0, 0.0)], (1.0, 0.0), "what alone differs has it all"),
    ([(0.0, 0.01), (0.0, 0.0)], (0.0, 1.0), "however small: group scaling blows it up"),
    ([(1.0, 1.0), (0.0, 0.0)], (0.5, 0.5), "equal columns share"),
    ([(2.0, -1.0), (0.0, 0.0)], (2.0, -1.0), "what works against the reward is below 0"),
    ([(1.0, 0.0), (0.0, 1.0), (0.0, 0.0)], (0.5, 0.5), "opposed, and equal in what they move"),
    ([(1e12, 0.0), (0.0, 0.0)], (1.0, 0.0), "large numbers"),
    ([(3e300, 1e300), (0.0, 0.0)], (0.75, 0.25), "squares that would overflow"),
    ([(1e308, 0.5e308), (0.0, 0.0)], (2 / 3, 1 / 3), "sums that would overflow"),
    ([(1e8 + 1, 0.0), (1e8, 0.0)], (1.0, 0.0), "a little on top of a lot"),
    ([(1.0, 5e-324), (0.0, 0.0)], (1.0, 0.0), "the smallest number there is"),
]


@pytest.mark.parametrize(("group", "expected", "why"), SHARES, ids=[row[2] for row in SHARES])
def test_shares_of_what_siblings_differ_by(group, expected, why):
    assert shares_of(group) == pytest.approx(expected, abs=5e-4), why


def test_shares_are_not_shares_of_the_mean():
    means = np.abs(np.array(ANCHOR).mean(axis=0))
    assert shares_of(ANCHOR)[2] == 0.0
    assert means[2] / means.sum() == pytest.approx(0.21, abs=0.005)


NO_SHARES = [
    (times([(1.0, 0.0), (0.0, 0.0)], MIN_GROUPS - 1), "too few groups"),
    (times([(1.0, 0.0)]), "nobody has a sibling"),
    (times([(1.0, 0.5), (1.0, 0.5)]), "all rewards are equal"),
    (times([(1.0, -1.0), (0.0, 0.0)]), "columns that cancel out"),
    (times([(1.0, -0.95), (0.0, 0.0)]), "columns that nearly do"),
    (times([(1e-7, 0.0), (0.0, 0.0)]), "closer than what counts as zero variance"),
    (times([(1e12, -1e12 + 1e-3), (1e12, -1e12)]), "differences that are rounding"),
    ([], "nothing at all"),
]


@pytest.mark.parametrize(("groups", "why"), NO_SHARES, ids=[row[1] for row in NO_SHARES])
def test_no_shares_where_there_is_nothing_to_share(groups, why):
    assert reward_shares(made.samples(*groups, columns=2), {0: "a", 1: "b"}) == {}, why


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_are_those_of_exact_arithmetic_and_sum_to_one(seed):
    found = made.rewarded(seed, groups=60)
    got = reward_shares(found, COLUMNS)
    by_group = [made.variance_shares(group) for group in made.split(found, *found.scores.T)]
    known = [shares for shares in by_group if shares is not None]
    exact = [float(sum(column) / len(known)) for column in zip(*known, strict=True)]
    assert list(got.values()) == pytest.approx(exact, abs=1e-9)
    assert sum(got.values()) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_share_is_beyond_ten_however_columns_cancel_out(seed):
    draw = np.random.default_rng(seed)
    one = draw.normal(size=400)
    two = -one * draw.choice([1.0, 0.99, 0.9, 0.85, 0.5], 400)
    pairs = list(zip(one.tolist(), two.tolist(), strict=True))
    found = made.samples(*[pairs[at : at + 2] for at in range(0, 400, 2)])
    got = reward_shares(found, {0: "a", 1: "b"})
    assert max(map(abs, got.values())) <= 10.0
    assert sum(got.values()) == pytest.approx(1.0)


def test_every_group_counts_alike_whatever_its_spread():
    """A trainer that scales by the group's deviation makes all groups equal."""
    wide, narrow = [(100.0, 0.0), (0.0, 0.0)], [(0.0, 0.001), (0.0, 0.0)]
    found = made.samples(*times(wide, 8), *times(narrow, 24))
    assert reward_shares(found, {0: "a", 1: "b"}) == pytest.approx({"a": 0.25, "b": 0.75})


def rho(*pairs: tuple[float, float], count: int = MIN_GROUPS) -> float | None:
    found = made.samples(*times(pairs, count))
    return spearman(found, found.scores[:, 0], found.scores[:, 1])


CORRELATIONS = [
    (((1, 10), (2, 20), (3, 90)), 1.0, "the order counts, not the distance"),
    (((1, 30), (2, 20), (3, 10)), -1.0, "the other way round"),
    (((1, 1), (2, 2)), 1.0, "two are enough"),
    (((0, 1), (0, 2), (1, 3), (1, 4)), 2 / 5**0.5, "ties share their mean rank"),
    (((1, 2), (2, 1), (3, 2), (2, 3)), 0.0, "no relation"),
    (((1e12, 1), (-1e12, 0), (0, 0.5)), 1.0, "large numbers"),
    (((5e-324, 1), (0, 0)), 1.0, "the smallest number there is is above 0"),
    (((-0.0, 1), (0.0, 2), (1, 3)), 0.75**0.5, "minus zero is zero"),
    (((1, 5), (1, 7)), None, "a column that is constant has no rank"),
    (((1, 5), (2, 5)), None, "nor has a constant length"),
    (((1, 5),), None, "nobody has a sibling"),
    (((1, 5), (2, None), (None, 6)), None, "one of the two is missing in all pairs but one"),
    (((1, 5), (2, 6), (None, 6)), 1.0, "what lacks a score is left out"),
]


@pytest.mark.parametrize(
    ("group", "expected", "why"), CORRELATIONS, ids=[r[2] for r in CORRELATIONS]
)
def test_rank_correlation_within_a_group(group, expected, why):
    assert rho(*group) == (None if expected is None else pytest.approx(expected)), why


def test_groups_without_an_order_are_left_out_of_the_mean():
    varied, flat = [(1.0, 1.0), (2.0, 2.0)], [(1.0, 1.0), (1.0, 2.0)]
    found = made.samples(*times(varied), *times(flat, 50))
    assert spearman(found, found.scores[:, 0], found.scores[:, 1]) == 1.0
    few = made.samples(*times(varied, MIN_GROUPS - 1), *times(flat, 50))
    assert spearman(few, few.scores[:, 0], few.scores[:, 1]) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_rank_correlation_is_the_mean_of_its_definition(seed):
    found = made.drawn(seed, groups=40)
    for x, y in pairwise(found.scores.T):
        by_group = [made.rank_correlation(*group) for group in made.split(found, x, y)]
        assert spearman(found, x, y) == pytest.approx(made.mean(by_group, MIN_GROUPS), abs=1e-12)


def shuffled(found: Samples, seed: int) -> Samples:
    """The same samples, siblings in another order."""
    keys = np.random.default_rng(seed).random(len(found.groups))
    order = np.lexsort((keys, found.groups))
    return replace(found, **{name: getattr(found, name)[order] for name in found.__slots__})


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_siblings_makes_no_difference(seed):
    found = made.drawn(seed, groups=40)
    other = shuffled(found, seed)
    assert not np.array_equal(found.scores, other.scores, equal_nan=True)
    assert spearman(other, *other.scores.T[:2]) == pytest.approx(
        spearman(found, *found.scores.T[:2]), abs=1e-12
    )
    assert duplicate_ratio(other) == duplicate_ratio(found)
    rewarded = made.rewarded(seed, groups=40)
    assert reward_shares(shuffled(rewarded, seed), COLUMNS) == pytest.approx(
        reward_shares(rewarded, COLUMNS), abs=1e-9
    )


def with_texts(*groups: str) -> Samples:
    """Groups of samples, a letter for each text."""
    found = made.samples(*([(0.0,)] * len(group) for group in groups))
    return replace(found, texts=np.array([float(ord(text)) for text in "".join(groups)]))


DUPLICATES = [
    (["abcd"] * 16, 0.0, "all differ"),
    (["aaaa"] * 16, 1.0, "all are the same"),
    (["aabc"] * 16, 0.5, "both of a pair count"),
    (["aabb"] * 16, 1.0, "two pairs"),
    (["ab"] * 15 + ["aa"], 2 / 32, "the same words in another group are no sibling's"),
    ([*(["ab"] * 16), *("c" * 40)], 0.0, "those without siblings are left out"),
    (["aa"] * 15, None, "too few groups"),
    ([*(["aa"] * 15), "b"], None, "a group of one is none"),
]


@pytest.mark.parametrize(("groups", "expected", "why"), DUPLICATES, ids=[r[2] for r in DUPLICATES])
def test_completions_that_say_what_a_sibling_says(groups, expected, why):
    assert duplicate_ratio(with_texts(*groups)) == expected, why


@pytest.mark.parametrize("seed", SEEDS)
def test_duplicates_are_those_that_counting_finds(seed):
    found = made.drawn(seed, groups=40)
    found = replace(found, texts=np.random.default_rng(seed).integers(0, 6, len(found.groups)) / 2)
    texts = [group[0] for group in made.split(found, found.texts)]
    siblings = [group for group in texts if len(group) > 1]
    assert duplicate_ratio(found) == sum(map(made.twins, siblings)) / sum(map(len, siblings))
