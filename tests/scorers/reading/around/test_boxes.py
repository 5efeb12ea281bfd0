"""The boxes of a text, and what each of them says."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.boxes import MAX_BOX_CHARS, MAX_BOXES, placed, said, settled
from harmo.scorers.reading.around.stance import Stance


def test_boxes_are_placed():
    text = "so \\boxed{4} and {\\boxed{5}}"
    found = placed(text)

    assert [text[box.start : box.end] for box in found.boxes] == ["\\boxed{4}", "\\boxed{5}"]
    assert found.boxes[1].braces == (text.index("{\\boxed{5"),)
    assert not found.begun
    assert placed("\\boxed{5").begun
    assert placed("no box").boxes == ()


def test_the_last_of_one_content_counts():
    assert [box.start for box in placed("\\boxed{4} \\boxed{4}").boxes] == [10]


def test_endless_boxes_are_cut():
    assert len(placed("".join(f"\\boxed{{{n}}}" for n in range(99))).boxes) == MAX_BOXES
    assert len(placed("\\boxed{" + "x" * 5000 + "}").boxes[0].content) == MAX_BOX_CHARS + 1


@pytest.mark.parametrize(
    ("text", "content", "stance", "why"),
    [
        ("-\\boxed{7}", "-7", Stance.CLAIMED, "with its sign"),
        ("\\boxed{7} million", "7 million", Stance.CLAIMED, "with its scale"),
        ("not \\boxed{7}", "7", Stance.DENIED, "words before it"),
        ("\\boxed{7} or 8", "7", Stance.DOUBTED, "words behind it"),
        ("$\\boxed{7} = 8$", "7", Stance.DOUBTED, "a false equation"),
        ("$\\boxed{7} = 7.0$", "7", Stance.CLAIMED, "a true one"),
        ("\\boxed{7} or \\boxed{8}", "7", Stance.CLAIMED, "two boxes are compared, not doubted"),
    ],
)
def test_said(text, content, stance, why):
    found = said(text, placed(text).boxes[0])

    assert (found.text, found.stance) == (content, stance), why


@pytest.mark.parametrize(
    ("text", "bounded", "distinct", "why"),
    [
        ("not \\boxed{8} but \\boxed{7}", False, ("7",), "a denied one is none"),
        ("maybe \\boxed{8}, or \\boxed{7}", False, (), "a doubted one settles nothing"),
        ("maybe \\boxed{7}. Yes: \\boxed{7}", False, ("7",), "the last of it is a claim"),
        ("at least \\boxed{7}", False, (), "a bound"),
        ("at least \\boxed{7}", True, ("7",), "that the prompt asks for"),
        ("$x \\ge \\boxed{7}$", False, ("x \\ge 7",), "an inequality"),
        ("$x \\ge \\boxed{7}$", True, ("7",), "as a bound"),
    ],
)
def test_settled(text, bounded, distinct, why):
    assert settled(text, placed(text).boxes, bounded=bounded).distinct == distinct, why
