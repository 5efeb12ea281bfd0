"""From several outputs to one number, and the ranges that terms declare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.models.transform import Affine, Curve, Identity, Par, Sigmoid, ZScore
from harmo.scorers.transforms import par, reduce, span

VALUES = st.lists(st.floats(-50, 50), min_size=1, max_size=6)


@given(
    VALUES, st.sampled_from(["mean", "min", "mean_minus_variance", "soft"]), st.floats(1e-3, 1e3)
)
def test_disagreement_never_raises_an_ensemble_above_its_mean(values, how, strength):
    mean = reduce(values, "mean", strength=strength)
    assert reduce(values, how, strength=strength) <= mean + 1e-9 * max(1.0, abs(mean)) + 1e-6


@given(VALUES, st.floats(1e-3, 1e3))
def test_soft_pessimism_stays_between_minimum_and_mean(values, temperature):
    soft = reduce(values, "soft", strength=temperature)
    assert min(values) - 1e-6 <= soft


@pytest.mark.parametrize("how", ["mean", "min", "mean_minus_variance", "soft"])
def test_members_that_agree_are_one_model(how):
    assert reduce([0.4] * 3, how, strength=0.5) == pytest.approx(0.4)


def test_soft_pessimism_does_not_overflow():
    assert reduce([-1e6, 1e6], "soft", strength=1e-3) == pytest.approx(-1e6)


@given(st.floats(-1e6, 1e6), VALUES)
def test_par_is_in_the_unit_interval(value, references):
    assert 0.0 <= par(value, references) <= 1.0


SPANS = [
    ("nothing is known of a raw model", None, None, None),
    ("PAR", None, "reference_rewards", (0.0, 1.0)),
    ("the transform comes last", Identity(), "reference_rewards", None),
    ("sigmoid", Sigmoid(), None, (0.0, 1.0)),
    ("clip", Affine(low=-3.0, high=2.0), None, (-3.0, 2.0)),
    ("half a clip", Affine(low=0.0), None, None),
    ("z", ZScore(mean=0.0, std=1.0), None, None),
    ("quantile", Curve(kind="quantile", x=(0.0, 1.0), y=(0.0, 1.0)), None, (0.0, 1.0)),
    ("frozen PAR", Par(references=(0.0,)), None, (0.0, 1.0)),
]


@pytest.mark.parametrize(("why", "transform", "against", "expected"), SPANS)
def test_declared_range(why, transform, against, expected):
    assert span(transform=transform, against=against) == expected, why
