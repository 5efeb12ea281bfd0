"""Words of a text."""

from __future__ import annotations

from harmo.scorers.reading.decision.vocabulary import vocabulary


def test_words_of_a_text() -> None:
    assert vocabulary("a b  a") == {"a", "b"}
