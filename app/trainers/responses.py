"""Conversations as OpenAI's Responses API has them: items to turns, and what the policy counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from harmo.app.trainers.options import Options
from harmo.app.trainers.rows import parts_of
from harmo_client.wire import Image, Message

Item = Mapping[str, JsonValue]


class Written(NamedTuple):
    """What a policy made of a prompt."""

    text: str | None
    """None where it is more than one turn, or calls a tool."""
    messages: list[Message] | None
    num_tokens: int | None
    truncated: bool


def given(asked: str | Sequence[Item], options: Options) -> tuple[str | list[Message], list[Image]]:
    """The prompt of a request, with the pictures that stand in it.

    Args:
        asked: `input`: a text or items.
        options: Say what becomes of pictures that are only named.

    Raises:
        ValueError: If a picture is named and not brought.
    """
    if isinstance(asked, str):
        return asked, []
    images: list[Image] = []
    turns = _turns(asked, images, options)
    return [Message.model_validate(turn) for turn in turns], images


def written(response: Item, options: Options) -> Written:
    """What a response says, with thoughts in think tags before what they led to.

    Args:
        response: With `output` items; `usage` and token ids are counted if there are any.
        options: Say what becomes of pictures that are only named.

    Raises:
        ValueError: If a picture is named and not brought.
    """
    output = response.get("output")
    items = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
    turns = _turns(items, [], options)
    tokens, truncated = _num_tokens(response, items), response.get("status") == "incomplete"
    if not turns:
        return Written("", None, tokens, truncated)
    if len(turns) == 1 and turns[0]["role"] == "assistant" and "tool_calls" not in turns[0]:
        return Written(str(turns[0]["content"]), None, tokens, truncated)
    messages = [Message.model_validate(turn) for turn in turns]
    return Written(None, messages, tokens, truncated)


def _turns(
    items: Sequence[Item], images: list[Image], options: Options
) -> list[dict[str, JsonValue]]:
    """Turns of neighbouring items: thoughts, words and calls of one speaker are one turn."""
    turns: list[dict[str, JsonValue]] = []
    thoughts: list[str] = []
    for item in items:
        match item.get("type", "message"):
            case "reasoning":
                thoughts += list(_texts(item.get("content"))) or list(_texts(item.get("summary")))
            case "function_call":
                own = _own(turns, thoughts)
                own.setdefault("tool_calls", []).append(_call(item))  # type: ignore[union-attr]
            case "function_call_output":
                said = item.get("output")
                text = said if isinstance(said, str) else "".join(_texts(said))
                turns.append({"role": "tool", "content": text, **_id(item)})
            case "message" if item.get("role") == "assistant":
                content = item.get("content")
                said = content if isinstance(content, str) else "".join(_texts(content))
                _own(turns, thoughts)["content"].append(said)  # type: ignore[union-attr]
            case "message":
                turns.append(_said(item, images, options))
    if thoughts:
        # Thinking that never closed: there is no answer.
        turns.append({"role": "assistant", "content": ["<think>\n", *thoughts]})
    return [_joined(turn) for turn in turns]


def _own(turns: list[dict[str, JsonValue]], thoughts: list[str]) -> dict[str, JsonValue]:
    """The assistant's turn that goes on, or a new one, with thoughts before what they led to.

    Its content is pieces, to be joined once: a text that grows piece by piece takes their square.
    """
    if not turns or turns[-1]["role"] != "assistant":
        turns.append({"role": "assistant", "content": []})
    if thoughts:
        turns[-1]["content"] += ["<think>\n", *thoughts, "\n</think>\n\n"]  # type: ignore[operator]
        thoughts.clear()
    return turns[-1]


def _joined(turn: dict[str, JsonValue]) -> dict[str, JsonValue]:
    content = turn["content"]
    if turn["role"] != "assistant" or not isinstance(content, list):
        return turn
    return {**turn, "content": "".join(map(str, content)) if content else None}


def _said(item: Item, images: list[Image], options: Options) -> dict[str, JsonValue]:
    """What anybody else says, with pictures."""
    role, content = item.get("role"), item.get("content")
    if isinstance(content, list):
        # A bare text is no part of the Responses API.
        parts = [part for part in content if isinstance(part, dict)]
        return {"role": role, "content": list(parts_of(parts, images, options))}
    return {"role": role, "content": content}


def _texts(parts: JsonValue) -> Iterator[str]:
    if isinstance(parts, str):
        yield parts
    for part in parts if isinstance(parts, list) else ():
        text = part.get("text", part.get("refusal")) if isinstance(part, dict) else None
        if isinstance(text, str):
            yield text


def _call(item: Item) -> JsonValue:
    function = {"name": item.get("name"), "arguments": item.get("arguments", "")}
    call: dict[str, JsonValue] = {"type": "function", "function": function}
    return call | ({"id": item["call_id"]} if isinstance(item.get("call_id"), str) else {})


def _id(item: Item) -> dict[str, JsonValue]:
    return {"tool_call_id": item["call_id"]} if isinstance(item.get("call_id"), str) else {}


def _num_tokens(response: Item, items: Sequence[Item]) -> int | None:
    """Tokens that the policy generated, as far as anybody counted."""
    generated = [item["generation_token_ids"] for item in items if "generation_token_ids" in item]
    if generated and all(isinstance(ids, list) for ids in generated):
        return sum(len(ids) for ids in generated if isinstance(ids, list))
    usage = response.get("usage")
    tokens = usage.get("output_tokens") if isinstance(usage, dict) else None
    return tokens if type(tokens) is int and tokens >= 0 else None
