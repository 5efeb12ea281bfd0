"""Which of a few lettered options a text chooses."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.options import (
    chosen,
    listed_options,
    reference_letters,
)
from harmo.scorers.types import Message, Sample

PROMPT = "Which one?\nA. cat\nB. dog\nC. 2x + 1"

CHOSEN = [
    ("\\boxed{B}", "B", False, "a letter in a box"),
    ("<answer>(b)</answer>", "B", False, "a small one in an element"),
    ("\\boxed{dog}", "B", False, "an option's text"),
    ("The answer is B because A is wrong", "B", False, "the clause of a cue"),
    ("Let us see. A is wrong. So B.", "B", False, "prose ends with its choice"),
    ("A dog is an animal", "", False, "the article chooses nothing"),
    ("I think it is B", "B", False, "nor does the pronoun"),
    ("A or B", "", True, "an open choice"),
    ("\\boxed{A or B}", "", True, "one left open in a box"),
    ("\\boxed{A}\\boxed{B}", "", True, "different boxes"),
    ("\\boxed{B}\\boxed{dog}", "B", True, "boxes that say the same"),
    ("not A but B", "B", False, "a denied letter"),
]


@pytest.mark.parametrize(
    ("completion", "letters", "conflicting", "why"), CHOSEN, ids=[row[3] for row in CHOSEN]
)
def test_chosen(completion, letters, conflicting, why):
    found = chosen(Sample(prompt=PROMPT, completion=completion), ("B",))

    assert ("".join(sorted(found.letters)), found.conflicting) == (letters, conflicting), why


def test_several_letters_may_be_chosen_together():
    sample = Sample(prompt=PROMPT, completion="A and C")

    assert chosen(sample, ("A",), multi_select=True).letters == {"A", "C"}
    assert chosen(sample, ("A",)).letters == frozenset()


def test_content_of_an_answer_element_is_all_that_counts():
    prose = Sample(completion="so we take B, as was to be shown", delimited=False)

    assert chosen(prose, ("B",)).text == prose.text


@pytest.mark.parametrize(
    ("prompt", "references", "options", "why"),
    [
        (PROMPT, ("B",), {"A": "cat", "B": "dog", "C": "2x + 1"}, "the prompt's lines"),
        ((Message(role="user", parts=(PROMPT,)),), ("B",), {"A": "cat", "B": "dog", "C": "2x + 1"},
         "of a chat"),
        (PROMPT, ("dog",), {"A": "cat", "B": "dog", "C": "2x + 1"}, "by an option's text"),
        ("Which? (A) red (B) blue, or (C) green", ("C",),
         {"A": "red", "B": "blue, or", "C": "green"}, "in one line"),
        ("", ("B. red",), {"B": "red"}, "the reference's own"),
        ("A cat", ("B",), {}, "none"),
        ("i) red\nii) blue", ("ii",), {"i": "red", "ii": "blue"}, "Roman numerals"),
        ("1. red\n2. blue", ("2",), {"1": "red", "2": "blue"}, "numbers"),
        ("I. it rains\nII. it snows\nWhich?\nA. I only\nB. I and II", ("B",),
         {"A": "I only", "B": "I and II"}, "the list that the reference is of"),
    ],
)  # fmt: skip
def test_listed_options(prompt, references, options, why):
    found = listed_options(Sample(prompt=prompt), references)

    assert {key: text for key, text in found.items() if text} == options, why


@pytest.mark.parametrize(
    ("reference", "multi_select", "letters", "why"),
    [
        ("AC", True, "AC", "letters together"),
        ("A, C", True, "AC", "with a comma"),
        ("C", False, "C", "one"),
        ("dog", False, "B", "an option's text"),
        ("42", False, "", "no option"),
    ],
)
def test_reference_letters(reference, multi_select, letters, why):
    found = reference_letters(reference, {"A": "", "B": "dog", "C": ""}, multi_select=multi_select)

    assert "".join(sorted(found)) == letters, why
