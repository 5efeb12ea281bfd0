"""From carriers to a score: credit, loose readings, and constraints that cannot be read."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.aspect.ifeval.ifbench import ifbench
from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.aspect.ifeval.instruction import Instruction, read_instructions
from harmo.scorers.aspect.ifeval.scoring import variants
from harmo.scorers.types import Message, Reason, Sample

COMMA = "punctuation:no_comma"
QUOTE = "startend:quotation"
WORDS = "length_constraints:number_words"
THREE = {"relation": "at least", "num_words": 3}

CARRIERS = [
    ([{"instruction_id": WORDS, "kwargs": THREE}, {"instruction_id": COMMA}], "this service's"),
    (
        {
            "instruction_id_list": [WORDS, COMMA],
            "kwargs": [{**THREE, "keywords": None, "letter": None}, {"num_words": None}],
        },
        "google/IFEval on the hub fills columns with None",
    ),
    ({"instruction_id_list": [WORDS, COMMA], "kwargs": [THREE, None]}, "no kwargs at all"),
    ([{"instruction_id": [WORDS, COMMA], "kwargs": [THREE, None]}], "open-instruct's list"),
    (
        str([{"instruction_id": [WORDS, COMMA], "kwargs": [THREE, None]}]),
        "open-instruct's label: a Python literal",
    ),
    (
        str([json.dumps({"instruction_id": [WORDS, COMMA], "kwargs": [THREE, None]})]),
        "open-instruct's label: a literal that holds JSON",
    ),
    (
        json.dumps(
            [
                {"instruction_id": WORDS, "kwargs": THREE},
                {"instruction_id": COMMA, "kwargs": "{}"},
            ]
        ),
        "JSON text, kwargs text themselves",
    ),
    (
        [
            {"func_name": "validate_word_constraint", "N": 3, "quantifier": "at least", "i": None},
            {"func_name": "validate_no_commas", "N": None},
        ],
        "RLVR-IFeval",
    ),
    (
        [
            {"func_name": "validate_word_constraint", "args": {"N": 3, "quantifier": "at least"}},
            {"func_name": "validate_no_commas", "args": {}},
        ],
        "RLVR-IFeval with its arguments apart",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("carrier", "reason"), CARRIERS)
def test_every_carrier_holds_the_same_instructions(carrier, reason):
    assert read_instructions(carrier) == (
        Instruction(id=WORDS, kwargs=THREE),
        Instruction(id=COMMA),
    ), reason


def test_mm_ifeval_carrier_keeps_rules_and_marks_judged_constraints():
    rule = {"func": "f", "params": [1, 2]}
    carrier = [
        {"key": "tone", "judge": {"method": "direct_gpt"}},
        {"key": "size", "judge": {"method": "rule_based", "verify_funcs": [rule]}},
    ]
    assert read_instructions(carrier) == (
        Instruction(id="tone", judged=True),
        Instruction(id="size", all_of=(Instruction(id="f", kwargs={"params": [1, 2]}),)),
    )


@pytest.mark.parametrize("constraints", [None, [], {}, "", "[]", [None]])
def test_no_constraints_abstain(constraints):
    score = ifeval(Sample(completion="a", constraints=constraints))
    assert score.reason is Reason.NO_CONSTRAINTS


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
    ({"instruction_id_list": [COMMA], "kwargs": [{}, {}]}, "1 instruction ids", "columns differ"),
    ([{"instruction_id": COMMA, "kwargs": [1]}], "no object", "kwargs are a list"),
    ("length < 3", "neither JSON", "prose"),
    ("[" * 50_000, "neither JSON", "a bomb of brackets"),
    ("[1]" + " " * 100_000, "characters", "a carrier too long to read"),
    ([[[[[[[[[[[{"instruction_id": COMMA}]]]]]]]]]]], "nested", "nested too deep"),
    ([{"instruction_id": COMMA}] * 300, "at most 256", "too many"),
    ([7], "7 is no instruction", "a number"),
    ([{"kind": "no comma"}], "names no instruction_id", "a foreign object"),
    ([{"func_name": "verify_all"}], "unknown func_name", "a foreign function"),
    ([{"func_name": "verify_keywords"}], "missing keyword_list", "a function without arguments"),
    ([{"func": COMMA, "params": 3}], "params 3 are no list", "params that are no list"),
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
def test_malformed_or_contradictory_constraints_are_named(constraints, why, reason):
    score = ifeval(Sample(completion="a", constraints=constraints))
    assert score.reason is Reason.UNREADABLE_CONSTRAINTS, reason
    assert why in score.detail["why"]


def test_instruction_that_needs_a_tagger_abstains_whatever_was_written():
    constraints = [{"instruction_id": "words:start_verb"}]
    for text in ("Go home.", "The home.", ""):
        score = ifbench(Sample(completion=text, constraints=constraints))
        assert score.reason is Reason.UNREADABLE_CONSTRAINTS
        assert "part-of-speech" in score.detail["why"]


TWO_OF_THREE = [
    {"instruction_id": COMMA},
    {"instruction_id": QUOTE},
    {"instruction_id": WORDS, "kwargs": THREE},
]


@pytest.mark.parametrize(
    ("params", "value", "reason"),
    [
        ({}, 2 / 3, "the mean"),
        ({"credit": "all"}, 0.0, "one fails"),
        ({"credit": "weighted"}, 2 / 3, "weights default to 1"),
        ({"credit": "weighted", "weights": {QUOTE: 2}}, 0.5, "by id"),
        ({"credit": "weighted", "weights": {"startend": 2}}, 0.5, "by group"),
        ({"credit": "mean", "weights": {QUOTE: 2}}, 2 / 3, "weights are for `weighted`"),
    ],
)
def test_credit(params, value, reason):
    score = ifeval(Sample(completion="one two three", constraints=TWO_OF_THREE), **params)
    assert score.value == pytest.approx(value), reason


@pytest.mark.parametrize("params", [{"mode": "lax"}, {"credit": "some"}, {"weights": {QUOTE: 0}}])
def test_bad_params_are_refused_at_load(params):
    with pytest.raises(registry.ScorerParamsError, match=next(iter(params))):
        registry.bind("aspect.ifeval", params)


def test_repeated_instruction_counts_twice():
    constraints = [{"instruction_id": QUOTE}, {"instruction_id": COMMA}, {"instruction_id": QUOTE}]
    assert ifeval(Sample(completion="a", constraints=constraints)).value == pytest.approx(1 / 3)


def test_loose_takes_the_best_reading():
    sample = Sample(
        completion='Sure, here it is:\n"**a b**"\nHope it helps, bye.',
        constraints=[{"instruction_id": COMMA}, {"instruction_id": QUOTE}],
    )
    assert ifeval(sample).value == 0.0
    assert ifeval(sample, mode="loose").value == 1.0


def test_loose_has_eight_readings():
    assert variants("a*\nb\nc*", "loose") == [
        "a*\nb\nc*", "b\nc*", "a*\nb", "b", "a\nb\nc", "b\nc", "a\nb",
    ]  # fmt: skip
    assert variants(" \n", "loose") == []


@pytest.mark.parametrize("text", ["", " \n", "<think>a</think>"])
def test_empty_answer_follows_nothing(text):
    score = ifeval(Sample(completion=text, constraints=[{"instruction_id": COMMA}]))
    assert score.value == 0.0


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (Sample(completion="<think>a, b</think>\n\nc"), "commas in the thinking"),
        (Sample(prefix="<think>\n", completion="a, b</think>c"), "the prefix opened it"),
        (Sample(completion=(Message(role="assistant", parts=("a</think>c",)),)), "chat turns"),
    ],
)
def test_thinking_is_not_read(sample, reason):
    constraints = [
        {"instruction_id": COMMA},
        {
            "instruction_id": "length_constraints:nth_paragraph_first_word",
            "kwargs": {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "c"},
        },
    ]
    sample = Sample(prefix=sample.prefix, completion=sample.completion, constraints=constraints)
    assert ifeval(sample).value == 1.0, reason


QUICK = registry.get("aspect.ifeval").inline


@pytest.mark.parametrize(
    ("text", "id_", "mode", "is_quick"),
    [
        ("a", COMMA, "strict", True),
        ("a" * 9000, COMMA, "strict", False),
        ("a" * 2000, COMMA, "loose", False),
        ("a", "change_case:english_capital", "strict", False),
        ("a", "unknown:id", "strict", True),
    ],
)
def test_only_quick_checks_run_in_process(text, id_, mode, is_quick):
    sample = Sample(completion=text, constraints=[{"instruction_id": id_}])
    score = QUICK(sample, mode=mode, credit="mean", weights=None)
    assert (score is not None) is is_quick


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["strict", "loose"]))
def test_any_text_gets_the_same_finite_verdict_twice(text, mode):
    constraints = [
        {"instruction_id": COMMA},
        {"instruction_id": "detectable_format:title"},
        {"instruction_id": "detectable_format:json_format"},
        {"instruction_id": "detectable_format:number_bullet_lists", "kwargs": {"num_bullets": 1}},
        {
            "instruction_id": "change_case:capital_word_frequency",
            "kwargs": {"capital_frequency": 1, "capital_relation": "at least"},
        },
        {"instruction_id": "language:response_language", "kwargs": {"language": "en"}},
    ]
    sample = Sample(completion=text, constraints=constraints)
    score = ifeval(sample, mode=mode)
    assert 0.0 <= score.value <= 1.0
    assert ifeval(sample, mode=mode) == score


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
)


@settings(max_examples=100, deadline=None)
@given(JSON | st.builds(lambda kwargs: [{"instruction_id": WORDS, "kwargs": kwargs}], JSON))
def test_any_constraints_get_a_verdict_or_a_reason(constraints):
    score = ifeval(Sample(completion="a b", constraints=constraints))
    assert score.value is not None or score.reason in {
        Reason.NO_CONSTRAINTS,
        Reason.UNREADABLE_CONSTRAINTS,
    }
