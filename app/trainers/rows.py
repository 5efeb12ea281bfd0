"""Rows, as trainers keep them, to groups: each row one completion with its prompt and reference."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from pydantic import JsonValue
from pydantic_core import to_json

from harmo.app.admission.tally import Tally, instructions, references, require
from harmo.app.settings import Settings
from harmo.app.trainers.options import Options
from harmo_client.wire import Completion, Group, Image, Message, ScoreRequest

_DATA_URL = re.compile(r"data:(image/[a-z0-9.+-]{1,40});base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One completion, and what it answers."""

    prompt: str | Sequence[Message]
    text: str | None = None
    """What the policy wrote; None where it wrote several turns."""
    messages: Sequence[Message] | None = None
    reference: JsonValue = None
    references: Mapping[str, JsonValue] = field(default_factory=dict)
    images: Sequence[Image] = ()
    prefix: str = ""
    task: str | None = None
    constraints: JsonValue = None
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    num_tokens: int | None = None
    truncated: bool = False


def within(rows: Iterable[Row], settings: Settings) -> Iterator[Row]:
    """The rows, as long as they are no more than a request may ask for.

    Args:
        rows: Not made before they are taken.
        settings: The limits.

    Raises:
        ServiceError: 413 that names the limit.
    """
    tally = Tally()
    for row in rows:
        tally["completions"] += 1
        tally["images"] += len(row.images)
        tally["references"] += references(row.reference, row.references)
        tally["constraints"] += instructions(row.constraints)
        tally["messages"] += _turns(row.prompt) + _turns(row.messages or ())
        require(tally, settings, field=None)
        yield row


def _turns(turns: str | Sequence[Message]) -> int:
    """Turns, with every further part and tool call of each."""
    if isinstance(turns, str):
        return 0
    further = sum(
        max(0, len(each) - 1)
        for turn in turns
        for each in (turn.content, turn.tool_calls)
        if isinstance(each, list)
    )
    return len(turns) + further


def to_request(rows: Iterable[Row], options: Options) -> ScoreRequest:
    """The rows as groups, in order.

    Neighbours with one prompt and reference are one group as far as `group_size` goes; where
    fewer came than that, they are held for the others. Without `group_size` every row is alone.

    Args:
        rows: In the order they are to be answered.
        options: What the URL says of recipe, run and groups.
    """
    groups = [_group(members, options) for members in _together(rows, options)]
    waits = any(len(g.completions) < (g.size or 1) for g in groups)
    return ScoreRequest(
        groups=groups,
        recipe=options.recipe,
        run=options.run,
        step=options.step,
        split=options.split,
        wait_for_group_ms=options.wait_for_group_ms if waits else 0,
    )


def _together(rows: Iterable[Row], options: Options) -> Iterator[list[Row]]:
    members: list[Row] = []
    for row in rows:
        same = bool(members) and _key(row) == _key(members[0])
        if members and not same and options.group is not None:
            what = "one prompt with one reference, and the rows have several"
            raise ValueError(f"group {options.group!r} is {what}")
        # A group of the wire has one set of metadata; its members still meet by their name.
        same = same and row.metadata == members[0].metadata
        if members and not (same and len(members) < (options.group_size or 1)):
            yield members
            members = []
        members.append(row)
    if members:
        yield members


def _key(row: Row) -> tuple[object, ...]:
    return (
        *(row.prompt, row.prefix, row.images, row.task),
        *(row.reference, row.references, row.constraints),
    )


def _group(members: Sequence[Row], options: Options) -> Group:
    first = members[0]
    return Group(
        id=options.group or _name(first),
        size=max(options.group_size or 1, len(members)),
        prompt=first.prompt if isinstance(first.prompt, str) else list(first.prompt),
        images=list(first.images),
        prefix=first.prefix if options.prefix is None else options.prefix,
        task=options.task or first.task,
        reference=first.reference,
        references=dict(first.references),
        constraints=first.constraints,
        metadata=dict(first.metadata),
        # Two siblings may have written the same: nothing of a completion can be its name.
        completions=[_completion(row) for row in members],
    )


def _completion(row: Row) -> Completion:
    return Completion(
        id=uuid4().hex,
        text=row.text,
        messages=None if row.messages is None else list(row.messages),
        num_tokens=row.num_tokens,
        truncated=row.truncated,
    )


def _name(row: Row) -> str:
    """What rows of one prompt and reference have in common, in whatever request they come."""
    return hashlib.sha256(to_json(_key(row))).hexdigest()[:32]


def chat(
    turns: str | Sequence[Mapping[str, JsonValue]], options: Options
) -> tuple[str | list[Message], list[Image]]:
    """A prompt as trainers keep chats, with the pictures that stand in it.

    Args:
        turns: A text, or messages whose content is text or parts; pictures as data URLs.
        options: Say what becomes of pictures that are only named.

    Raises:
        ValueError: If a picture is no data URL and is not to be left out.
    """
    if isinstance(turns, str):
        return turns, []
    images: list[Image] = []
    messages = []
    for turn in turns:
        content = turn.get("content")
        said = list(parts_of(content, images, options)) if isinstance(content, list) else content
        messages.append(Message.model_validate({**_named(turn), "content": said}))
    return messages, images


def _named(turn: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    kept = ("role", "tool_calls", "tool_call_id", "name")
    return {key: turn[key] for key in kept if turn.get(key) is not None}


def parts_of(
    content: Sequence[JsonValue], images: list[Image], options: Options
) -> Iterator[JsonValue]:
    """A turn's parts as the wire has them; what is neither text nor picture is left out.

    Args:
        content: Texts, and objects with a `text` or a picture.
        images: Gets the pictures.
        options: Say what becomes of pictures that are only named.

    Raises:
        ValueError: If a picture is no data URL and is not to be left out.
    """
    for part in content:
        if isinstance(part, str):
            yield {"type": "text", "text": part}
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            yield {"type": "text", "text": part["text"]}
        elif isinstance(part, dict) and (image := picture(part, options)):
            images.append(image)
            yield {"type": "image"}


def picture(part: Mapping[str, JsonValue], options: Options) -> Image | None:
    """A part's picture; None where it is only named and to be left out.

    Args:
        part: With `image_url` (a text, or an object with `url`) or `image`.
        options: Say what becomes of pictures that are only named.

    Raises:
        ValueError: If it is no data URL and is not to be left out.
    """
    named = part.get("image_url", part.get("image", part.get("url")))
    url = named.get("url") if isinstance(named, dict) else named
    match = _DATA_URL.match(url) if isinstance(url, str) else None
    if match is not None and isinstance(url, str):
        return Image(data=url[match.end() :], media_type=match[1].lower())
    if options.images == "leave_out":
        return None
    shown = str(part.get("type", "part"))[:40]
    raise ValueError(
        f"a part of type {shown!r} brings no picture as a data URL; addresses and paths are not"
        " read. Send the picture, use the adapter of your trainer, or say ?images=leave_out"
    )
