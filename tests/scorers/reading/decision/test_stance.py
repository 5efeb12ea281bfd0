"""What the words around a choice make of it."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision import stance
from harmo.scorers.reading.decision.stance import Stance


@pytest.mark.parametrize(
    ("left", "bracketed", "stood", "why"),
    [
        ("", False, Stance.LEADS, "nothing before it"),
        ("Option ", False, Stance.LEADS, "its noun"),
        ("so ", False, Stance.SAID, "a conclusion"),
        ("the answer is ", False, Stance.ANSWERED, "a cue"),
        ("I would go with ", False, Stance.ANSWERED, "a choice"),
        ("it must be ", False, Stance.SAID, "must be"),
        ("maybe ", False, Stance.POSSIBLE, "maybe"),
        ("it could be ", False, Stance.POSSIBLE, "could be"),
        ("it is not ", False, Stance.DENIED, "not"),
        ("I rule out ", False, Stance.DENIED, "ruled out"),
        ("no doubt it is ", False, Stance.SAID, "no doubt is no denial"),
        ("vitamin ", False, Stance.MENTIONED, "a noun"),
        ("the midpoint is ", False, Stance.MENTIONED, "another subject"),
        ("the answer is red ", True, Stance.SAID, "brackets name what was said"),
        ("because ", False, Stance.MENTIONED, "a reason"),
    ],
)
def test_before(left, bracketed, stood, why) -> None:
    assert stance.before(left, bracketed=bracketed) is stood, why


@pytest.mark.parametrize(
    ("right", "denied", "confirmed", "why"),
    [
        (" is wrong", True, False, "wrong"),
        (") can be ruled out", True, False, "ruled out"),
        (" doesn't fit", True, False, "does not"),
        (" is the right answer", False, True, "right"),
        (" (red) is correct", False, True, "with its text"),
        (" fits best", False, True, "fits"),
        (" is the midpoint", False, False, "something else"),
        ("", False, False, "nothing"),
    ],
)
def test_after(right, denied, confirmed, why) -> None:
    assert (stance.denied_after(right), stance.confirmed_after(right)) == (denied, confirmed), why


@pytest.mark.parametrize(
    ("right", "after", "complete"),
    [
        ("", Stance.SAID, True),
        (", since it is", Stance.SAID, True),
        (" because", Stance.SAID, True),
        (" dog", Stance.SAID, False),
        (" in this case", Stance.SAID, False),
        (" in this case", Stance.ANSWERED, True),
        ("です", Stance.SAID, True),
    ],
)
def test_closed(right, after, complete) -> None:
    assert stance.closed(right, after=after) is complete


def test_a_bare_word_brushes_off() -> None:
    assert stance.brushed_off(") no.")
    assert not stance.brushed_off(") no change")


def test_what_opens_denies_or_names() -> None:
    assert stance.opens("Or maybe C")
    assert not stance.opens("It is C")
    assert stance.denies("it is not")
    assert stance.is_background("and because A is wrong")
    assert stance.names("vitamin ")
    assert not stance.names("I know that ")
