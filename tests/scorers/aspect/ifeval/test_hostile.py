"""Text that a policy writes to stall, crash or fool a check."""

import pytest

from harmo.scorers.aspect.ifeval.ifbench import IFBENCH, ifbench
from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.aspect.ifeval.instruction import Instruction
from harmo.scorers.aspect.ifeval.mm_ifeval import MM_IFEVAL
from harmo.scorers.types import Sample

AT_LEAST = {"relation": "at least"}
ROWS = [
    # id, kwargs, text, followed, reason
    ("detectable_content:number_placeholders", {"num_placeholders": 1}, "[" * 20_000, 0, "[["),
    ("detectable_content:number_placeholders", {"num_placeholders": 1}, "[a" * 20_000, 0, "open"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "\n" * 20_000, 0, "newlines"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, " " * 20_000, 0, "space"),
    ("detectable_format:title", {}, "<<" * 20_000, 0, "titles that never close"),
    ("detectable_format:json_format", {}, "[" * 20_000, 0, "JSON nested too deep"),
    ("detectable_format:json_format", {}, "9" * 20_000, 0, "an integer too long to convert"),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 1}, "*" * 20_000, 0, "**"),
    ("keywords:existence", {"keywords": ["(a+)+$"]}, "a" * 20_000 + "!", 0, "a keyword bomb"),
    ("keywords:forbidden_words", {"forbidden_words": ["a" * 999]}, "a" * 200_000, 1, "overlaps"),
    ("keywords:forbidden_words", {"forbidden_words": ["(a+)+$"]}, "a" * 20_000, 1, "the same"),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "(a+)+", "num_sections": 1},
        "a" * 20_000 + "!",
        0,
        "a splitter bomb",
    ),
    ("length_constraints:number_sentences", {**AT_LEAST, "num_sentences": 1}, ". " * 9_000, 1, ""),
    ("length_constraints:number_words", {**AT_LEAST, "num_words": 1}, "\x00" * 20_000, 0, "NUL"),
    ("language:response_language", {"language": "en"}, "\u202e" * 20_000, 0, "direction marks"),
    ("language:response_language", {"language": "en"}, "a@" * 20_000, 0, "half addresses"),
    ("custom:mcq_count_length", {}, "Question" + "\n" * 20_000, 0, "newlines before a question"),
    ("words:odd_even_syllables", {}, "a-" * 20_000, 1, "one word"),
]  # fmt: skip


@pytest.mark.parametrize(("id_", "kwargs", "text", "followed", "reason"), ROWS)
def test_hostile_text_is_settled(id_, kwargs, text, followed, reason):
    constraints = [{"instruction_id": id_, "kwargs": kwargs}]
    assert ifbench(Sample(completion=text, constraints=constraints)).value == followed, reason


ARGUMENTS = {
    "check_whether_each_paragraph_sentence_number_in_range_list": [[[1, 2]]],
    "check_whether_whole_response_not_contain_certain_substrings": [["a"]],
    "check_whether_each_keyword_in_list_metioned_in_range": [["a"], 1, 2],
    "check_whether_total_keyword_in_list_metioned_in_range": [["a"], 1, 2],
    "check_percentage_number_precision_in_response": [2],
    "check_number_precision_in_response": [2],
    "check_whether_has_no_arabic_number_in_response": [],
}
TEXTS = ["1" * 20_000 + "x", "1,111" * 4000 + "x", "1.1" * 7000 + "x", ". . " * 5000, "\n " * 9000]


@pytest.mark.parametrize("id_", MM_IFEVAL.ids)
def test_hostile_text_settles_every_rule_of_mm_ifeval(id_):
    params = ARGUMENTS.get(id_, ["a"] if "substring" in id_ else [1, 2])
    check = MM_IFEVAL.bind(Instruction(id=id_, kwargs={"params": params}))
    for text in TEXTS:
        assert check(text) is None or isinstance(check(text), str)


BARE = [id_ for id_ in IFBENCH.ids if not IFBENCH.takes(id_)]


@pytest.mark.parametrize("id_", BARE)
@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "\ud800", "\"'", "﷽" * 9, "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_odd_text_crashes_no_check(id_, text):
    why = IFBENCH.bind(Instruction(id=id_))(text)
    assert why is None or why


def test_no_line_of_asterisks_earns_a_loose_verdict():
    sample = Sample(
        completion="***\n" * 5000, constraints=[{"instruction_id": "detectable_format:title"}]
    )
    assert ifeval(sample, mode="loose").value == 0.0
