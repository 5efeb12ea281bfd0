"""Structured output, field by field."""

from __future__ import annotations

import pytest

from harmo.scorers.types import Reason

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
