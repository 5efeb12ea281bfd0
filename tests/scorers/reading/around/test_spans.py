"""Words around a list, a table or a call."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.spans import denied

X = "[10, 20, 30, 40]"


@pytest.mark.parametrize("text", [
    "not {}", "It is not {}.", "not\n{}", "not: {}", "I don't think it is {}.", "never {}",
    "anything but {}", "{} is wrong.", "{} is not the answer.", "I doubt it is {}.", "maybe {}",
    "I would rule out {}.", "Is it {}?", "It could be {}", "not ```json\n{}\n```", "no es {}",
    "It is not <|box_start|>{}<|box_end|>", "ce n'est pas {}", "不是{}", "It is not **{}**",
])  # fmt: skip
def test_words_deny_or_doubt(text) -> None:
    written = text.format(X)
    start = written.index(X)
    assert denied(written, start, start + len(X))


@pytest.mark.parametrize("text", [
    "{}", "The answer is {}.", "Not the cat. {}", "I see no cat, so the answer is {}.",
    "The box is not on the left: {}", "It is not easy to see, but the answer is {}.",
    "Here:\n```json\n{}\n```", "There is nothing else in the picture. {}",
    "Answer: {}. It is not the one on the left.", "<box>{}</box>",
])  # fmt: skip
def test_words_leave_it_an_answer(text) -> None:
    written = text.format(X)
    start = written.index(X)
    assert not denied(written, start, start + len(X))
