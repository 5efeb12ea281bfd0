"""Numbers that no score can have are refused, though scores are made of them without a check."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harmo.audit.rows import numbers
from harmo.scorers.types import Score

WIDTHS = numbers.Widths(columns=1, interaction=False)
FINE = [0.5, 1.0, 7.0, 0.0, 0.5, 0.9, 0.5]


def read(**changed: float):
    row = list(FINE)
    for name, value in changed.items():
        row[{"score": 4, "confidence": 5}[name]] = value
    return numbers.rewards(np.array([row]), WIDTHS, {}, {})


def test_a_score_is_what_it_would_have_been():
    (reward,) = read()
    assert reward.scores == (Score(value=0.5, confidence=0.9),)
    assert repr(reward.scores[0]) == repr(Score(value=0.5, confidence=0.9))


@pytest.mark.parametrize(
    "changed",
    [
        {"score": 2e12},
        {"score": -math.inf},
        {"score": math.nan},
        {"confidence": 1.5},
        {"confidence": -0.1},
        {"confidence": math.nan},
    ],
    ids=str,
)
def test_what_no_score_has_is_refused(changed):
    with pytest.raises(ValueError, match=r"score|Score|confidence"):
        read(**changed)
