"""Wire groups -> the frozen values scorers see."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harmo.app.decoders import NO_PICTURES, Pictures
from harmo.app.hosting import TokenCounter
from harmo.app.settings import Settings
from harmo.app.shortfall import Shortfall
from harmo.scorers.types import Group, Image, ImageRef, Message, Reason, Sample, ToolCall
from harmo_client import wire

CALL_CHARS = len('{"name": "", "arguments": }')
"""What a tool call counts for in a completion's length besides what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One group as it came in, with what already cannot be scored."""

    group: Group
    ids: tuple[str, ...]
    """Completion ids, in order."""
    faults: tuple[Reason | None, ...]
    """Per completion: why it cannot be scored, known before any scorer ran."""
    fault_detail: str = ""
    shortfall: Shortfall | None = None
    """Set where it was scored before all of its members had come."""
    explain: bool = False
    """True to have hosted models say, in the detail, what they read."""


def receive(
    asked: wire.Group,
    request: wire.ScoreRequest,
    settings: Settings,
    count_tokens: TokenCounter | None,
    *,
    pictures: Pictures = NO_PICTURES,
) -> Received:
    """Convert one wire group; broken images and over-long completions become faults.

    Args:
        asked: The group.
        request: Its request, for run, step and split.
        settings: Bounds on completions.
        count_tokens: Counts a completion's tokens where the trainer sent none.
        pictures: Its images, checked.

    Returns:
        The group, with what cannot be scored of it.
    """
    prompt = _prompt(asked)
    limit = settings.max_completion_chars
    counter = _up_to(limit, count_tokens)
    samples = tuple(_sample(asked, c, prompt, pictures.images, counter) for c in asked.completions)
    group = Group(
        id=asked.id,
        samples=samples,
        size=asked.size or max(len(samples), 1),
        run=request.run,
        step=request.step,
        split=request.split,
    )
    faults = tuple(pictures.fault or _too_long(sample, limit) for sample in samples)
    ids = tuple(completion.id for completion in asked.completions)
    return Received(group=group, ids=ids, faults=faults, fault_detail=pictures.detail)


class ImageCountError(ValueError):
    """Image parts in the prompt and `images` differ in number."""


def require_images(asked: wire.Group) -> None:
    """Refuse a group whose image parts are not as many as its images.

    Args:
        asked: The group.

    Raises:
        ImageCountError: If they differ; without any parts the images come first.
    """
    if isinstance(asked.prompt, str):
        return
    contents = (turn.content for turn in asked.prompt if isinstance(turn.content, list))
    placed = sum(not isinstance(part, wire.TextPart) for parts in contents for part in parts)
    if placed and placed != len(asked.images):
        raise ImageCountError(
            f"group {asked.id!r}: {placed} image parts but {len(asked.images)} images"
        )


def _prompt(asked: wire.Group) -> str | tuple[Message, ...]:
    return asked.prompt if isinstance(asked.prompt, str) else _turns(asked.prompt)


def _up_to(limit: int, count_tokens: TokenCounter | None) -> Callable[[str], int | None]:
    """Counts what is short enough to be scored."""

    def count(text: str) -> int | None:
        return None if count_tokens is None or len(text) > limit else count_tokens(text)

    return count


def _turns(messages: Sequence[wire.Message]) -> tuple[Message, ...]:
    turns, images = [], 0
    for message in messages:
        parts: list[str | ImageRef] = []
        content = [] if message.content is None else message.content
        if isinstance(content, str):
            parts.append(content)
        else:
            for part in content:
                if isinstance(part, wire.TextPart):
                    parts.append(part.text)
                else:
                    parts.append(ImageRef(index=images))
                    images += 1
        turn = Message(
            role=message.role,
            parts=tuple(parts),
            tool_calls=tuple(_tool_call(call) for call in message.tool_calls or ()),
            tool_call_id=message.tool_call_id,
            name=message.name,
        )
        turns.append(turn)
    return tuple(turns)


def _tool_call(call: wire.ToolCall) -> ToolCall:
    arguments = call.function.arguments
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(name=call.function.name, arguments=arguments, id=call.id)


def _sample(
    asked: wire.Group,
    completion: wire.Completion,
    prompt: str | tuple[Message, ...],
    images: tuple[Image, ...],
    count_tokens: Callable[[str], int | None],
) -> Sample:
    written = completion.text if completion.messages is None else _turns(completion.messages)
    num_tokens = completion.num_tokens
    if num_tokens is None and completion.text is not None:
        num_tokens = count_tokens(completion.text)
    return Sample(
        prompt=prompt,
        completion=written or "",
        prefix=asked.prefix,
        images=images,
        reference=asked.reference,
        references=asked.references,
        task=asked.task,
        constraints=asked.constraints,
        num_tokens=num_tokens,
        truncated=completion.truncated,
        metadata=asked.metadata,
    )


def _too_long(sample: Sample, limit: int) -> Reason | None:
    """Why a completion of so many characters, prefix included, is not scored."""
    length = len(sample.prefix)
    if isinstance(sample.completion, str):
        length += len(sample.completion)
    else:
        length += sum(map(_chars, sample.completion))
    return Reason.COMPLETION_TOO_LONG if length > limit else None


def _chars(turn: Message) -> int:
    """Characters of a turn: its text, its names and its tool calls."""
    calls = sum(
        CALL_CHARS + len(call.name) + len(call.arguments) + len(call.id or "")
        for call in turn.tool_calls
    )
    return len(turn.text) + len(turn.name or "") + len(turn.tool_call_id or "") + calls
