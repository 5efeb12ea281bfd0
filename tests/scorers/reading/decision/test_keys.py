"""Which keys a text decides for."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision.keys import decide

KEYS = {"A": "a triangle", "B": "red", "C": "", "D": ""}


@pytest.mark.parametrize(
    ("text", "keys", "left_open", "why"),
    [
        ("B", "B", False, "a key"),
        ("b", "B", False, "a small one"),
        ("(A) a triangle", "A", False, "with its text, in which an article is no key"),
        ("A or B", "", True, "alternatives"),
        ("(A) a triangle (B) red", "", True, "a list"),
        ("So B, C is wrong", "B", False, "the next one is denied alone"),
        ("B, C are wrong, so D", "D", False, "both are denied"),
        ("A. B. Smith", "", False, "initials"),
        ("Is it B?", "", False, "a question"),
        ("The answer is B. Or maybe C.", "", True, "taken back"),
        ("B looks right, however it is not", "", True, "taken back at once"),
        ("A is wrong. B.", "B", False, "after a denied one"),
    ],
)
def test_decide(text, keys, left_open, why) -> None:
    choice = decide(text, KEYS)

    assert ("".join(sorted(choice.keys)), choice.open) == (keys, left_open), why


@pytest.mark.parametrize(
    ("text", "keys", "why"),
    [
        ("A and C", "AC", "joined"),
        ("The answers are A, B and D.", "ABD", "after a cue"),
        ("A is correct. C is correct. B is wrong.", "AC", "one by one"),
        ("A or C", "", "alternatives are no answer"),
    ],
)
def test_several_together(text, keys, why) -> None:
    found = decide(text, KEYS, multi_select=True).keys

    assert "".join(sorted(found)) == keys, why
