"""Structured output, field by field: what is equal, and what nobody could have answered."""

from __future__ import annotations

import json

import pytest

from harmo.scorers import registry
from harmo.scorers.aspect.json_schema import json_schema as aspect_json_schema
from harmo.scorers.rule.json_schema import json_schema, reference_fault
from harmo.scorers.types import Reason, Sample

EQUAL = [
    ({"code": "[" * 100}, "brackets in a string"),
    ({"code": '"' + "{" * 100}, "after an escaped quote"),
    ({"code": "```py\nx\n```"}, "a fence in a string"),
    ({"why": "The final answer is 5."}, "a cue in a string"),
    ({"text": "so " * 2000}, "a string longer than an answer"),
    ({"text": "abc " * 2000 + "d"}, "its end counts too"),
    ({"note": ""}, "an empty string"),
    ({"note": " \n"}, "a blank one"),
    ({"note": "!?"}, "marks alone"),
    ({"n": 10**300}, "a huge integer"),
    ({"a": [{"b": None}, 1.5, True]}, "nested"),
    ({}, "nothing is expected"),
]


@pytest.mark.parametrize(("reference", "why"), EQUAL)
@pytest.mark.parametrize("written", [lambda r: r, json.dumps], ids=["value", "text"])
@pytest.mark.parametrize("said", ["{}", "<answer>{}</answer>", "So:\n```json\n{}\n```\nDone."])
def test_an_answer_equal_to_its_reference_is_right(reference, why, written, said):
    completion = said.replace("{}", json.dumps(reference))
    assert json_schema(Sample(reference=written(reference), completion=completion)).value == 1, why


UNEQUAL = [
    ({"note": ""}, {"note": "x"}, "something for nothing"),
    ({"note": "x"}, {"note": ""}, "nothing for something"),
    ({"note": ""}, {}, "a missing empty string"),
    ({"text": "abc " * 2000 + "d"}, {"text": "abc " * 2000 + "e"}, "the end of a long string"),
    ({}, [], "no object"),
    ({"n": 1}, {"n": True}, "a boolean for a number"),
]


@pytest.mark.parametrize(("reference", "said", "why"), UNEQUAL)
def test_another_answer_is_wrong(reference, said, why):
    assert json_schema(Sample(reference=reference, completion=json.dumps(said))).value == 0, why


UNREADABLE = [
    ("{", "no JSON"),
    ('{"a": 1, "a": 2}', "a key twice"),
    ('{"a": NaN}', "NaN"),
    ({"a": float("inf")}, "an infinity"),
    ({"a": 10**400}, "an integer beyond every double"),
    ({"a": "x" * 300_000}, "too long"),
    ({"a": {1, 2}}, "a value JSON does not have"),
    ([1], "no object"),
    ("5", "no object, as text"),
    (7, "a number"),
]


@pytest.mark.parametrize(("reference", "why"), UNREADABLE)
@pytest.mark.parametrize("completion", ['{"a": 1}', "no JSON", ""])
def test_a_reference_that_nobody_could_have_answered_abstains(reference, why, completion):
    score = json_schema(Sample(reference=reference, completion=completion))
    assert score.reason is Reason.UNREADABLE_REFERENCE, why
    assert reference_fault(reference) is Reason.UNREADABLE_REFERENCE


@pytest.mark.parametrize("reference", [None, {"a": 1}, '{"a": 1}'])
def test_a_reference_that_can_be_read_has_no_fault(reference):
    assert reference_fault(reference) is None


@pytest.mark.parametrize("completion", ['{"a": "5"}', '{"a": "x"}', '{"b": 1}', "[]", "no JSON"])
def test_a_field_that_its_rule_cannot_read_abstains_whatever_is_said(completion):
    sample = Sample(reference={"a": "blue"}, completion=completion)
    score = json_schema(sample, fields={"a": "rule.numeric"})
    assert score.reason is Reason.UNREADABLE_REFERENCE


@pytest.mark.parametrize("completion", ['{"a": 1}', '{"b": 1}', "no JSON"])
def test_a_schema_that_refers_elsewhere_abstains_whatever_is_said(completion):
    schema = {"properties": {"a": {"$ref": "http://127.0.0.1/x"}}}
    score = json_schema(Sample(completion=completion), schema=schema)
    assert score.reason is Reason.UNREADABLE_REFERENCE


HOSTILE = ["[" * 100_000, '{"a":' * 50_000, '{"a": 1, "a": 1}', '"\\ud800"', "1e999", "9" * 5_000,
           "<answer>1</answer><answer>2</answer>", '{"a": "' + "[" * 100 + '"}', "{}", "7",
           "So: ```{}```", '<answer>"```"</answer>']  # fmt: skip


@pytest.mark.parametrize("completion", HOSTILE)
def test_both_readers_of_json_read_alike_and_never_abstain(completion):
    schema = {"type": ["object", "string"]}
    by_rule = json_schema(Sample(completion=completion), schema=schema)
    by_aspect = aspect_json_schema(Sample(completion=completion), schema=schema)
    assert by_rule.value == by_aspect.value is not None


@pytest.mark.parametrize("name", ["rule.code", "rule.by_task", "aspect.format", "rule.none"])
def test_a_rule_that_cannot_judge_a_field_is_refused_at_load(name):
    with pytest.raises((registry.ScorerParamsError, registry.UnknownScorerError), match=name):
        registry.bind("rule.json_schema", {"fields": {"a": name}})


ROWS = [
    ("rule.json_schema", {"a": "Foo"}, '{"a": "foo"}', {}, 1, "fields by rule.exact"),
    ("rule.json_schema", {"a": 1, "b": 2}, '{"a": 1, "b": 3}', {}, 0.5, "one of two fields"),
    ("rule.json_schema", {"a": "1/2"}, '{"a": "0.5"}', {"fields": {"a": "rule.math"}}, 1,
     "a rule of its own"),
    ("rule.json_schema", None, '{"a": 1}', {"schema": {"required": ["b"]}}, 0,
     "against the schema"),
    ("rule.json_schema", {"a": 1}, '```json\n{"a": 1}\n```', {}, 1, "a fenced block"),
    ("rule.json_schema", {"a": 1}, "{'a': 1}", {}, 0, "no JSON"),
    ("rule.json_schema", {"a": 1}, "[" * 100000, {}, 0, "too deep"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize(
    ("name", "reference", "params", "why"),
    [
        ("rule.json_schema", "{", {}, "no JSON"),
        ("rule.json_schema", None, {"schema": {"$ref": "http://x/y"}}, "a schema elsewhere"),
    ],
)
def test_unreadable_reference_abstains(scored, name, reference, params, why):
    score = scored(name, reference, '{"a": 1}', params=params)

    assert score.reason is Reason.UNREADABLE_REFERENCE, why
