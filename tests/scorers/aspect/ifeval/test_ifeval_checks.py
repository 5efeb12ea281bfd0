"""The 25 IFEval checks: what follows an instruction, what does not, and why."""

import re

import pytest

from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.aspect.ifeval.ifeval_checks import IFEVAL, _count_double, _count_single
from harmo.scorers.types import Sample

FRENCH = "Le temps est beau aujourd'hui et nous allons au parc."
ENGLISH = "the weather is nice today and we walk to the park"

ROWS = [
    # id, kwargs, text, followed, reason
    ("keywords:existence", {"keywords": ["Rose", "sun"]}, "A rose in the SUN", 1, "any case"),
    ("keywords:existence", {"keywords": ["rose"]}, "rosebud", 1, "inside a word counts"),
    ("keywords:existence", {"keywords": ["rose", "sun"]}, "a rose", 0, "one is missing"),
    ("keywords:existence", {"keywords": "rose"}, "a rose", 1, "a lone string is a list of one"),
    ("keywords:existence", {"keywords": ["a.b"]}, "axb", 0, "literal, not a pattern"),
    ("keywords:existence", {"keywords": ["C++ (a+)+$"]}, "c++ (A+)+$", 1, "literal metacharacters"),
    (
        "keywords:frequency",
        {"keyword": "cat", "frequency": 2, "relation": "at least"},
        "Cat, concat",
        1,
        "substrings count, as Google's do",
    ),
    (
        "keywords:frequency",
        {"keyword": "cat", "frequency": 2, "relation": "less than"},
        "cat cat",
        0,
        "less than is strict",
    ),
    (
        "keywords:frequency",
        {"keyword": "cat", "frequency": 0, "relation": "at least"},
        "dog",
        1,
        "a falsy argument is kept",
    ),
    ("keywords:forbidden_words", {"forbidden_words": ["rose"]}, "rosebud", 1, "whole words only"),
    ("keywords:forbidden_words", {"forbidden_words": ["rose"]}, "A Rose.", 0, "any case"),
    ("keywords:forbidden_words", {"forbidden_words": ["a.b"]}, "axb", 1, "literal, not a pattern"),
    ("keywords:forbidden_words", {"forbidden_words": ["C++"]}, "C++ is", 0, "ends in a mark"),
    (
        "keywords:letter_frequency",
        {"letter": "E", "let_frequency": 2, "let_relation": "at least"},
        "Eye",
        1,
        "case does not matter",
    ),
    (
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 4, "let_relation": "at least"},
        "#a #b #c #d",
        1,
        "a mark is counted itself, not a random letter",
    ),
    (
        "keywords:letter_frequency",
        {"letter": "z", "let_frequency": 1, "let_relation": "less than"},
        "zoo",
        0,
        "one is not less than one",
    ),
    ("language:response_language", {"language": "fr"}, FRENCH, 1, "French"),
    ("language:response_language", {"language": "en"}, FRENCH, 0, "not English"),
    ("language:response_language", {"language": "fr"}, "1234", 0, "no language at all"),
    (
        "language:response_language",
        {"language": "zh"},
        "今天天气很好，我们和朋友一起去公园散步。",
        1,
        "zh takes zh-cn",
    ),
    ("length_constraints:number_words", {"num_words": 3, "relation": "at least"}, "a-b c", 1, "3"),
    ("length_constraints:number_words", {"num_words": 3, "relation": "less than"}, "a b c", 0, "3"),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "less than"},
        "Dr. Smith met J. Bach at 3.5 p.m. Then he left.",
        1,
        "titles, initials and decimals end nothing",
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "at least"},
        'Yes! "No?" (Maybe.) ...',
        1,
        "closing marks belong to their sentence",
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "at least"},
        "One... two. Three",
        0,
        "an ellipsis ends nothing",
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n***\nb\n***", 1, "end"),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a *** *** b", 0, "empty"),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 1}, "a\n\nb", 1, "no divider"),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Well"},
        "a\n\n'well, b",
        1,
        "quotes before and marks after are no part of the word",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "well"},
        "a\n\nwell b\n\nc",
        0,
        "three paragraphs",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "b"},
        " \n\nb\n\nc",
        0,
        "the first piece is blank",
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[a] [b c]", 1, "two"),
    ("detectable_content:number_placeholders", {"num_placeholders": 1}, "[a\n]", 0, "over a line"),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[[a]]", 0, "one closes"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "x\np. s. y", 1, "spaced"),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "x P.S. y", 0, "one P"),
    ("detectable_content:postscript", {"postscript_marker": "(a+)+$"}, "aaaa", 0, "literal"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n  - b\n**c**", 1, "both"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 0}, "no list", 1, "zero is kept"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "*\n* b", 1, "as Google counts"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 0}, "*", 1, "a star at the end"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "* a\n* b", 0, "exactly"),
    ("detectable_format:constrained_response", {}, "So: My answer is maybe. ", 1, "an option"),
    ("detectable_format:constrained_response", {}, "my answer is yes.", 0, "another case"),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* **b**", 1, "2"),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 1}, "* * **", 0, "blank"),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "SECTION", "num_sections": 2},
        "SECTION 1\na\nSECTION2\nb",
        1,
        "with a space or without",
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 1},
        "section 1",
        0,
        "case matters",
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', 1, "fenced"),
    ("detectable_format:json_format", {}, 'Here: {"a": 1}', 0, "text before"),
    ("detectable_format:title", {}, "so\n<<a title>>", 1, "a title"),
    ("detectable_format:title", {}, "<< >> <<a\n>>", 0, "blank, and over a line"),
    ("combination:two_responses", {}, "a\n******\nb\n******", 1, "two and a trailing mark"),
    ("combination:two_responses", {}, "a ****** a", 0, "the same twice"),
    ("combination:two_responses", {}, "a ****** ****** b", 0, "an empty one between"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say hi. "}, " say HI. Hi!", 1, "any case"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say hi."}, "Sure. Say hi.", 0, "first"),
    ("startend:end_checker", {"end_phrase": "The end."}, 'x the end."\n', 1, "inside a quote"),
    ("startend:end_checker", {"end_phrase": "The end."}, "The end. x", 0, "words follow"),
    ("startend:quotation", {}, ' "a" ', 1, "wrapped"),
    ("startend:quotation", {}, '"', 0, "one mark wraps nothing"),
    ("startend:quotation", {}, "“a”", 0, "curly marks are others"),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 3, "capital_relation": "at least"},
        "NASA and I don't. U.S.",
        1,
        "NASA, I, U.S.",
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 1, "capital_relation": "less than"},
        "Nasa 1st",
        1,
        "none",
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "less than"},
        "I'M here",
        0,
        "a clitic is a word: I and 'M",
    ),
    ("change_case:english_capital", {}, ENGLISH.upper(), 1, "English in capitals"),
    ("change_case:english_capital", {}, FRENCH.upper(), 0, "French in capitals"),
    ("change_case:english_capital", {}, "1234", 0, "no letters"),
    ("change_case:english_lowercase", {}, ENGLISH, 1, "English in lower case"),
    ("change_case:english_lowercase", {}, ENGLISH + " OK", 0, "two capitals"),
    ("punctuation:no_comma", {}, "a; b", 1, "no comma"),
    ("punctuation:no_comma", {}, "a, b", 0, "a comma"),
    ("punctuation:no_comma", {}, "好，好", 0, "a full-width comma is a comma"),
]


@pytest.mark.parametrize(("id_", "kwargs", "text", "followed", "reason"), ROWS)
def test_instruction_is_followed_or_not(id_, kwargs, text, followed, reason):
    constraints = {"instruction_id_list": [id_], "kwargs": [kwargs]}
    score = ifeval(Sample(completion=text, constraints=constraints))
    assert score.value == followed, (reason, score.detail)
    (row,) = score.detail["instructions"]
    assert row["id"] == id_
    assert row["followed"] is bool(followed)
    assert (row["why"] is None) is bool(followed)


def test_every_instruction_has_a_row_each_way():
    seen = {(id_, followed) for id_, _, _, followed, _ in ROWS}
    assert {(id_, followed) for id_ in IFEVAL.ids for followed in (0, 1)} == seen
    assert len(IFEVAL.ids) == 25


@pytest.mark.parametrize(
    ("line", "single", "double", "why"),
    [
        ("*a* and *b*", 2, 0, "two"),
        ("**a** **b**", 0, 2, "doubled ones, whose insides are blank to the single rule"),
        ("*a", 0, 0, "never closes"),
        ("*a*b*", 1, 0, "an asterisk counts once"),
        ("* *", 0, 0, "blank"),
        ("***a**", 1, 1, "the last two of three open"),
        ("****a**", 0, 0, "four are a highlight of nothing"),
        ("******a**", 0, 1, "and two more open"),
        ("**a*b**", 1, 0, "a lone asterisk within"),
        ("**a**b**", 0, 1, "two asterisks count once"),
    ],
)
def test_highlights_are_told_as_their_patterns_do(line, single, double, why):
    marks = re.findall(r"\*[^\n*]*\*", line), re.findall(r"\*\*[^\n*]*\*\*", line)
    theirs = [sum(1 for mark in found if mark.strip("*").strip()) for found in marks]
    assert [_count_single(line), _count_double(line)] == theirs == [single, double], why
