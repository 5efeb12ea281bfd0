"""Wire groups as scorers and models see them: nothing sent is dropped, nothing unbounded passes."""

from __future__ import annotations

import base64
import io
import json
import time
from typing import Any

import pytest
from PIL import Image as Picture

from harmo.app.hosting import Hosting
from harmo.app.receiving import Receiving
from harmo.app.samples import CALL_CHARS, Received, receive
from harmo.app.settings import Settings
from harmo.models import base
from harmo.scorers.model import conversations
from harmo.scorers.types import Reason, ToolCall
from harmo_client import wire


def received(*turns: dict[str, Any], **settings: Any) -> Received:
    group = {"id": "g", "prompt": "?", "completions": [{"id": "0", "messages": list(turns)}]}
    request = wire.ScoreRequest.model_validate({"groups": [group]})
    return receive(request.groups[0], request, Settings(**settings), None)


def calling(*calls: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": list(calls), **fields}


def called(arguments: object, **fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "arguments": arguments}, **fields}


@pytest.mark.parametrize(
    ("call", "expected", "why"),
    [
        (called({"a": "é"}), ToolCall(name="f", arguments='{"a": "é"}'), "an object"),
        (called('{"a": 1}', id="c"), ToolCall(name="f", arguments='{"a": 1}', id="c"), "its text"),
        (called("{a"), ToolCall(name="f", arguments="{a"), "what the policy wrote instead"),
        (called([1]), ToolCall(name="f", arguments="[1]"), "no object"),
        ({"name": "f"}, ToolCall(name="f", arguments="{}"), "bare, without arguments"),
    ],
)
def test_tool_calls_reach_the_model(call: dict[str, Any], expected: ToolCall, why: str) -> None:
    answer = {"role": "tool", "content": "3", "tool_call_id": "c", "name": "f"}
    group = received(calling(call, content="so"), answer).group
    (sample,) = group.samples
    assert sample.completion[0].tool_calls == (expected,), why
    asked, told = conversations(group).completions[0]
    assert asked.parts == ("so",)
    assert asked.tool_calls == (
        base.ToolCall(name=expected.name, arguments=expected.arguments, id=expected.id),
    )
    assert (told.tool_call_id, told.name) == ("c", "f")
    assert sample.text == "so", "rules read text only"


LONG = "x" * 200


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        (calling(called({"a": LONG})), "arguments"),
        (calling(called(LONG)), "arguments that are no object"),
        (calling(called({}, id=LONG)), "an id"),
        (calling({"name": LONG}), "a name"),
        (calling(*[{"name": ""}] * (200 // CALL_CHARS + 1)), "many that say nothing"),
        ({"role": "tool", "tool_call_id": LONG}, "what a tool turn answers"),
        ({"role": "tool", "name": LONG}, "a tool's name"),
    ],
)
def test_calls_and_names_count_towards_an_over_long_completion(
    turn: dict[str, Any], why: str
) -> None:
    assert received(turn, max_completion_chars=199).faults == (Reason.COMPLETION_TOO_LONG,), why
    assert received(turn, max_completion_chars=400).faults == (None,), why


async def test_a_picture_of_another_type_than_said_is_unreadable_and_says_why() -> None:
    file = io.BytesIO()
    Picture.new("L", (1, 1)).save(file, "PNG")
    png = base64.b64encode(file.getvalue()).decode()
    group = {"id": "g", "prompt": "?", "completions": [{"id": "0", "text": "4"}]}
    receiving = Receiving(Settings(), Hosting())
    for said, fault in ((None, None), ("image/jpeg", Reason.UNREADABLE_IMAGE)):
        image = {"data": png} | ({} if said is None else {"media_type": said})
        asked = wire.ScoreRequest.model_validate({"groups": [{**group, "images": [image]}]})
        (answer,) = await receiving.receive(asked, time.monotonic() + 60.0)
        assert answer.faults == (fault,)
        assert ("says 'image/jpeg', it is image/png" in answer.fault_detail) == (fault is not None)
    await receiving.close()


def test_arguments_nested_as_deep_as_json_may_be_are_kept() -> None:
    deep = json.loads('{"a": ' * 150 + "1" + "}" * 150)
    (sample,) = received(calling(called(deep))).group.samples
    assert json.loads(sample.completion[0].tool_calls[0].arguments) == deep
