"""rule.json_schema: structured output that is valid, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

from harmo.scorers import registry
from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import MAX_DETAIL_CHARS, Pair, verdict
from harmo.scorers.reading.json_answer import json_answer, read_json
from harmo.scorers.reading.schema import UnusableSchemaError, usable, well_formed
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.json_schema"


def _known(fields: dict[str, str] | None) -> dict[str, str] | None:
    for name in (fields or {}).values():
        spec = registry.rule(name).spec
        if spec.resource is not None or spec.takes != "sample":
            raise ValueError(f"{name!r} cannot judge a field; name a rule such as rule.exact")
    return fields


def reference_fault(reference: object) -> Reason | None:
    """Why a reference is no JSON object; None where it is one, or there is none."""
    try:
        _expected(reference)
    except ValueError:
        return Reason.UNREADABLE_REFERENCE
    return None


@scorer(
    NAME,
    isolate=True,
    timeout_s=2.0,
    by_text=True,
    reference_fault=reference_fault,
    carries=("metadata",),
    self_answer="bare",
)
@settled(NAME)
def json_schema(
    sample: Sample,
    *,
    schema: Annotated[dict[str, object] | None, AfterValidator(well_formed)] = None,
    fields: Annotated[dict[str, str] | None, AfterValidator(_known)] = None,
) -> Score:
    """0.0 unless the completion is JSON that fits the schema, then the mean of its fields' scores.

    The JSON is the answer part, its `<answer>` element or its last fenced block; what counts as
    JSON, in answer and reference, stands in `scorers.reading.json_answer`. Each field of the
    reference object is compared by the rule that `fields` names for it, else by `rule.exact`;
    without a reference a valid value gets 1.0. Extra fields are the schema's business. Abstains
    where the reference is not a JSON object or a field's rule cannot read it, where there is
    neither schema nor reference, or where the schema is malformed or refers outside itself.

    Args:
        sample: Its reference is the expected object (JSON value or text); `metadata["schema"]` is
            the schema, unless the recipe gives one.
        schema: JSON Schema, draft 2020-12 unless `$schema` says otherwise; it must not refer to
            other documents.
        fields: Rule by field name.
    """
    chosen = sample.metadata.get("schema") if schema is None else schema
    rules = fields or {}
    try:
        expected = _expected(sample.reference)
        if chosen is None and expected is None:
            return Score.abstain(Reason.NO_REFERENCE)
        _require_readable(expected or {}, rules)
        shape = None if chosen is None else usable(chosen)
    except UnusableSchemaError as error:
        return Score.abstain(Reason.UNREADABLE_REFERENCE, fault=f"schema: {error}")
    except ValueError as error:
        return Score.abstain(Reason.UNREADABLE_REFERENCE, fault=str(error)[:MAX_DETAIL_CHARS])
    try:
        value = json_answer(sample.text, sample.think_tags)
    except ValueError as error:
        return verdict(NAME, 0.0, Pair.NO_ANSWER, why=str(error))
    if shape is not None and (faults := shape.departures(value, at_most=1)):
        return verdict(NAME, 0.0, Pair.JSON, fault=faults[0])
    return _compared(value, expected, rules)


def _expected(reference: object) -> Mapping[str, object] | None:
    """The expected object, None where there is none; a `ValueError` for what cannot be read."""
    if reference is None:
        return None
    if not isinstance(reference, str):
        # Through text: what no completion could say is no reference.
        reference = _text(reference)
    value = read_json(reference)
    if value is None or isinstance(value, dict):
        return value
    raise ValueError(f"a JSON object is expected, got {type(value).__name__}")


def _text(value: object) -> str:
    try:
        return json.dumps(dict(value) if isinstance(value, Mapping) else value)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from None


def _require_readable(expected: Mapping[str, object], rules: Mapping[str, str]) -> None:
    """Judge each field's reference by itself: whether it can be read is not the policy's doing."""
    for key, rule in rules.items():
        wanted = expected.get(key)
        if isinstance(wanted, str) and _judged(wanted, wanted, rule).value is None:
            raise ValueError(f"{rule} cannot read the field {key!r}")


def _compared(
    value: object, expected: Mapping[str, object] | None, rules: Mapping[str, str]
) -> Score:
    if expected is None:
        return verdict(NAME, 1.0, Pair.JSON)
    if not isinstance(value, dict):
        return verdict(NAME, 0.0, Pair.WRONG_KIND)
    scores = {
        key: _field(value[key], wanted, rules.get(key)) if key in value else 0.0
        for key, wanted in expected.items()
    }
    mean = sum(scores.values()) / len(scores) if scores else 1.0
    return verdict(NAME, mean, Pair.JSON, fields=scores)


def _field(said: object, wanted: object, rule: str | None) -> float:
    if not isinstance(wanted, str):
        return float(_canonical(said) == _canonical(wanted))
    text = said if isinstance(said, str) else json.dumps(said)
    if rule is None and (text == wanted or not wanted.strip()):
        # Whatever phrases it holds; and a blank, which rule.exact takes for no reference.
        return float(text == wanted)
    # The reference can be read, so an abstention would be the completion's doing.
    return _judged(text, wanted, rule or "rule.exact").value or 0.0


def _judged(text: str, wanted: str, rule: str) -> Score:
    bound = registry.rule(rule)
    score = bound.spec.fn(Sample(completion=text, reference=wanted, delimited=True), **bound.params)
    assert isinstance(score, Score)  # noqa: S101 - `_known` admits plain rules only
    return score


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)
