"""`aspect.json_schema`: is the answer JSON of the shape that was asked for?"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from harmo.scorers.reading.json_answer import json_answer
from harmo.scorers.reading.schema import UnusableSchemaError, usable, well_formed
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_FAULTS = 5


def reference_fault(_reference: object) -> None:
    """None: it needs no reference, so what spends a worker's time is what the policy wrote."""


# Isolated because a schema's patterns are regular expressions over what the policy wrote.
@scorer(
    "aspect.json_schema",
    reads="answer",
    isolate=True,
    by_text=True,
    carries=("constraints",),
    timeout_s=2.0,
    reference_fault=reference_fault,
)
def json_schema(
    sample: Sample,
    *,
    schema: Annotated[dict[str, object] | None, AfterValidator(well_formed)] = None,
) -> Score:
    """Whether the answer part is JSON that is valid against a schema: 1.0 or 0.0.

    The schema is the param, else `{"json_schema": {..}}` in the constraints; without one it
    abstains (`no_constraints`), as it does for a schema that is none or whose references lead
    outside it (`unreadable_constraints`); nothing is fetched. The JSON is the answer part, its
    `<answer>` element or its last fenced block; what counts as JSON stands in
    `scorers.reading.json_answer`. For `{"type": "object", "required": ["a"]}`, '{"a": 1}' is 1.0
    and '{"b": 1}' 0.0.

    Args:
        sample: Its answer part is read.
        schema: JSON Schema, draft 2020-12 unless `$schema` says otherwise.

    Returns:
        A score whose `detail.faults` says where the answer leaves the schema.
    """
    asked: object = schema
    if asked is None and isinstance(sample.constraints, dict):
        asked = sample.constraints.get("json_schema")
    if asked is None:
        return Score.abstain(Reason.NO_CONSTRAINTS)
    try:
        shape = usable(asked)
    except UnusableSchemaError as error:
        return Score.abstain(Reason.UNREADABLE_CONSTRAINTS, why=str(error))
    try:
        value = json_answer(sample.text, sample.think_tags)
    except ValueError as error:
        return Score(value=0.0, detail={"faults": [f"not JSON: {str(error)[:120]}"]})
    faults = shape.departures(value, at_most=MAX_FAULTS)
    return Score(value=float(not faults), detail={"faults": faults})
