"""Which of a few options, yes and no included."""

from __future__ import annotations

import pytest

from harmo.scorers.types import Reason

ROWS = [
    ("rule.choice", "B", "\\boxed{\\text{B}}", {}, 1, "a letter in LaTeX"),
    ("rule.choice", "B", "(b)", {}, 1, "a small letter in brackets"),
    ("rule.choice", "B", "I think B is right, not C", {}, 1,
     "the pronoun and the denied one aside"),
    ("rule.choice", "C", "The answer is C because A is wrong", {}, 1, "the clause of the cue"),
    ("rule.choice", "B", "A or B", {}, 0, "hedging"),
    ("rule.choice", "B", "A, B", {}, 0, "hedging with a comma"),
    ("rule.choice", "A", "A dog is an animal", {}, 0, "the article chooses nothing"),
    ("rule.choice", "C", "A) no. B) no. C) yes. So C.", {}, 1, "ends with its choice"),
    ("rule.choice", "C", "Let's check. A) no. B) no. So C.", {}, 1, "the same, with a lead"),
    ("rule.choice", "B. red", "\\boxed{red}", {}, 1, "the option's text"),
    ("rule.choice", "A,C", "AC", {"multi_select": True}, 1, "a set of letters"),
    ("rule.choice", "A,C", "A", {"multi_select": True}, 0, "a part of the set"),
    ("rule.yes_no", "yes", "Yes, because no one knows.", {}, 1, "the lead decides"),
    ("rule.yes_no", "yes", "I know", {}, 0, "no word within a word"),
    ("rule.yes_no", "no", "That is not true.", {}, 1, "a negated yes"),
    ("rule.yes_no", "no", "No doubt: yes.", {}, 0, "both"),
    ("rule.yes_no", "yes", "yes or no", {}, 0, "both"),
    ("rule.yes_no", True, "\\boxed{true}", {}, 1, "a boolean reference"),
    ("rule.yes_no", "yes", "oui", {}, 1, "another language"),
    ("rule.choice", "B", "\\boxed{A or B}", {}, 0, "a box that leaves it open"),
    ("rule.choice", "B", "\\boxed{A}\\boxed{B}", {}, 0, "different boxes"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize("name", ["rule.choice", "rule.yes_no"])
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
        ("rule.choice", "42", {}, "no option"),
        ("rule.yes_no", "perhaps", {}, "neither"),
    ],
)
def test_unreadable_reference_abstains(scored, name, reference, params, why):
    score = scored(name, reference, '{"a": 1}', params=params)

    assert score.reason is Reason.UNREADABLE_REFERENCE, why


def test_options_come_from_the_prompt(scored):
    prompt = "Which animal?\nA. cat\nB. dog"

    assert scored("rule.choice", "B", "\\boxed{dog}", prompt=prompt).value == 1.0
    assert scored("rule.choice", "dog", "B", prompt=prompt).value == 1.0
