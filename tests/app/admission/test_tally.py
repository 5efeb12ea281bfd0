"""What a request asks for, counted before a model of it is built."""

from __future__ import annotations

from typing import Any

import pytest

from harmo.app.admission.tally import MAX_FIELDS, require_within
from harmo.app.errors import ServiceError
from harmo.app.settings import Settings

SMALL = Settings(
    max_groups=2,
    max_completions=3,
    max_images=2,
    max_messages=5,
    max_constraints=6,
    max_references=6,
)


def asked(**fields: Any) -> dict[str, Any]:
    completions = [{"id": "0", "text": "4"}, {"id": "1", "text": "5"}]
    return {"groups": [{"id": "g", "prompt": "?", "completions": completions} | fields]}


def turns(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"role": "assistant", "content": "x"} | fields] * count


LIMITS: list[tuple[dict[str, Any], str, str]] = [
    ({"groups": [{}] * 3}, "3 groups; at most 2 (max_groups)", "groups, whatever is in them"),
    (asked(completions=[1] * 4), "4 completions; at most 3", "completions"),
    (asked(images=[{}] * 3), "3 images; at most 2", "images"),
    (asked(prompt=turns(6)), "6 messages; at most 5", "turns of the prompt"),
    (asked(completions=[{"messages": turns(3)}] * 2), "6 messages", "turns of completions"),
    (asked(prompt=turns(1, content=[{}] * 6)), "6 messages", "parts of a turn"),
    (asked(prompt=turns(1, tool_calls=[{}] * 6)), "6 messages", "tool calls"),
    (asked(constraints=[{}] * 4), "8 constraints; at most 6", "each for two completions"),
    (asked(constraints={"instruction_id_list": ["x"] * 4}), "8 constraints", "parallel lists"),
    (asked(reference=["4"] * 4), "8 references; at most 6", "each for two completions"),
    (asked(references={str(i): "4" for i in range(4)}), "8 references", "named ones"),
    (asked(references={"a": ["4"] * 4}), "8 references", "lists of named ones"),
]


@pytest.mark.parametrize(("document", "said", "why"), LIMITS, ids=[why for *_, why in LIMITS])
def test_what_is_too_much_is_refused_with_its_limit(
    document: dict[str, Any], said: str, why: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        require_within(document, SMALL)
    assert refused.value.status == 413
    assert said in refused.value.message


MANY = {f"k{i}": 1 for i in range(MAX_FIELDS + 1)}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (MANY, None),
        (asked(**MANY), "groups.0"),
        (asked(completions=[MANY]), "groups.0.completions.0"),
        (asked(prompt=[MANY]), "groups.0.prompt.0"),
        (asked(prompt=turns(1, content=[MANY])), "groups.0.prompt.0.content"),
    ],
)
def test_an_object_with_fields_without_end_is_refused_before_each_is_named(
    document: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(ServiceError) as refused:
        require_within(document, SMALL)
    assert (refused.value.status, refused.value.field) == (422, field)


@pytest.mark.parametrize(
    "document",
    [
        None, [], "x", {}, {"groups": None}, {"groups": [None, 1]},
        asked(completions=None, images=3, prompt=None, reference=None),
        asked(completions=[1, None], prompt=[None, 1, {"content": 3, "tool_calls": "x"}]),
        asked(metadata=MANY, constraints=[{"instruction_id": "x", "kwargs": MANY}]),
    ],
)  # fmt: skip
def test_what_is_malformed_is_left_to_the_schema_and_what_is_carried_may_be_wide(
    document: object,
) -> None:
    require_within(document, SMALL)
