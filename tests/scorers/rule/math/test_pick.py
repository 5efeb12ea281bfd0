"""Which text of a completion, and of a reference, is compared."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.extract import Answer
from harmo.scorers.rule.math.pick import (
    asks_bound,
    pick,
    result_of,
    settles,
    spelled,
    valued,
    with_sign,
    with_unit,
)
from harmo.scorers.rule.math.side import read
from harmo.scorers.types import Sample

PROSE = "We go on and on about it. " * 50
PICKED = [
    ("5", "so \\boxed{4}", "4", False, "a box"),
    ("5", "\\boxed{50}\\%", "50%", False, "with the sign behind it"),
    ("5", "The answer is 4.", "4", False, "a cue"),
    ("5", "x = 4", "x = 4", False, "a short text as a whole"),
    ("5", "The length is 4 cm", "4", True, "a number stated in prose"),
    ("5", PROSE + "So it is $x+1$.", "x+1", True, "the last formula"),
    ("5", PROSE + "So there are 3 or 4.", "3, 4", True, "the last enumeration"),
    ("5", "exactly three components", "3", True, "a number word in prose"),
    ("isosceles", "It is isosceles", "It is isosceles", False, "words where words are asked for"),
    ("\\int x", "\\int y", "\\int y", False, "a formula that only the verifier reads"),
    ("\\int x", "hence \\int y", "hence \\int y", True, "words before it make it prose"),
    ("5", "It is isosceles", "It is isosceles", True, "words for want of a number"),
]


@pytest.mark.parametrize(
    ("reference", "text", "picked", "prose", "why"), PICKED, ids=[row[4] for row in PICKED]
)
def test_picked(reference, text, picked, prose, why):
    found = pick(text, read(reference), delimited=False)

    assert found is not None, why
    assert (found.text, found.prose) == (picked, prose), why


def test_different_boxes_are_picked_together():
    found = pick("\\boxed{4} or \\boxed{5}", read("5"), delimited=False)

    assert (found.text, found.distinct) == ("4, 5", ("4", "5"))


def test_endless_prose_without_answer_has_none():
    assert pick(PROSE, read("5"), delimited=False) is None


def test_content_of_an_answer_element_is_no_prose():
    inside = pick("exactly the same", read("5"), delimited=True)
    outside = pick("exactly the same", read("5"), delimited=False)

    assert (inside.prose, outside.prose) == (False, True)


@pytest.mark.parametrize(
    ("reference", "result", "why"),
    [
        ("We add. So \\boxed{7}.", "7", "the box of a solution"),
        ("\\boxed{2} and \\boxed{4}", "2, 4", "all its boxes"),
        ("The answer is 7.", "7", "what a cue announces"),
        ("\\boxed{7", "7", "a box that never closes"),
        ("x + 1", "x + 1", "a bare reference"),
    ],
)
def test_result_of_a_reference(reference, result, why):
    assert result_of(reference) == result, why


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        ("there are three of them", "3", "one number word"),
        ("three or four", "", "two"),
        ("one of them", "", "a pronoun"),
        ("three of 5", "", "digits"),
    ],
)
def test_spelled(text, number, why):
    assert spelled(text) == number, why


@pytest.mark.parametrize(
    ("text", "after", "signed", "why"),
    [
        ("50", "\\%.", "50%", "an escaped sign"),
        ("50", "$ percent", "50%", "in a word, behind the delimiter"),
        ("50%", "%", "50%", "once is enough"),
        ("50", " apples", "50", "something else"),
    ],
)
def test_with_sign(text, after, signed, why):
    assert with_sign(Answer(text=text, how="box", after=after)) == signed, why


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("\\approx 3.14", "3.14", "an approximation"),
        ("\\text{7 apples}", "7 apples", "one text command"),
        ("\\text{a} 7 \\text{b}", "\\text{a} 7 \\text{b}", "two of them"),
    ],
)
def test_valued(text, value, why):
    assert valued(text) == value, why


def test_words_that_doubt_settle_nothing():
    assert settles("7 apples", read("7"))
    assert settles("7 or 8", read("7"))  # a list, for the comparison to judge
    assert settles("at least 7", read("at least 7"))
    assert not settles("at least 7", read("7"))
    assert not settles("7?", read("7"))


def test_a_unit_behind_a_box_counts_where_the_reference_has_one():
    answer = Answer(text="7", how="box", after="\\text{ km}$")

    assert with_unit(answer, read("7 m")) == "7 \\text{ km}"
    assert with_unit(answer, read("7")) == "7"


def test_the_prompt_asks_for_a_bound():
    assert asks_bound(Sample(prompt="What is the smallest n?"))
    assert not asks_bound(Sample(prompt="What is n?"))
