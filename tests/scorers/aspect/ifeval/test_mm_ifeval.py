"""MM-IFEval's rule-verified functions: what follows a constraint and what does not."""

import pytest

from harmo.scorers.aspect.ifeval.mm_ifeval import (
    _NUMBER,
    MM_IFEVAL,
    _decimals,
    _no_arabic_number,
    mm_ifeval,
)
from harmo.scorers.types import Reason, Sample

TWO = "One. Two.\n\nThree."

ROWS = [
    # function, params, followed, not followed
    ("check_whether_response_paragraph_number_in_range", [2, 3], TWO, "One.\nTwo."),
    ("check_whether_response_sentence_number_in_range", [3, 3], TWO, "One."),
    (
        "check_whether_each_paragraph_sentence_number_in_range",
        [1, 2],
        TWO,
        "One. Two. Three.\n\nFour.",
    ),
    (
        "check_whether_each_paragraph_sentence_number_in_range_list",
        [[[2, 2], [1, 1]]],
        TWO,
        "One. Two.",
    ),
    ("check_whether_response_word_count_in_range", [2, 3], "one-two, three", "one"),
    ("check_whether_each_paragraph_word_count_in_range", [1, 2], TWO, "one two three\n\nfour"),
    ("check_whether_whole_response_not_contain_certain_substrings", [["x", "y"]], "a", "by"),
    ("check_whether_whole_response_not_contain_certain_substring", ["x"], "X", "ox"),
    ("check_whether_whole_response_begin_with_certain_substring", ["So"], " So it", "so it"),
    (
        "check_whether_each_sentence_begin_with_certain_substring",
        ["So"],
        "So is it. So be it.",
        "So be it. It is.",
    ),
    ("check_whether_each_paragraph_begin_with_certain_substring", ["-"], "- a\n\n- b", "- a\n\nb"),
    ("check_whether_whole_response_end_with_certain_substring", ["end."], "the end. ", "the end"),
    ("check_whether_each_sentence_end_with_certain_substring", ["?"], "A? B?", "A? B."),
    ("check_whether_each_paragraph_end_with_certain_substring", ["."], TWO, "a.\n\nb"),
    (
        "check_whether_each_keyword_in_list_metioned_in_range",
        [["Cat", "dog"], 1, 2],
        "cat dog Dog",
        "cats dog",
    ),
    (
        "check_whether_total_keyword_in_list_metioned_in_range",
        [["cat", "dog"], 2, 2],
        "cat, cat",
        "cat",
    ),
    ("check_percentage_number_precision_in_response", [2], "3.14 % of 7", "3.1%"),
    ("check_number_precision_in_response", [1], "1,234.5 and 2.0e3", "12.34"),
    ("check_whether_has_no_arabic_number_in_response", [], "three v2a", "It is 3."),
]


def of(function, params):
    return [{"key": "k", "judge": {"method": "rule_based", "verify_funcs": [
        {"func": function, "params": params}]}}]  # fmt: skip


@pytest.mark.parametrize(("function", "params", "right", "wrong"), ROWS)
def test_constraint_is_followed_or_not(function, params, right, wrong):
    assert mm_ifeval(Sample(completion=right, constraints=of(function, params))).value == 1.0
    score = mm_ifeval(Sample(completion=wrong, constraints=of(function, params)))
    assert score.value == 0.0
    assert score.detail["instructions"][0]["why"]


def test_every_function_has_a_row():
    assert {row[0] for row in ROWS} == set(MM_IFEVAL.ids)


JUDGED = {"key": "tone", "judge": {"method": "cmp_gpt"}}


def test_judged_constraints_are_left_out_and_listed():
    constraints = [JUDGED, *of("check_whether_response_word_count_in_range", [1, 1])]
    score = mm_ifeval(Sample(completion="one", constraints=constraints))
    assert score.value == 1.0
    assert score.detail["judged"] == ["tone"]


def test_constraint_holds_only_if_all_its_functions_do():
    (constraint,) = of("check_whether_response_word_count_in_range", [1, 3])
    constraint["judge"]["verify_funcs"].append(
        {"func": "check_whether_response_sentence_number_in_range", "params": [2, 2]}
    )
    score = mm_ifeval(Sample(completion="One two.", constraints=[constraint]))
    assert score.value == 0.0
    assert score.detail["instructions"] == [
        {"id": "k", "followed": False, "why": "1 sentences, not 2 to 2"}
    ]


def test_bare_functions_are_constraints_of_their_own():
    constraints = [
        {"func": "check_whether_response_word_count_in_range", "params": [1, 3]},
        {"func": "check_whether_response_sentence_number_in_range", "params": [2, 2]},
    ]
    assert mm_ifeval(Sample(completion="One two.", constraints=constraints)).value == 0.5


def test_only_judged_constraints_abstain():
    score = mm_ifeval(Sample(completion="one", constraints=[JUDGED]))
    assert score.reason is Reason.NO_CONSTRAINTS


def test_rule_without_functions_is_named():
    constraints = [{"key": "k", "judge": {"method": "rule_based", "verify_funcs": []}}]
    score = mm_ifeval(Sample(completion="one", constraints=constraints))
    assert score.reason is Reason.UNREADABLE_CONSTRAINTS
    assert "verify_funcs" in score.detail["why"]


@pytest.mark.parametrize(
    ("function", "params", "why"),
    [
        ("check_everything", [], "unknown"),
        ("check_number_precision_in_response", [1, 2], "2 params, it takes 1"),
        ("check_number_precision_in_response", [], "precision"),
        ("check_number_precision_in_response", ["many"], "precision"),
    ],
)
def test_malformed_functions_are_named(function, params, why):
    score = mm_ifeval(Sample(completion="a", constraints=of(function, params)))
    assert score.reason is Reason.UNREADABLE_CONSTRAINTS
    assert why in score.detail["why"]


@pytest.mark.parametrize(
    ("text", "decimals", "reason"),
    [
        ("1", [0], "a whole number"),
        ("-1.25%", [2], "a sign and a percent sign are part of it"),
        ("1,234,567.8", [1], "thousands"),
        ("12345.67", [2], "many digits without thousands"),
        (".5", [1], "no digit before the point"),
        ("1.5e-7", [1], "an exponent"),
        ("1.5x", [0], "the 1 is a number, the rest a word"),
        ("1,234x", [0], "the same of thousands"),
        ("1,234,567x", [0], "the same"),
        ("1,2345", [0, 0], "no thousands"),
        ("1.5%x", [1], "the percent sign ends it"),
        (".5x", [], "a word"),
        ("12345x", [], "a word"),
        ("1e5x", [], "a word"),
        ("a1.5", [0], "the 5: the 1 stands in a word"),
        ("+,+e-12", [0], "no exponent without a number"),
        ("5-5", [0, 0], "a range"),
        ("x", [], "no number"),
    ],
)
def test_numbers_and_their_decimals(text, decimals, reason):
    found = [_decimals(match) for match in _NUMBER.finditer(text)]
    assert [len(each) for each in found if each is not None] == decimals, reason


@pytest.mark.parametrize(
    ("text", "found"),
    [("3", "3"), ("It is 3.", "3"), ("3.x", "3"), ("v3", None), ("v.3", None), ("3a", None)],
)
def test_an_arabic_number_stands_alone(text, found):
    assert _no_arabic_number(text) == (found and f"contains {found}")
