"""From instructions and a completion to a score: credit, loose readings, what is not read."""

import pytest

from harmo.scorers import registry
from harmo.scorers.aspect.ifeval import text
from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.aspect.ifeval.scoring import variants
from harmo.scorers.types import Message, Sample

COMMA = "punctuation:no_comma"
QUOTE = "startend:quotation"
WORDS = "length_constraints:number_words"
THREE = {"relation": "at least", "num_words": 3}

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


@pytest.mark.parametrize(
    "text", ["", " \n", "<think>a</think>", "<think>a", "a<think>", "<answer>a"]
)
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
        ("a" * 1000, COMMA, "loose", False),
        ("a", "change_case:english_capital", "strict", False),
        ("a", "unknown:id", "strict", True),
    ],
)
def test_only_quick_checks_run_in_process(text, id_, mode, is_quick):
    sample = Sample(completion=text, constraints=[{"instruction_id": id_}])
    score = QUICK(sample, mode=mode, credit="mean", weights=None)
    assert (score is not None) is is_quick


@pytest.mark.parametrize(
    ("constraints", "is_quick", "why"),
    [
        ([{"instruction_id": COMMA}] * 4, True, "within the budget"),
        ([{"instruction_id": COMMA}] * 5, False, "characters count once an instruction"),
        (
            [{"instruction_id": "keywords:existence", "kwargs": {"keywords": ["a"] * 9}}],
            False,
            "and once an item that is looked for",
        ),
        ([{"instruction_id": COMMA}] * 300, True, "refused at once"),
        ("[" + " " * 5000 + "]", False, "a carrier that takes long to read"),
    ],
)
def test_what_runs_in_process_is_counted_in_characters_times_looks(constraints, is_quick, why):
    sample = Sample(completion="a" * 900, constraints=constraints)
    score = QUICK(sample, mode="strict", credit="mean", weights=None)
    assert (score is not None) is is_quick, why


def test_many_instructions_cut_a_text_once(monkeypatch):
    cut = []
    spans = text._spans
    monkeypatch.setattr(text, "_spans", lambda each: cut.append(each) or spans(each))
    at_least = {"num_sentences": 1, "relation": "at least"}
    counts = {"instruction_id": "length_constraints:number_sentences", "kwargs": at_least}
    capitals = {"capital_frequency": 0, "capital_relation": "at least"}
    words = {"instruction_id": "change_case:capital_word_frequency", "kwargs": capitals}
    sample = Sample(completion="It is so. " * 50, constraints=[counts, words] * 100)
    assert ifeval(sample).value == 1.0
    assert len(cut) == 1
