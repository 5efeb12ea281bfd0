"""One number, right or near enough."""

from __future__ import annotations

import pytest

from harmo.scorers.types import Reason

ROWS = [
    ("rule.numeric", "5", "\\boxed{5.000001}", {}, 1, "within the relative tolerance"),
    ("rule.numeric", "5", "\\boxed{5.1}", {}, 0, "beyond it"),
    ("rule.numeric", "5", "\\boxed{5.1}", {"atol": 0.2}, 1, "within an absolute one"),
    ("rule.numeric", "0", "0.0001", {}, 0, "relative to zero nothing is near"),
    ("rule.numeric", "5", "4 or 5", {}, 0, "several numbers"),
    ("rule.numeric", "5", "\\boxed{4} \\boxed{5}", {}, 0, "different boxes"),
    ("rule.numeric", "5", "no idea", {}, 0, "no number"),
    ("rule.numeric", "25", "\\boxed{5²}", {}, 1, "a calculation of one number"),
    ("rule.numeric", ["5", "6"], "6", {}, 1, "any accepted number"),
    ("rule.numeric", 2.5, "two and a half", {}, 1, "a JSON number, words"),
    ("rule.count", "3", "There are three red squares.", {}, 1, "a number word"),
    ("rule.count", "3", "three squares and two circles", {}, 0, "two numbers"),
    ("rule.count", "3", "3.5", {}, 0, "no whole number"),
    ("rule.count", "0", "There are no dogs.", {}, 1, "none is zero"),
    ("rule.count", "10", "8", {"partial": True}, 0.8, "off by two of ten"),
    ("rule.count", "2", "9" * 60, {"partial": True}, 0, "a huge miss earns nothing"),
    ("rule.chart_relaxed", "100", "104", {}, 1, "within five percent"),
    ("rule.chart_relaxed", "100", "106", {}, 0, "beyond"),
    ("rule.chart_relaxed", "-100", "-96", {}, 1, "of the absolute value"),
    ("rule.chart_relaxed", "2010", "2011", {}, 0, "years are exact"),
    ("rule.chart_relaxed", "0", "0.01", {}, 0, "zero is exact"),
    ("rule.chart_relaxed", "50%", "51", {}, 1, "the percent sign left out"),
    ("rule.chart_relaxed", "Blue", "blue.", {}, 1, "a label"),
    ("rule.chart_relaxed", "12", "Blue", {}, 0, "a label for a number"),
    ("rule.count", "1", "There is only one.", {}, 1, "one in words"),
    ("rule.count", "0", "None of them, only one.", {}, 0, "none and one"),
    ("rule.chart_relaxed", "Blue", "\\boxed{blue}\\boxed{red}", {}, 0, "two labels"),
    ("rule.chart_relaxed", "3B", "3 billion", {}, 1, "a letter for a scale"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize("name", ["rule.numeric", "rule.count", "rule.chart_relaxed"])
@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, Reason.NO_REFERENCE),
        (" ", Reason.UNREADABLE_REFERENCE),
        ([], Reason.UNREADABLE_REFERENCE),
    ],
)
def test_no_reference_no_verdict(scored, name, reference, reason):
    assert scored(name, reference, "5").reason is reason


@pytest.mark.parametrize(
    ("name", "reference", "params", "why"),
    [
        ("rule.numeric", "blue", {}, "no number"),
        ("rule.count", "2.5", {}, "no whole number"),
    ],
)
def test_unreadable_reference_abstains(scored, name, reference, params, why):
    score = scored(name, reference, '{"a": 1}', params=params)

    assert score.reason is Reason.UNREADABLE_REFERENCE, why
