"""Short answers in a sentence."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision.short import states, taken_back


@pytest.mark.parametrize(
    ("text", "reference", "prompt", "stated", "why"),
    [
        ("The capital is Paris.", "Paris", "", True, "after a link"),
        ("Jane Austen wrote it.", "Jane Austen", "Who wrote Emma?", True, "the prompt's words"),
        ("Jane Austen wrote it.", "Jane Austen", "", False, "words of its own"),
        ("It is Paris or Rome.", "Paris", "", False, "two"),
        ("It is not Paris.", "Paris", "", False, "denied"),
        ("It is 5.", "-5", "", False, "a sign lost"),
        ("Paris Rome", "Paris", "Paris or Rome?", False, "the prompt's candidates"),
        ("Rome is old. So it is Paris.", "Paris", "", True, "a conclusion"),
        ("It is Rome. It is Paris.", "Paris", "", False, "two sentences"),
    ],
)
def test_states(text, reference, prompt, stated, why) -> None:
    assert states(text, reference, prompt) is stated, why


def test_an_announced_answer_is_taken_back() -> None:
    assert taken_back("The answer is Paris. Or maybe Rome.", "Paris")
    assert taken_back("I doubt that the answer is Paris", "Paris")
    assert not taken_back("It is not Rome, so the answer is Paris. It is old.", "Paris")
