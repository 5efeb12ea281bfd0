"""Options by their text."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision.spelled import (
    ending,
    in_sentence,
    spelled_out,
    spelling,
    stems,
)

OPTIONS = {"A": "red", "B": "the mitochondria", "C": "42 m/s", "D": ""}


@pytest.mark.parametrize(
    ("text", "key", "why"),
    [
        ("Mitochondria", "B", "article and case"),
        ("42 m/s", "C", "a quantity"),
        ("42", "", "a part of one"),
        ("", "", "nothing is no option's text"),
    ],
)
def test_spelled_out(text, key, why) -> None:
    assert spelled_out(text, OPTIONS).keys == set(key), why


def test_the_end_of_a_sentence_is_an_option() -> None:
    assert ending("The answer is 42 m/s", OPTIONS).choice.keys == {"C"}
    assert ending("It is 42", OPTIONS, same=lambda option, said: option[:2] == said) is not None
    assert ending("It is not red", OPTIONS) is None
    assert ending("Is it red?", OPTIONS) is None


@pytest.mark.parametrize(
    ("text", "keys", "why"),
    [
        ("The mitochondria make energy.", {"B"}, "the prompt's words beside it"),
        ("The mitochondria are old.", set(), "other words beside it"),
        ("It is not red.", set(), "denied"),
        ("red, the mitochondria", set(), "two"),
    ],
)
def test_in_sentence(text, keys, why) -> None:
    assert in_sentence(text, OPTIONS, "What makes energy?").keys == keys, why


def test_yes_and_true_are_spelled_alike() -> None:
    assert spelling("True") == spelling("yes") != spelling("no")
    assert spelling("2x + 1") == "2x+1"


def test_stems_of_a_prompt() -> None:
    assert stems("Who wrote it?") == {"who", "wrot", "it"}
