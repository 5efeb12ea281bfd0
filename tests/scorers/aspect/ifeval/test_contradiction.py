"""Instructions that no completion can follow together."""

import pytest

from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.types import Reason, Sample

WORDS = "length_constraints:number_words"

UNREADABLE = [
    (
        [{"instruction_id": "change_case:english_capital"},
         {"instruction_id": "change_case:english_lowercase"}],
        "exclude each other",
        "two cases",
    ),
    (
        [{"instruction_id": WORDS, "kwargs": {"relation": "at least", "num_words": 100}},
         {"instruction_id": WORDS, "kwargs": {"relation": "less than", "num_words": 100}}],
        "at least 100 and at most 99",
        "no number of words is left",
    ),
    (
        [{"instruction_id": "detectable_format:number_bullet_lists", "kwargs": {"num_bullets": n}}
         for n in (1, 3)],
        "number_bullet_lists",
        "exactly one and exactly three",
    ),
    (
        [{"instruction_id": "keywords:existence", "kwargs": {"keywords": ["rose"]}},
         {"instruction_id": "keywords:forbidden_words", "kwargs": {"forbidden_words": ["Rose"]}}],
        "wanted and forbidden",
        "a word both wanted and forbidden",
    ),
    (
        [{"instruction_id": "language:response_language", "kwargs": {"language": code}}
         for code in ("de", "fr")],
        "['de', 'fr']",
        "two languages",
    ),
    (
        [{"instruction_id": "length_constraints:nth_paragraph_first_word",
          "kwargs": {"num_paragraphs": 2, "nth_paragraph": 3, "first_word": "a"}}],
        "paragraph 3 of 2",
        "a paragraph beyond the last",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("constraints", "why", "reason"), UNREADABLE)
def test_what_contradicts_is_named(constraints, why, reason):
    score = ifeval(Sample(completion="a", constraints=constraints))
    assert score.reason is Reason.UNREADABLE_CONSTRAINTS, reason
    assert why in score.detail["why"]


def test_what_can_be_followed_together_is_checked():
    constraints = [
        {"instruction_id": WORDS, "kwargs": {"relation": "at least", "num_words": 2}},
        {"instruction_id": WORDS, "kwargs": {"relation": "less than", "num_words": 3}},
    ]
    assert ifeval(Sample(completion="one two", constraints=constraints)).value == 1.0
