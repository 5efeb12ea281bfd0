"""A short answer against several annotators'."""

from __future__ import annotations

import pytest

from harmo.scorers.types import Reason

ROWS = [
    ("rule.vqa", ["yes"] * 10, "Yes.", {}, 1, "everyone says so"),
    ("rule.vqa", ["2"] * 2 + ["3"] * 8, "two", {}, 0.6, "two of ten, leave-one-out"),
    ("rule.vqa", "red", "red", {}, 1, "one annotator: exact"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize("name", ["rule.vqa"])
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
