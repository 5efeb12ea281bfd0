"""Yes or no."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision.polarity import polarity, word_of


@pytest.mark.parametrize(
    ("text", "yes", "why"),
    [
        ("Yes, because no one knows.", True, "it leads"),
        ("so no", False, "a conclusion"),
        ("The answer is yes.", True, "a cue"),
        ("I doubt the answer is yes.", None, "a denied cue"),
        ("not true", False, "a denied one"),
        ("No idea", None, "no answer"),
        ("No. 5", None, "an abbreviation"),
        ("yes/no", None, "both"),
        ("Yes. No.", None, "one after the other"),
        ("Yes. Actually, no.", False, "a correction"),
        ("There is no cat", False, "absence"),
        ("the true value", None, "an adjective"),
        ("", None, "nothing"),
    ],
)
def test_polarity(text, yes, why) -> None:
    assert polarity(text) is yes, why


def test_the_pair_of_words() -> None:
    assert [word_of(text) for text in ("True", " no ", "nope")] == ["yes", "no", None]
