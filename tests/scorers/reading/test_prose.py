"""What running text says."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.prose import (
    MAX_ANSWERS,
    NOWHERE,
    TAIL_CHARS,
    announced,
    cued,
    last_formula,
    sentence_end,
    trailing_number,
)


@pytest.mark.parametrize(
    ("text", "said", "why"),
    [
        ("The answer is 5. I hope so.", "5", "up to the end of the sentence"),
        ("The answer is 4. The answer is 5", "5", "the last cue"),
        ("Answer: **5**", "5", "emphasis"),
        ("the answer is 5 because 2+3", "5", "up to the reason"),
        ("Ans: 5", "5", "a short cue"),
        ("means: 5", "", "no cue within a word"),
        ("the answer is $$x. y$$ ok", "$$x. y$$", "a display is kept whole"),
        ("the answer is 3.5", "3.5", "a decimal point ends nothing"),
        ("答案是5，不是6", "5", "Chinese"),
        ("no cue here", "", "no cue"),
        ("Therefore, 5 is the answer.", "5", "a cue behind it"),
        ("We try 4. Thus, 5 is my final answer", "5", "from its own sentence"),
        ("5 is the answer to life", "", "of something else"),
        ("5 is not the answer", "", "a denial"),
        ("The answer is St. Louis.", "St. Louis", "a short form ends no sentence"),
        ("The answer is 8 a.m. sharp. Yes.", "8 a.m. sharp", "nor does a.m."),
        ("The answer is does not exist", "does not exist", "a negation that belongs to it"),
        ("The answer is 5 not 6", "5", "one that denies another"),
        ("the answer is 5" + " " * TAIL_CHARS, "", "too long ago"),
    ],
)
def test_cued(text, said, why):
    assert cued(text) == said, why


@pytest.mark.parametrize(
    ("text", "formula", "why"),
    [
        ("so $x$", "x", "one formula"),
        ("$x$ then $y$", "y", "the last one"),
        ("$x$, $y$ and $z$", "x, y, z", "a run of them"),
        ("$2x=4$ and $x=2$", "x=2", "a step is not in the run"),
        ("$x$ and $y", "x", "an open one is none"),
        ("\\(x\\)", "x", "another delimiter"),
        ("\\$5 and \\$6", "", "escaped signs are money"),
        ("5 cm$^2$", "", "an exponent is no formula of its own"),
        ("nothing", "", "none"),
    ],
)
def test_last_formula(text, formula, why):
    assert last_formula(text).text == formula, why


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        ("There are 5.", "5", "one number"),
        ("3 and then 5", "5", "the last of two"),
        ("3, 4 or 5", "3, 4, 5", "an enumeration"),
        ("3 red or 4 blue", "3, 4", "alternatives with words between"),
        ("x = 3 and x = 5", "3, 5", "solutions of one letter"),
        ("x_1 = 3 or x_2 = 5", "3, 5", "counted"),
        ("x = 3 and y = 5", "5", "two letters: the last one"),
        ("x = 10/2, x = 5", "5", "a step"),
        ("5 vs 4", "5, 4", "one against the other"),
        ("**5** **4**", "5, 4", "emphasis between them"),
        ("It is 5. Or 4.", "5, 4", "an alternative in a sentence of its own"),
        ("10 - 3", "", "a calculation left open"),
        ("it is -3", "-3", "a sign"),
        ("A2", "", "a digit in a name"),
        ("3 1/2 cups", "3 1/2", "a mixed number"),
        ("1.5 × 10^3", "1.5 × 10^3", "a power of ten"),
        ("50 percent", "50 percent", "a percentage"),
        ("no number", "", "none"),
    ],
)
def test_trailing_number(text, number, why):
    assert trailing_number(text).text == number, why


@pytest.mark.parametrize(
    ("text", "before", "why"),
    [
        ("Suppose the answer is 4.", "Suppose the answer is", "up to the cue"),
        ("So 4 of them. 4 is the answer.", "So 4 of them. ", "before an answer that stands first"),
        ("It is 4.", "", "no cue"),
    ],
)
def test_announced_says_what_stands_before(text, before, why):
    assert announced(text).before == before, why


def test_excerpts_end_where_they_stand():
    assert last_formula("so $x$ it is").end == len("so $x")
    assert trailing_number("there are 5.").end == len("there are 5")
    assert trailing_number("none") == last_formula("none") == NOWHERE


def test_endless_enumeration_is_cut():
    assert trailing_number(", ".join("7" * 99)).text.count("7") == MAX_ANSWERS


@pytest.mark.parametrize(
    ("text", "end", "why"),
    [
        ("It is 5. Yes.", 7, "a full stop"),
        ("at 5 p.m. it is. Yes", 15, "a short form"),
        ("3.5 it is", 9, "a decimal point"),
    ],
)
def test_sentence_end(text, end, why):
    assert sentence_end(text) == end, why
