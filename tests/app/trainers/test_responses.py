"""Conversations as OpenAI's Responses API has them."""

from __future__ import annotations

from typing import Any

import pytest

from harmo.app.trainers.options import Options
from harmo.app.trainers.responses import given, written
from harmo_client.wire import Image, Message
from tests.growth import growth
from tests.security.constructs import MAX_CHARS

PNG = "data:image/png;base64,QUJD"
CALL = {"type": "function_call", "call_id": "c", "name": "add", "arguments": "{}"}
THOUGHT = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "4"}]}


def test_a_prompt_is_a_text_or_turns_with_their_pictures() -> None:
    assert given("2 + 2?", Options()) == ("2 + 2?", [])
    parts: list[Any] = [
        {"type": "input_text", "text": "How many?"},
        {"type": "input_image", "image_url": PNG},
        "no part",
    ]
    items: list[Any] = [
        {"role": "developer", "content": "Be brief."},
        {"type": "message", "role": "user", "content": parts},
        THOUGHT,
        CALL,
        {"type": "function_call_output", "call_id": "c", "output": [{"text": "4"}]},
        {"type": "item_reference", "id": "x"},
    ]
    turns, images = given(items, Options())
    assert images == [Image(data="QUJD", media_type="image/png")]
    assert [turn.role for turn in turns if isinstance(turn, Message)] == [
        *("developer", "user", "assistant", "tool")
    ]
    called = turns[2]
    assert isinstance(called, Message)
    assert called.content == "<think>\nHm.\n</think>\n\n"
    assert called.tool_calls is not None
    assert called.tool_calls[0].function.name == "add"
    assert turns[3] == Message(role="tool", content="4", tool_call_id="c")


@pytest.mark.parametrize(
    ("output", "text", "roles", "why"),
    [
        ([SAID], "4", None, "one turn is its text"),
        ([THOUGHT, SAID], "<think>\nHm.\n</think>\n\n4", None, "thoughts go before"),
        ([THOUGHT], "<think>\nHm.", None, "thinking that never closed"),
        ([SAID, SAID], "44", None, "neighbours are one turn"),
        ([THOUGHT, THOUGHT, SAID], "<think>\nHm.Hm.\n</think>\n\n4", None, "thoughts join"),
        (
            [SAID, THOUGHT, SAID],
            "4<think>\nHm.\n</think>\n\n4",
            None,
            "what came before a thought stays before it",
        ),
        ([SAID, CALL], None, ["assistant"], "a call is no text"),
        (
            [CALL, {"type": "function_call_output", "output": "4"}, SAID],
            None,
            ["assistant", "tool", "assistant"],
            "turns stay turns",
        ),
        ([{"type": "function_call_output", "output": "4"}], None, ["tool"], "no policy's words"),
        ([], "", None, "nothing"),
        ("4", "", None, "no items"),
        ([None, 4, "4"], "", None, "items of no kind"),
    ],
)
def test_output_is_the_policys_text_or_its_turns(
    output: Any, text: str | None, roles: list[str] | None, why: str
) -> None:
    made = written({"output": output}, Options())
    assert made.text == text, why
    assert (None if made.messages is None else [turn.role for turn in made.messages]) == roles


@pytest.mark.parametrize(
    ("response", "tokens", "why"),
    [
        ({}, None, "nobody counted"),
        ({"usage": {"output_tokens": 7}}, 7, "as said"),
        ({"usage": {"output_tokens": True}}, None, "no number"),
        ({"usage": {"output_tokens": -1}}, None, "no count"),
        ({"usage": {"output_tokens": 7.0}}, None, "no whole number"),
        ({"usage": []}, None, "no usage"),
        ({"output": [SAID | {"generation_token_ids": [1, 2]}] * 2}, 4, "the ids themselves"),
        (
            {"output": [SAID | {"generation_token_ids": None}], "usage": {"output_tokens": 7}},
            7,
            "ids that are none",
        ),
    ],
)
def test_tokens_are_counted_as_far_as_anybody_did(
    response: dict[str, Any], tokens: int | None, why: str
) -> None:
    assert written(response, Options()).num_tokens == tokens, why


def test_what_is_incomplete_is_truncated() -> None:
    assert written({"status": "incomplete"}, Options()).truncated
    assert not written({"status": "completed"}, Options()).truncated


def test_many_items_are_read_in_time_in_proportion_to_them() -> None:
    def subject(text: str) -> object:
        items = [{"type": "reasoning", "summary": text[:8]}, SAID | {"content": text[:8]}]
        return written({"output": items * (len(text) // 16)}, Options())

    assert not growth(subject, lambda size: "x" * size, MAX_CHARS).steep
