"""Text read off a picture, by its edit distance."""

from __future__ import annotations

import pytest

from harmo.scorers.types import Reason

ROWS = [
    ("rule.anls", "foobar", "foobaz", {}, 5 / 6, "one letter of six"),
    ("rule.anls", "foobar", "xyz", {}, 0, "below the threshold"),
    ("rule.anls", ["foo", "bar"], "bar", {}, 1, "the best reference"),
    ("rule.ocr", "hello world", "hello  world", {}, 1, "blanks are one blank"),
    ("rule.ocr", "abcd", "abcx", {}, 0.75, "one letter of four"),
    ("rule.ocr", "abcd", "", {}, 0, "nothing read"),
    ("rule.ocr", "ABCD", "abcd", {"case_sensitive": False}, 1, "case on request"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize("name", ["rule.ocr", "rule.anls"])
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
