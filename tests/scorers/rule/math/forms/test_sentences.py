"""A word as what a sentence says of its subject."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.forms.sentences import MAX_SENTENCE_CHARS, says

ROWS = [
    ("isosceles", "The triangle is isosceles.", True, "after a linking verb"),
    ("isosceles", "We compare sides. The triangle is isosceles.", True, "the last sentence"),
    ("isosceles", "It is isosceles. We are done here.", False, "not an earlier one"),
    ("isosceles", "It is isosceles because two sides are equal.", True, "a reason behind it"),
    ("isosceles", "Thus, it is isosceles.", True, "an opening word"),
    ("isosceles", "If so, it is isosceles.", False, "a condition"),
    ("isosceles", "For equal sides, it is isosceles.", False, "a case before the comma"),
    ("isosceles", "It is not isosceles.", False, "a negation"),
    ("isosceles", "It may be isosceles.", False, "a doubt"),
    ("isosceles", "It is equilateral or isosceles.", False, "an alternative"),
    ("isosceles", "Is it isosceles?", False, "a question"),
    ("isosceles", "Draw the isosceles.", False, "no linking verb"),
    ("isosceles", "isosceles", False, "no sentence"),
    ("not defined", "It is not defined.", True, "a negation that belongs to the phrase"),
    ("yes", "Yes, because 4 is even.", True, "a yes leads"),
    ("yes", "The answer is yes.", False, "a yes at the end"),
    ("yes", "Yes, but no.", False, "both"),
    ("no", "No. It is odd.", True, "a no"),
    ("a b c d e", "It is a b c d e.", False, "more than a short phrase"),
    ("5", "It is 5.", False, "a number is no word"),
    ("even", "It is " + "very " * (MAX_SENTENCE_CHARS // 5) + "is even.", False, "an endless one"),
]


@pytest.mark.parametrize(("reference", "answer", "said", "why"), ROWS, ids=[row[3] for row in ROWS])
def test_says(reference, answer, said, why):
    assert says(reference, answer) is said, why
