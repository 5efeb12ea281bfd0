"""Clauses that decide nothing of their own."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision.clauses import (
    firm,
    is_background,
    is_condition,
    is_conditional,
    is_reported,
)


@pytest.mark.parametrize(
    ("clause", "background", "why"),
    [
        ("because A is wrong", True, "a reason"),
        ("if it barks", True, "a condition"),
        ("some people say", True, "what others say"),
        ("so the answer is", False, "a conclusion"),
        ("let us choose", False, "ours"),
        ("let A be", True, "a definition"),
    ],
)
def test_background(clause, background, why) -> None:
    assert is_background(clause) is background, why


@pytest.mark.parametrize(
    ("clause", "condition", "why"),
    [
        ("If it barks,", True, "a condition"),
        ("and if it barks", True, "after and"),
        ("if we look closely", False, "what we do is none"),
        ("unless I am mistaken", False, "nor what we may be"),
        ("if we assume that it barks", True, "what we assume is one"),
        ("Had it meowed,", True, "without if"),
        ("Had it", False, "a question's beginning"),
        ("in case it barks", True, "in case"),
        ("如果它叫", True, "Chinese"),
        ("even if it barks", False, "a concession"),
    ],
)
def test_conditions(clause, condition, why) -> None:
    assert is_condition(clause) is condition, why


@pytest.mark.parametrize(
    ("clause", "reported", "why"),
    [
        ("Some say", True, "some"),
        ("It is often said that", True, "it is said"),
        ("Many of the students would pick", True, "words between"),
        ("Most of the evidence supports", False, "no people"),
        ("I say", False, "ours"),
        ("The most likely answer is", False, "no people"),
        ("Some answers are", False, "no people either"),
        ("Most people would answer", True, "what people would do"),
    ],
)
def test_what_others_say(clause, reported, why) -> None:
    assert is_reported(clause) is reported, why


def test_those_who_are_asked_about_are_no_others() -> None:
    assert not is_reported("most people choose", frozenset({"peop", "most"}))


@pytest.mark.parametrize(
    ("sentence", "place", "conditional", "why"),
    [
        ("If it barks, B.", "B", True, "a condition before it"),
        ("If it barks and wags, and has a tail, B.", "B", True, "clauses between"),
        ("The answer is B, if it barks.", "B", True, "behind it"),
        ("B; if it meows, A", "B", False, "of another part"),
        ("B; if it meows, A", "A", True, "of its own part"),
        ("If x = 3, then y = 9, so the answer is B.", "B", False, "a conclusion"),
        ("If it were A, it would meow, but it barks, so B.", "B", False, "a turn"),
        ("B, even if A is tempting", "B", False, "a concession"),
    ],
)
def test_what_holds_under_a_condition(sentence, place, conditional, why) -> None:
    assert is_conditional(sentence, sentence.index(place)) is conditional, why


def test_sentences_that_hold_at_all() -> None:
    assert firm(["It is B.", "If it meowed, A."]) == ["It is B."]
    assert firm(["It is B if it barks."]) == ["It is B if it barks."]
    assert firm([]) == []
