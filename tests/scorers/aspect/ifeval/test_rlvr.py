"""RLVR-IFeval's functions, read as the instructions that they word."""

import pytest

from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.aspect.ifeval.ifeval_checks import IFEVAL
from harmo.scorers.aspect.ifeval.rlvr import from_function
from harmo.scorers.types import Reason, Sample

READ = [
    ("validate_no_commas", {}, "punctuation:no_comma", {}, "no arguments"),
    ("verify_bullet_points", {"N": 3}, "detectable_format:number_bullet_lists",
     {"num_bullets": 3}, "a count"),
    ("validate_word_constraint", {"N": 3, "quantifier": "around"},
     "length_constraints:number_words", {"num_words": 3, "relation": "around"}, "a quantifier"),
    ("verify_keyword_frequency", {"word": "a", "N": 2}, "keywords:frequency",
     {"keyword": "a", "frequency": 2, "relation": "exactly"}, "no quantifier means exactly"),
    ("verify_paragraph_count", {"N": 2, "letter": "x"}, "length_constraints:number_paragraphs",
     {"num_paragraphs": 2, "divider": "* * *"}, "its own divider; others' columns aside"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "id_", "kwargs", "reason"), READ)
def test_a_function_is_an_instruction(name, arguments, id_, kwargs, reason):
    assert from_function(name, arguments) == (id_, kwargs), reason
    assert set(kwargs) <= set(IFEVAL.takes(id_))


UNREADABLE = [
    ([{"func_name": "verify_all"}], "unknown func_name", "a foreign function"),
    ([{"func_name": "verify_keywords"}], "missing keyword_list", "a function without arguments"),
]  # fmt: skip


@pytest.mark.parametrize(("constraints", "why", "reason"), UNREADABLE)
def test_a_function_that_cannot_be_read_is_named(constraints, why, reason):
    score = ifeval(Sample(completion="a", constraints=constraints))
    assert score.reason is Reason.UNREADABLE_CONSTRAINTS, reason
    assert why in score.detail["why"]
