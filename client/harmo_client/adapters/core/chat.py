"""Trainers' prompts, completions and pictures in wire form."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from typing import Protocol

from harmo_client import wire

Turn = Mapping[str, object]
"""A chat message as trainers keep it: role, content (text or parts), tool calls."""
Prompt = str | Sequence[Turn]
"""Text, or chat messages."""

PICTURE_KEYS = ("image", "image_url", "bytes", "path", "url")
"""Where a part or a dataset's cell keeps its picture; the first that is not None counts."""
_IMAGES = ("image", "image_url", "input_image")
_TEXTS = ("text", "input_text", "output_text")
"""What trainers and APIs call a part."""


class Picture(Protocol):
    """What is needed of a `PIL.Image.Image`."""

    mode: str

    def convert(self, mode: str) -> Picture: ...
    def save(self, fp: io.BytesIO, format: str, *, compress_level: int) -> None: ...


def to_prompt(prompt: Prompt) -> str | list[wire.Message]:
    """A prompt as text or messages; pictures become places for `images`."""
    if isinstance(prompt, str):
        return clean(prompt)
    return [_message(turn, images=True) for turn in prompt]


def pictures(prompt: Prompt) -> list[object]:
    """The pictures that stand inside a prompt's messages, in order, as the trainer keeps them."""
    if isinstance(prompt, str):
        return []
    parts = [part for turn in prompt for part in _parts(turn.get("content"))]
    found = (_picture(part) for part in parts)
    return [picture for picture in found if picture is not None]


def placed(prompt: Prompt, images: Sequence[object], marker: str) -> Prompt:
    """The prompt with a part for a picture at each marker, if there are as many as pictures."""
    turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    texts = [turn["content"] for turn in turns if isinstance(turn.get("content"), str)]
    if not images or sum(str(text).count(marker) for text in texts) != len(images):
        return prompt
    return [
        {**turn, "content": _at_markers(content, marker)} if isinstance(content, str) else turn
        for turn in turns
        for content in [turn.get("content")]
    ]


def _at_markers(text: str, marker: str) -> object:
    if marker not in text:
        return text
    parts: list[dict[str, object]] = []
    for i, stretch in enumerate(text.split(marker)):
        parts += [{"type": "image"}] if i else []
        parts += [{"type": "text", "text": stretch}] if stretch else []
    return parts


def to_completion(
    completion: Prompt,
    *,
    id: str,
    prefix: str,
    num_tokens: int | None,
    truncated: bool,
) -> wire.Completion:
    """What the policy wrote: text where it is one plain turn, else its messages.

    A count that includes tool turns is dropped: those tokens are not the policy's.
    """
    turns = (
        [{"role": "assistant", "content": completion}]
        if isinstance(completion, str)
        else completion
    )
    turns = [{**turn, "content": _spoken(turn, prefix=prefix)} for turn in turns]
    if len(turns) == 1 and not turns[0].get("tool_calls"):
        text = _text(turns[0])
        return wire.Completion(id=id, text=text, num_tokens=num_tokens, truncated=truncated)
    tools = any(turn.get("role") == "tool" for turn in turns)
    return wire.Completion(
        id=id,
        messages=[_message(turn, images=False) for turn in turns],
        num_tokens=None if tools else num_tokens,
        truncated=truncated,
    )


def to_png(picture: Picture) -> wire.Image:
    """A picture as base64 PNG, without loss; exotic colour modes become RGB."""
    if picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
        picture = picture.convert("RGB")
    buffer = io.BytesIO()
    # On loopback or a cluster's network time is dearer than bytes.
    picture.save(buffer, "PNG", compress_level=1)
    return wire.Image(data=base64.b64encode(buffer.getvalue()).decode("ascii"))


def clean(text: str) -> str:
    """The text with lone surrogates replaced, as tokenizers do: JSON cannot carry them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _message(turn: Turn, *, images: bool) -> wire.Message:
    content, calls = turn.get("content"), turn.get("tool_calls")
    message = {
        "role": turn.get("role"),
        "content": clean(content) if isinstance(content, str) else _wire_parts(turn, images=images),
        "tool_calls": [_call(call) for call in calls] if isinstance(calls, list) else None,
    }
    names = {key: clean(str(turn[key])) for key in ("tool_call_id", "name") if turn.get(key)}
    return wire.Message.model_validate({**message, **names})


def _call(call: object) -> dict[str, object]:
    """A tool call as the policy wrote it, which may be anything: name and arguments as text."""
    whole = call if isinstance(call, Mapping) else {}
    function = whole.get("function", whole)
    called = function if isinstance(function, Mapping) else {}
    arguments = called.get("arguments", {})
    if not isinstance(arguments, str):
        try:
            arguments = json.dumps(arguments)
        except (TypeError, ValueError, RecursionError):
            arguments = "(unreadable)"
    name = clean(str(called.get("name", "")))
    return {"type": "function", "function": {"name": name, "arguments": clean(arguments)}}


def _wire_parts(turn: Turn, *, images: bool) -> list[dict[str, object]] | None:
    if turn.get("content") is None:
        return None
    return [
        _wire_part(part) for part in _parts(turn["content"]) if images or part.get("type") in _TEXTS
    ]


def _wire_part(part: Mapping[str, object]) -> dict[str, object]:
    if part.get("type") in _IMAGES:
        return {"type": "image"}
    # The wire carries no video and no sound: their place is kept, for who reads the prompt.
    text = part["text"] if part.get("text") is not None else f"<{part.get('type')}>"
    return {"type": "text", "text": clean(str(text))}


def _picture(part: Mapping[str, object]) -> object:
    if part.get("type") not in _IMAGES:
        return None
    return next((part[key] for key in PICTURE_KEYS if part.get(key) is not None), None)


def _text(turn: Turn) -> str:
    content = turn.get("content")
    if isinstance(content, str):
        return clean(content)
    return clean("".join(str(part.get("text", "")) for part in _parts(content)))


def _spoken(turn: Turn, *, prefix: str) -> object:
    """The turn's content, with thoughts that the trainer's parser took out put back in."""
    thoughts = turn.get("reasoning_content") or turn.get("thinking")
    if not thoughts:
        return turn.get("content")
    opened = "" if "<think>" in prefix else "<think>\n"
    said = _text(turn)
    if not (said.strip() or turn.get("tool_calls")):
        # Parsers take out thinking that never closed, too, and leave nothing.
        return f"{opened}{thoughts}"
    return f"{opened}{thoughts}\n</think>\n\n{said}"


def _parts(content: object) -> list[Mapping[str, object]]:
    # Parquet and numpy give arrays where there were lists.
    plain = content.tolist() if hasattr(content, "tolist") else content
    return [part for part in plain if isinstance(part, Mapping)] if isinstance(plain, list) else []
