"""JSON of the shape that was asked for."""

import pytest

from harmo.scorers import registry
from harmo.scorers.aspect.json_schema import json_schema
from harmo.scorers.types import Reason, Sample

OBJECT = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
SHAPES = [
    ('{"a": 1}', 1, "valid"),
    ('```json\n{"a": 1}\n```', 1, "fenced"),
    ('<think>{"a": "x"}</think>\n{"a": 1}', 1, "the thinking is not read"),
    ('<think>{"a": 1}', 0, "thinking that never closes"),
    ('<answer>{"a": 1}', 0, "an answer element that never closes"),
    ('{"a": "1"}', 0, "the wrong type"),
    ('{"b": 1}', 0, "a field is missing"),
    ('Here it is: {"a": 1}', 0, "text around it"),
    ('{"a": 1} {"a": 1}', 0, "two values"),
    ("", 0, "nothing"),
    ('{"a": NaN}', 0, "NaN is not JSON"),
    ("[" * 20_000, 0, "nested too deep"),
    ('{"a":' * 30_000, 0, "nested too deep, in objects"),
    ('{"a": ' + "1" * 300_000 + "}", 0, "too long"),
    ('{"a": ' + "1" * 5_000 + "}", 0, "an integer too long to convert"),
    ('{"a": 1, "b": "[[[[' + "[" * 100 + '"}', 1, "brackets in a string do not nest"),
    ('{"a": 1, "b": "\\"' + "[" * 100 + '"}', 1, "nor after an escaped quote"),
    ('<answer>{"a": 1}</answer>', 1, "in an answer element"),
    ('Here it is:\n```json\n{"a": 1}\n```', 1, "a fenced block with text before it"),
    ('{"a": 1, "a": "x"}', 0, "a key twice"),
    ('{"a": 1, "b": 1e999}', 0, "a number that no double holds"),
    ('{"a": 1, "\\ud800": 1}', 0, "half a surrogate pair"),
]


@pytest.mark.parametrize(("text", "value", "reason"), SHAPES)
def test_json_of_the_shape(text, value, reason):
    by_constraint = json_schema(Sample(completion=text, constraints={"json_schema": OBJECT}))
    by_param = json_schema(Sample(completion=text), schema=OBJECT)
    assert by_constraint.value == by_param.value == value, reason
    assert bool(by_param.detail["faults"]) is not bool(value)


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        (None, Reason.NO_CONSTRAINTS),
        ([{"json_schema": OBJECT}], Reason.NO_CONSTRAINTS),
        ({"json_schema": "object"}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"type": "thing"}}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"$ref": "http://127.0.0.1/x"}}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"$ref": "#"}}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"pattern": "("}}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"$id": 7}}, Reason.UNREADABLE_CONSTRAINTS),
        (
            {"json_schema": {"properties": {"a": {"$ref": "http://127.0.0.1/x"}}}},
            Reason.UNREADABLE_CONSTRAINTS,
        ),
    ],
)
def test_schema_that_cannot_be_used_abstains(constraints, reason):
    assert json_schema(Sample(completion='"a"', constraints=constraints)).reason is reason


def test_whether_a_schema_can_be_used_is_not_the_completions_doing():
    schema = {"properties": {"a": {"$ref": "#/nowhere"}}}
    texts = ['{"a": 1}', '{"b": 1}', "no JSON"]
    reasons = {
        json_schema(Sample(completion=text, constraints={"json_schema": schema})).reason
        for text in texts
    }
    assert reasons == {Reason.UNREADABLE_CONSTRAINTS}


def test_a_huge_number_against_a_small_step_is_no_failure():
    sample = Sample(completion="1" * 400)
    assert json_schema(sample, schema={"multipleOf": 0.1}).value == 0.0


def test_a_malformed_schema_is_refused_at_load():
    with pytest.raises(registry.ScorerParamsError, match="thing"):
        registry.bind("aspect.json_schema", {"schema": {"type": "thing"}})
