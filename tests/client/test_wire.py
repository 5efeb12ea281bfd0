"""What the wire takes as a tool call, and what it names where it takes none."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from harmo_client import wire

WHOLE = {"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}


def message(call: object, role: str = "assistant") -> wire.Message:
    return wire.Message.model_validate({"role": role, "tool_calls": [call]})


@pytest.mark.parametrize(
    ("call", "arguments", "why"),
    [
        (WHOLE, {"a": 1}, "as chat templates have it"),
        ({**WHOLE, "id": "c1"}, {"a": 1}, "with an id"),
        ({"function": WHOLE["function"]}, {"a": 1}, "without its type"),
        ({"name": "f", "arguments": "{"}, "{", "bare, as TRL's parser may leave it"),
        ({"name": "f", "id": "c1"}, {}, "bare, without arguments"),
        ({**WHOLE, "index": 0}, {"a": 1}, "a field that a vendor adds"),
        (
            {"function": {"name": "f", "arguments": {"a": 1}, "strict": True}},
            {"a": 1},
            "a field that a vendor adds inside",
        ),
        ({"name": "f", "arguments": [None]}, [None], "whatever a policy wrote"),
    ],
)
def test_calls_that_are_taken(call: dict[str, Any], arguments: object, why: str) -> None:
    (taken,) = message(call).tool_calls or ()
    assert (taken.type, taken.function.name) == ("function", "f"), why
    assert taken.function.arguments == arguments, why
    assert taken.id == call.get("id"), why


@pytest.mark.parametrize(
    ("call", "role", "named"),
    [
        ({"function": {"arguments": {}}}, "assistant", "tool_calls.0.function.name"),
        ({"name": 7}, "assistant", "tool_calls.0.function.name"),
        ({**WHOLE, "type": "code"}, "assistant", "tool_calls.0.type"),
        ("f(1)", "assistant", "tool_calls.0"),
        (WHOLE, "tool", "belong to assistant turns, not to tool"),
        (WHOLE, "user", "belong to assistant turns, not to user"),
    ],
)
def test_calls_that_are_refused(call: object, role: str, named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        message(call, role)
    (error,) = refused.value.errors()
    assert named in ".".join(map(str, error["loc"])) + error["msg"]
