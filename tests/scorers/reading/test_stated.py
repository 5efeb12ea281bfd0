"""What one sentence states."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.prose import trailing_number
from harmo.scorers.reading.stated import (
    claimed,
    clauses,
    is_aside,
    last_stating,
    stated_formula,
    stated_number,
    without_list,
)


@pytest.mark.parametrize(
    ("sentence", "number", "why"),
    [
        ("The distance is 260 miles after 3 hours", "260", "what it is"),
        ("There are 3 bars with values below 40", "3", "a count, and a limit"),
        ("There are 3 bars: 10, 20 and 30", "3", "a list of them"),
        ("I can see 4 chairs around 1 table.", "4", "a count, and where"),
        ("Tom has 30 marbles now, 5 more than Ann.", "30", "a comparison behind it"),
        ("She pays $12 for 3 books", "12", "a price"),
        ("14, which is 2 more than 12", "14", "it begins with the number"),
        ("The remainder is 6, because 90 = 7·12 + 6.", "6", "a check behind it"),
        ("3 of the 5 bars are red", "3", "a part"),
        ("It takes about 5 days", "5", "about so many"),
        ("There is 1 way", "", "there is: it may be one of several"),
        ("With 4 sides it is 5 long", "", "another number before it"),
        ("She had 5 apples and bought 3, so she has 8.", "", "it leads on to another"),
        ("There are 3 cats and 4 dogs", "", "another count"),
        ("It is 3 more than 5", "", "a part of a calculation"),
        ("It is 3 or 4", "", "an alternative"),
        ("It is 3/4", "3/4", "a fraction"),
        ("It is 2/3 of 90", "", "a part of another"),
        ("It is 3 + 4", "", "a sum"),
        ("is 5 " + "x" * 240, "", "an endless sentence"),
    ],
)
def test_stated_number(sentence, number, why):
    assert stated_number(sentence).text == number, why


@pytest.mark.parametrize(
    ("sentence", "formula", "why"),
    [
        ("So we get $x+1$ as the quotient of $x^2-1$ by $x-1$.", "x+1", "others in phrases"),
        ("It is $x$, so $y$.", "", "it leads on"),
        ("It is $x$.", "", "one formula needs no choice"),
        ("For $x$ in $y$", "", "nothing is stated"),
    ],
)
def test_stated_formula(sentence, formula, why):
    assert stated_formula(sentence).text == formula, why


@pytest.mark.parametrize(
    ("text", "named", "why"),
    [
        ("The side is 12 cm", ["12 cm", "12 cm"], "from its number on, and behind `is`"),
        ("1982, with $931,441", ["1982, with $931,441", "1982"], "the first number"),
        ("7 or 8", [], "an alternative"),
        ("it is not 7", [], "a denial"),
        ("words alone", [], "nothing"),
    ],
)
def test_clauses(text, named, why):
    assert list(clauses(text)) == named, why


def test_lists_after_a_sentence_are_left_out():
    assert without_list("There are 3:\n- 10\n- 20") == "There are 3:"
    assert without_list("- 10\n- 20") == "- 10\n- 20"


@pytest.mark.parametrize(
    ("text", "last", "why"),
    [
        ("There are 3. I am sure.", "There are 3.", "a sentence without a number behind it"),
        ("There are 3 at 5 p.m. sharp. Yes.", "There are 3 at 5 p.m. sharp.", "no end in `p.m.`"),
        ("words", "words", "no number"),
    ],
)
def test_last_stating(text, last, why):
    assert last_stating(text) == last, why


def test_words_around_what_was_picked_count():
    for text, number in (("it is 7", "7"), ("it is not 7", ""), ("at least 7", "")):
        assert claimed(text, trailing_number(text)) == number


def test_numbers_in_phrases_are_asides():
    assert is_aside(" apples in 2 boxes", exact=True)
    assert not is_aside(" apples, 2 boxes", exact=True)
    assert not is_aside(" of 90", exact=False)
