"""Answers that match a pattern."""

from __future__ import annotations

import pytest

from harmo.scorers import registry
from harmo.scorers.types import Reason

ROWS = [
    ("rule.regex", "^a+b$", "aab", {}, 1, "the reference as pattern"),
    ("rule.regex", None, "xay", {"pattern": "a"}, 1, "the recipe's pattern, anywhere"),
    ("rule.regex", None, "xay", {"pattern": "a", "whole": True}, 0, "all of the answer"),
    ("rule.regex", "(a*)*b", "a" * 5000, {}, 0, "linear where others backtrack"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize(
    ("name", "reference", "params", "why"),
    [
        ("rule.regex", "(?=a)", {}, "look-around is not RE2"),
    ],
)
def test_unreadable_reference_abstains(scored, name, reference, params, why):
    score = scored(name, reference, '{"a": 1}', params=params)

    assert score.reason is Reason.UNREADABLE_REFERENCE, why


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"pattern": "(?=a)"}, "RE2"),
        ({"pattern": "a" * 5000}, "RE2"),
    ],
)
def test_bad_pattern_is_refused_at_load(params, fault):
    with pytest.raises(registry.ScorerParamsError, match=fault):
        registry.bind("rule.regex", params)
