"""rule.json_schema: structured output that is valid, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, TypeGuard

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import AfterValidator
from referencing import Registry
from referencing.exceptions import Unresolvable

from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.reading.extract import elements
from harmo.scorers.registry import scorer
from harmo.scorers.rule.by_task import target
from harmo.scorers.types import Reason, Sample, Score

MAX_JSON_CHARS = 100_000
MAX_DEPTH = 64


def _checked(schema: dict[str, object] | None) -> dict[str, object] | None:
    if schema is not None and not _is_schema(schema):
        raise ValueError("not a JSON Schema of draft 2020-12")
    return schema


def _known(fields: dict[str, str]) -> dict[str, str]:
    for name in fields.values():
        target(name)
    return fields


@scorer("rule.json_schema", isolate=True, timeout_s=2.0, by_text=True)
def json_schema(
    sample: Sample,
    *,
    schema: Annotated[dict[str, object] | None, AfterValidator(_checked)] = None,
    fields: Annotated[dict[str, str] | None, AfterValidator(lambda f: f and _known(f))] = None,
) -> Score:
    """0.0 unless the completion is JSON that fits the schema, then the mean of its fields' scores.

    The JSON is the answer part, its `<answer>` element or its last fenced block. Each field of the
    reference object is compared by the rule that `fields` names for it, else by `rule.exact`;
    without a reference a valid value gets 1.0. Extra fields are the schema's business. Abstains
    where the reference is not a JSON object, where there is neither schema nor reference, or where
    the schema is malformed or refers outside itself.

    Args:
        sample: Its reference is the expected object (JSON value or text); `metadata["schema"]` is
            the schema, unless the recipe gives one.
        schema: JSON Schema, draft 2020-12; it must not refer to other documents.
        fields: Rule by field name.
    """
    chosen = sample.metadata.get("schema") if schema is None else schema
    expected = _expected(sample.reference)
    if isinstance(expected, Reason):
        return Score.abstain(expected)
    if chosen is None and expected is None:
        return Score.abstain(Reason.NO_REFERENCE)
    if chosen is not None and not _is_schema(chosen):
        return Score.abstain(Reason.UNREADABLE_REFERENCE, fault="schema")
    found, value = _answer(sample.text)
    if not found:
        return verdict("rule.json_schema", 0.0, Pair.NO_ANSWER)
    if chosen is not None:
        fault = _fault(value, chosen)
        if isinstance(fault, Reason):
            return Score.abstain(fault, fault="schema refers outside itself")
        if fault is not None:
            return verdict("rule.json_schema", 0.0, Pair.JSON, fault=fault)
    return _compared(value, expected, fields or {})


def _compared(
    value: object, expected: Mapping[str, object] | None, fields: Mapping[str, str]
) -> Score:
    if not expected:
        return verdict("rule.json_schema", 1.0, Pair.JSON)
    if not isinstance(value, dict):
        return verdict("rule.json_schema", 0.0, Pair.WRONG_KIND)
    scores: dict[str, float] = {}
    for key, wanted in list(expected.items()):
        said = _field(value, key, wanted, fields.get(key, "rule.exact"))
        if said.value is None:
            return said
        scores[key] = said.value
    return verdict("rule.json_schema", sum(scores.values()) / len(scores), Pair.JSON, fields=scores)


def _field(value: Mapping[str, object], key: str, wanted: object, rule: str) -> Score:
    if key not in value:
        return verdict("rule.json_schema", 0.0, Pair.NO_ANSWER)
    said = value[key]
    if not isinstance(wanted, str):
        return verdict("rule.json_schema", float(_canonical(said) == _canonical(wanted)), Pair.JSON)
    text = said if isinstance(said, str) else json.dumps(said)
    bound = target(rule)
    score = bound.spec.fn(Sample(completion=text, reference=wanted, delimited=True), **bound.params)
    assert isinstance(score, Score)  # noqa: S101 - `target` admits rules only
    return score


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _expected(reference: object) -> Mapping[str, object] | Reason | None:
    if isinstance(reference, str):
        found, reference = _parse(reference)
        if not found:
            return Reason.UNREADABLE_REFERENCE
    if reference is None or isinstance(reference, Mapping):
        return reference
    return Reason.UNREADABLE_REFERENCE


def _answer(text: str) -> tuple[bool, object]:
    tagged = elements(text, "answer")
    text = (tagged[0] if len(tagged) == 1 else text).strip()
    fences = text.split("```")
    if len(fences) > 2:
        text = fences[-2].removeprefix("json")
    return _parse(text)


def _parse(text: str) -> tuple[bool, object]:
    """Whether a text is JSON, and its value: no NaN, no infinities, bounded in size and depth."""
    if len(text) > MAX_JSON_CHARS or _depth(text) > MAX_DEPTH:
        return False, None
    try:
        return True, json.loads(text, parse_constant=_refuse)
    except ValueError:
        return False, None


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _is_schema(schema: object) -> TypeGuard[dict[str, object]]:
    if not isinstance(schema, dict):
        return False
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return False
    return True


def _fault(value: object, schema: dict[str, object]) -> str | Reason | None:
    # An empty registry: a schema that points elsewhere fails instead of fetching it.
    validator = Draft202012Validator(schema, registry=Registry())
    try:
        error = next(validator.iter_errors(value), None)
    except Unresolvable:
        return Reason.UNREADABLE_REFERENCE
    return None if error is None else f"{error.json_path}: {error.validator}"
