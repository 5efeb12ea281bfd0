"""Advantages as a trainer works them out."""

from __future__ import annotations

import math
from statistics import mean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.rewards.advantages import EPSILON, advantages

SPREAD = math.sqrt(0.5)
"""The deviation of 1 and 0."""
ROWS = [
    ([1.0, 0.0], False, [0.5, -0.5], "the mean is taken away"),
    ([1.0, None, 0.0], False, [0.5, None, -0.5], "what is unscored has no vote and no advantage"),
    ([2.0], True, [0.0], "one alone has nobody to differ from"),
    ([2.0, None], True, [0.0, None], "one scored is alone, whoever is beside it"),
    ([None, None], True, [None, None], "nobody is scored"),
    ([], True, [], "nobody is here"),
    ([0.5, 0.5, 0.5], True, [0.0, 0.0, 0.0], "equal rewards teach nothing"),
    ([699050.762565911] * 3, True, [0.0, 0.0, 0.0], "their mean is another number by rounding"),
    ([1.0, 0.0], True, [0.5 / (SPREAD + EPSILON), -0.5 / (SPREAD + EPSILON)], "ddof is 1"),
    ([1e308, 1e308, 0.0], True, [0.57735027, 0.57735027, -1.15470054], "squares that overflow"),
    (
        [1e-5, 0.0],
        True,
        [5e-6 / (1e-5 * SPREAD + EPSILON), -5e-6 / (1e-5 * SPREAD + EPSILON)],
        "the 1e-4 weighs where rewards hardly differ",
    ),
]


@pytest.mark.parametrize(("rewards", "scaled", "expected", "why"), ROWS, ids=[r[3] for r in ROWS])
def test_advantages_of_a_group(rewards, scaled, expected, why):
    found = advantages(rewards, scaled=scaled)
    assert [value is None for value in found] == [value is None for value in expected]
    known = [value for value in found if value is not None]
    assert known == pytest.approx([v for v in expected if v is not None], abs=1e-7), why


REWARDS = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=12)


@settings(deadline=None)
@given(REWARDS, st.booleans())
def test_advantages_are_the_trainers_formula(rewards, scaled):
    known = [reward for reward in rewards if reward is not None]
    for reward, found in zip(rewards, advantages(rewards, scaled=scaled), strict=True):
        if reward is None:
            assert found is None
        elif len(known) == 1:
            assert found == 0.0
        else:
            deviation = stdev(known) + EPSILON if scaled else 1.0
            rounding = 1e-9 + 1e-15 * max(map(abs, known)) / deviation
            expected = (reward - mean(known)) / deviation
            assert found == pytest.approx(expected, rel=1e-6, abs=rounding)
