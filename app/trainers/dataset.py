"""What a dataset's row says of the truth, by the names that rows use for it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from harmo.app.trainers.options import Options

REFERENCES = ("expected_answer", "ground_truth", "answer", "reference", "label")
INSIDE = ("verifier_metadata", "extra_info", "metadata")
"""Columns that hold further ones."""
_IFEVAL = ("instruction_id_list", "kwargs")


def reference(row: Mapping[str, JsonValue], options: Options) -> JsonValue:
    """The row's reference; None if it has none.

    Args:
        row: By column.
        options: May name the column, one inside another as `verifier_metadata.answer`.

    Raises:
        ValueError: If the column that is named is not there.
    """
    if options.reference is not None:
        value: JsonValue = dict(row)
        for name in options.reference.split("."):
            if not isinstance(value, dict) or name not in value:
                raise ValueError(
                    f"no column {options.reference!r} in the row; there are {', '.join(row)}"[:500]
                )
            value = value[name]
        return value
    places = [row, *(inner for name in INSIDE if isinstance(inner := row.get(name), dict))]
    named = (place[name] for place in places for name in REFERENCES if name in place)
    return next((value for value in named if value is not None), None)


def constraints(row: Mapping[str, JsonValue]) -> JsonValue:
    """The row's instructions to check, if any: `constraints`, or IFEval's pair of columns.

    Args:
        row: By column.
    """
    if "constraints" in row:
        return row["constraints"]
    if all(name in row for name in _IFEVAL):
        return {name: row[name] for name in _IFEVAL}
    return None
