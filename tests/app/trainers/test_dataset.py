"""What a dataset's row says of the truth."""

from __future__ import annotations

from typing import Any

import pytest

from harmo.app.trainers.dataset import constraints, reference
from harmo.app.trainers.options import Options


@pytest.mark.parametrize(
    ("row", "named", "found", "why"),
    [
        ({"expected_answer": "4", "answer": "5"}, None, "4", "NeMo-Gym's own name goes first"),
        ({"answer": None, "label": "4"}, None, "4", "what is null is not there"),
        ({"verifier_metadata": {"ground_truth": ["4"]}}, None, ["4"], "one column inside another"),
        ({"extra_info": "x", "metadata": {"answer": 4}}, None, 4, "a text holds no columns"),
        ({"question": "?"}, None, None, "no truth"),
        ({"a": {"b": {"c": 0}}}, "a.b.c", 0, "the column that is named, however deep"),
        ({"expected_answer": "4", "mine": None}, "mine", None, "null, as it says"),
    ],
)
def test_the_reference_is_in_a_column(
    row: dict[str, Any], named: str | None, found: object, why: str
) -> None:
    assert reference(row, Options(reference=named)) == found, why


@pytest.mark.parametrize("named", ["b", "a.c", "a.b.c", "", "a..b"])
def test_a_column_that_is_not_there_is_named(named: str) -> None:
    row = {"a": {"b": 1}, **{f"column{i}": i for i in range(1000)}}
    with pytest.raises(ValueError, match="no column") as refused:
        reference(row, Options(reference=named))
    assert len(str(refused.value)) <= 500


def test_instructions_come_as_themselves_or_in_ifevals_two_columns() -> None:
    pair = {"instruction_id_list": ["a"], "kwargs": [{}]}
    assert constraints({"constraints": [1], **pair}) == [1]
    assert constraints({"x": 1, **pair}) == pair
    assert constraints({"kwargs": [{}]}) is None
