"""Arguments of a check: what is missing, unknown or malformed is named."""

import pytest

from harmo.scorers.aspect.ifeval.check import Checks, compare
from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.aspect.ifeval.instruction import ConstraintError, Instruction
from harmo.scorers.types import Reason, Sample

WORDS = "length_constraints:number_words"
THREE = {"relation": "at least", "num_words": 3}

UNREADABLE = [
    ([{"instruction_id": "keywords:exist"}], "unknown instruction id", "an id of no benchmark"),
    ([{"instruction_id": WORDS}], "num_words", "a missing argument"),
    ([{"instruction_id": WORDS, "kwargs": {**THREE, "n": 1}}], "n:", "an unknown argument"),
    ([{"instruction_id": WORDS, "kwargs": {**THREE, "num_words": -1}}], "num_words", "negative"),
    ([{"instruction_id": WORDS, "kwargs": {**THREE, "relation": "near"}}], "relation", "near"),
    ([{"instruction_id": WORDS, "kwargs": {**THREE, "num_words": False}}], "no count", "false"),
    ([{"instruction_id": "keywords:existence", "kwargs": {"keywords": []}}], "keywords", "empty"),
    ([{"instruction_id": "keywords:existence", "kwargs": {"keywords": [""]}}], "keywords", "blank"),
    (
        [
            {
                "instruction_id": "keywords:letter_frequency",
                "kwargs": {"letter": "ab", "let_frequency": 1, "let_relation": "at least"},
            }
        ],
        "letter",
        "two letters",
    ),
    (
        [{"instruction_id": "language:response_language", "kwargs": {"language": "Klingon"}}],
        "'Klingon' is no language",
        "a language nobody can detect is not failed by everybody",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("constraints", "why", "reason"), UNREADABLE)
def test_an_instruction_that_cannot_be_checked_is_named(constraints, why, reason):
    score = ifeval(Sample(completion="a", constraints=constraints))
    assert score.reason is Reason.UNREADABLE_CONSTRAINTS, reason
    assert why in score.detail["why"]


RELATIONS = [
    ("less than", 2, 3, True),
    ("less than", 3, 3, False),
    ("at least", 3, 3, True),
    ("at least", 2, 3, False),
    ("at most", 3, 3, True),
    ("at most", 4, 3, False),
    ("exactly", 3, 3, True),
    ("exactly", 4, 3, False),
    ("around", 110, 100, True),
    ("around", 111, 100, False),
    ("around", 4, 3, True),
    ("around", 5, 3, False),
]


@pytest.mark.parametrize(("relation", "count", "target", "holds"), RELATIONS)
def test_a_relation_holds_or_says_both_numbers(relation, count, target, holds):
    why = compare(count, relation, target, "words")
    assert why == (None if holds else f"{count} words, not {relation} {target}")


def test_an_instruction_that_is_left_out_says_why():
    checks = Checks()
    checks.leave_out("a:b", "needs a tagger")
    with pytest.raises(ConstraintError, match="a:b: needs a tagger"):
        checks.bind(Instruction(id="a:b"))
