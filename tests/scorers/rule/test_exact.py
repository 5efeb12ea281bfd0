"""Text against text."""

from __future__ import annotations

import pytest

from harmo.scorers.types import Reason

ROWS = [
    ("rule.exact", "The Beatles", "beatles!", {}, 1, "case, article, punctuation"),
    ("rule.exact", "Beatles", "Beatles or Stones", {}, 0, "more than the reference"),
    ("rule.exact", "1,000", "1000", {}, 1, "numbers as numbers"),
    ("rule.exact", "Foo", "foo", {"case_sensitive": True}, 0, "case on request"),
    ("rule.exact", "a", "\\boxed{a}\\boxed{b}", {}, 0, "different boxes"),
    ("rule.contains", "red cat", "I saw the red cat run", {}, 1, "whole words"),
    ("rule.contains", "cat", "concatenate", {}, 0, "no part of a word"),
    ("rule.contains", ["cat", "dog"], "a cat", {"all_of": True}, 0, "all on request"),
    ("rule.token_f1", "red cat", "red dog", {}, 0.5, "half the words"),
    ("rule.token_f1", "red", "red red", {}, 2 / 3, "words count as often as they stand"),
    ("rule.exact", "!?", "!?", {}, 1, "punctuation as it stands"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize("name", ["rule.exact", "rule.contains", "rule.token_f1"])
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
