"""Every carrier of instructions, and what is none."""

import json

import pytest

from harmo.scorers import registry
from harmo.scorers.aspect.ifeval import instruction
from harmo.scorers.aspect.ifeval.ifeval import ifeval
from harmo.scorers.aspect.ifeval.instruction import Instruction, read_instructions
from harmo.scorers.aspect.ifeval.scoring import checks_of
from harmo.scorers.types import Reason, Sample

QUICK = registry.get("aspect.ifeval").inline
COMMA = "punctuation:no_comma"
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
    ({"instruction_id_list": [COMMA], "kwargs": [{}, {}]}, "1 instruction ids", "columns differ"),
    ([{"instruction_id": COMMA, "kwargs": [1]}], "no object", "kwargs are a list"),
    ("length < 3", "neither JSON", "prose"),
    ("[" * 50_000, "neither JSON", "a bomb of brackets"),
    ("[1]" + " " * 100_000, "characters", "a carrier too long to read"),
    ([[[[[[[[[[[{"instruction_id": COMMA}]]]]]]]]]]], "nested", "nested too deep"),
    ([{"instruction_id": COMMA}] * 300, "at most 256", "too many"),
    (
        {"judge": {"method": "rule_based", "verify_funcs": [{"func": "a", "params": []}] * 300}},
        "at most 256",
        "too many in one",
    ),
    ([7], "7 is no instruction", "a number"),
    ([{"kind": "no comma"}], "names no instruction_id", "a foreign object"),
    ([{"func": COMMA, "params": 3}], "params 3 are no list", "params that are no list"),
]  # fmt: skip


@pytest.mark.parametrize(("constraints", "why", "reason"), UNREADABLE)
def test_a_malformed_carrier_is_named(constraints, why, reason):
    score = ifeval(Sample(completion="a", constraints=constraints))
    assert score.reason is Reason.UNREADABLE_CONSTRAINTS, reason
    assert why in score.detail["why"]


def keywords(*words: str) -> list[object]:
    return [{"instruction_id": "keywords:existence", "kwargs": {"keywords": list(words)}}]


@pytest.mark.parametrize(
    ("constraints", "why"),
    [
        (keywords("a" * 100_000), "a long text"),
        (keywords(*("a" * 999 for _ in range(101))), "many that are long together"),
        (keywords(*"ab" * 6_000), "many that are short"),
        ([{"instruction_id": COMMA, "a" * 100_000: 1}], "a long name"),
        (keywords() * 4_000, "many instructions"),
        ("[" + " " * 100_000 + "]", "a long text that holds them"),
    ],
)
def test_constraints_without_end_are_refused_where_they_are_found(constraints, why):
    """Every sample carries them to a worker: a megabyte each was seconds of the event loop."""
    sample = Sample(completion="a" * 50_000, constraints=constraints)
    assert checks_of(sample) == 1, why
    score = QUICK(sample, credit="mean", weights=None)
    assert score.reason is Reason.UNREADABLE_CONSTRAINTS, why
    assert score.detail["why"] == "constraints of more than 100000 characters"


def test_siblings_have_their_constraints_counted_once(monkeypatch):
    counted, count = [], instruction._counted
    monkeypatch.setattr(instruction, "_counted", lambda each: counted.append(each) or count(each))
    for constraints in (keywords("a"), keywords(*"ab" * 6_000)):
        for n in range(5):
            QUICK(Sample(completion=str(n), constraints=constraints), credit="mean", weights=None)
    assert len(counted) == 2


def test_without_constraints_nothing_goes_to_a_worker_however_long_the_text_is():
    score = QUICK(Sample(completion="a" * 50_000), credit="mean", weights=None)
    assert score.reason is Reason.NO_CONSTRAINTS
