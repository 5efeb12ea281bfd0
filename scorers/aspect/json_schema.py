"""`aspect.json_schema`: is the answer JSON of the shape that was asked for?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice

from jsonschema import Draft202012Validator, SchemaError, ValidationError
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from harmo.scorers.reading.extract import strip_think
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_CHARS = 200_000
MAX_DEPTH = 64
MAX_FAULTS = 5


# Isolated because a schema's patterns are regular expressions over what the policy wrote.
@scorer("aspect.json_schema", reads="answer", isolate=True, timeout_s=2.0)
def json_schema(sample: Sample, *, schema: dict[str, object] | None = None) -> Score:
    """Whether the answer part is JSON that is valid against a schema: 1.0 or 0.0.

    The schema is the param, else `{"json_schema": {..}}` in the constraints; without one it
    abstains (`no_constraints`), as it does for a schema that is none or whose references lead
    outside it (`unreadable_constraints`); nothing is fetched. A Markdown fence around the JSON is
    allowed, text around it is not; NaN, more than 200,000 characters and nesting beyond 64 are not
    JSON here. For `{"type": "object", "required": ["a"]}`, '{"a": 1}' is 1.0 and '{"b": 1}' 0.0.

    Args:
        sample: Its answer part is read.
        schema: JSON Schema, draft 2020-12 unless `$schema` says otherwise.

    Returns:
        A score whose `detail.faults` says where the answer leaves the schema.
    """
    if schema is None and isinstance(sample.constraints, dict):
        schema = sample.constraints.get("json_schema")
    if schema is None:
        return Score.abstain(Reason.NO_CONSTRAINTS)
    if not isinstance(schema, dict):
        return Score.abstain(Reason.UNREADABLE_CONSTRAINTS, why="json_schema is no object")
    try:
        return _validated(strip_think(sample.text), schema)
    except (SchemaError, Unresolvable, RecursionError) as error:
        return Score.abstain(Reason.UNREADABLE_CONSTRAINTS, why=str(error).partition("\n")[0][:200])


def _validated(text: str, schema: dict[str, object]) -> Score:
    validator_class = validator_for(schema, default=Draft202012Validator)
    validator_class.check_schema(schema)
    try:
        value = read_json(text)
    except ValueError as error:
        return Score(value=0.0, detail={"faults": [f"not JSON: {str(error)[:120]}"]})
    validator = validator_class(schema, registry=Registry())
    errors: Iterable[ValidationError] = validator.iter_errors(value)  # type: ignore[arg-type] # any JSON value
    faults = [f"{error.json_path}: {error.message[:120]}" for error in islice(errors, MAX_FAULTS)]
    return Score(value=float(not faults), detail={"faults": faults})


def read_json(text: str) -> object:
    """The JSON value that a text is, a Markdown fence around it allowed; else a `ValueError`."""
    if len(text) > MAX_CHARS:
        raise ValueError(f"{len(text)} characters; at most {MAX_CHARS} are read")
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text.partition("\n")[2].removesuffix("```")
    if _depth(text) > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} deep")
    return json.loads(text, parse_constant=_refuse)


def _depth(text: str) -> int:
    """How deep the brackets outside strings nest."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
