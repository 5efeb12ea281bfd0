from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from harmo_client.adapters.core import chat


def completion(turns: Any, prefix: str = "", num_tokens: int | None = 7) -> dict[str, Any]:
    sent = chat.to_completion(turns, id="0", prefix=prefix, num_tokens=num_tokens, truncated=False)
    return sent.model_dump(exclude={"id"}, exclude_defaults=True)


CALL = {"type": "function", "function": {"name": "add", "arguments": {"a": 1}}}


def called(name: str, arguments: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ("plain", {"text": "plain", "num_tokens": 7}),
        ([{"role": "assistant", "content": "hi"}], {"text": "hi", "num_tokens": 7}),
        ([{"role": "assistant", "content": None}], {"text": "", "num_tokens": 7}),
        (
            [
                {
                    "role": "assistant",
                    "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                }
            ],
            {"text": "ab", "num_tokens": 7},
        ),
        # Tokenizers' damage: a lone surrogate cannot travel in JSON, a pair is one character.
        ("\ud800a\udc00", {"text": "\ufffda\ufffd", "num_tokens": 7}),
        ("\ud83d\ude00\x00\u202e", {"text": "\U0001f600\x00\u202e", "num_tokens": 7}),
        # A parser took the thoughts out; length and format are about what was written.
        (
            [{"role": "assistant", "reasoning_content": "hm", "content": "hi"}],
            {"text": "<think>\nhm\n</think>\n\nhi", "num_tokens": 7},
        ),
        (
            [{"role": "assistant", "thinking": "hm", "content": "hi"}],
            {"text": "<think>\nhm\n</think>\n\nhi", "num_tokens": 7},
        ),
        # It takes out thoughts that never closed, too: nothing is left to answer.
        (
            [{"role": "assistant", "reasoning_content": "so \\boxed{7}", "content": None}],
            {"text": "<think>\nso \\boxed{7}", "num_tokens": 7},
        ),
    ],
)
def test_what_the_policy_wrote(turns: Any, expected: dict[str, Any]) -> None:
    assert completion(turns) == expected


def test_thoughts_whose_tag_the_template_opened_are_not_opened_twice() -> None:
    turns = [{"role": "assistant", "reasoning_content": "hm", "content": "hi"}]
    assert completion(turns, prefix="<think>\n")["text"] == "hm\n</think>\n\nhi"


def test_thoughts_before_a_tool_call_are_closed() -> None:
    turns = [{"role": "assistant", "reasoning_content": "hm", "content": "", "tool_calls": [CALL]}]
    assert completion(turns)["messages"][0]["content"] == "<think>\nhm\n</think>\n\n"


def test_tool_turns_travel_as_messages_without_a_count_that_includes_them() -> None:
    turns = [
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {
            "role": "tool",
            "name": "add",
            "content": [{"type": "text", "text": "2"}, {"type": "image"}],
        },
        {"role": "assistant", "content": "two"},
    ]
    sent = completion(turns)
    assert "num_tokens" not in sent
    assert [m["role"] for m in sent["messages"]] == ["assistant", "tool", "assistant"]
    assert sent["messages"][0]["tool_calls"] == [called("add", '{"a": 1}')]
    assert sent["messages"][1]["content"] == [{"type": "text", "text": "2"}]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"name": "add", "arguments": "{"}, called("add", "{")),  # not unfolded, and not JSON
        ({"function": {"name": "f", "arguments": float("nan")}}, called("f", "NaN")),
        ({"function": {"name": "\ud800", "arguments": "\ud800"}}, called("\ufffd", "\ufffd")),
        ({"function": {"name": "f", "arguments": nested(100_000)}}, called("f", "(unreadable)")),
        ({"function": None}, called("", "{}")),
        ("add(1)", called("", "{}")),
    ],
)
def test_no_tool_call_a_policy_can_write_stops_the_run(call: Any, expected: Any) -> None:
    sent = completion([{"role": "assistant", "content": None, "tool_calls": [call]}])
    assert sent["messages"] == [{"role": "assistant", "tool_calls": [expected]}]


def test_a_prompt_keeps_its_turns_and_the_places_of_its_pictures() -> None:
    picture = Image.new("L", (1, 1))
    prompt = [
        {"role": "system", "content": "be brief"},
        {
            "role": "user",
            "content": [{"type": "image", "image": picture}, {"type": "text", "text": "?"}],
        },
    ]
    sent = [m.model_dump(exclude_none=True) for m in chat.to_prompt(prompt)]
    assert sent == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "?"}]},
    ]
    assert chat.pictures(prompt) == [picture]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "F"])
def test_any_colour_mode_becomes_a_readable_png(mode: str) -> None:
    sent = chat.to_png(Image.new(mode, (2, 2)))
    with Image.open(io.BytesIO(base64.b64decode(sent.data))) as back:
        assert (back.format, back.size) == ("PNG", (2, 2))
