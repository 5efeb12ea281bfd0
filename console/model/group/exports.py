"""A group to take away: the request that reproduces it, and its table as CSV."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from harmo.audit.records import KeptGroup
from harmo.console.model.group.evidence import answer_of
from harmo.console.model.group.shown import Shown
from harmo.console.model.sheet import Value, sheet
from harmo.scorers.types import ImageRef, Message, Sample
from harmo_client import wire


class NothingKeptError(ValueError):
    """A group's texts were not kept, so no request can reproduce it."""


def request_of(kept: KeptGroup) -> wire.ScoreRequest:
    """The body of POST /score that scores a stored group again.

    It names no run, so that asking again does not count into one.

    Args:
        kept: As the store gives it, with its pictures.

    Raises:
        NothingKeptError: If the store has only hashes of its texts, or none.
    """
    if kept.texts != "full":
        raise NothingKeptError(
            f"group {kept.number} was kept with texts {kept.texts!r}: its texts are not in the "
            "store; a service that runs with --audit-texts full keeps them"
        )
    group = kept.group
    first = group.samples[0] if group.samples else Sample()
    fields = {
        "id": group.id,
        "prompt": _written(first.prompt),
        "size": group.size,
        "images": [
            {"data": base64.b64encode(i.content).decode(), "media_type": i.media_type}
            for i in first.images
        ],
        "prefix": first.prefix,
        "task": first.task,
        "reference": first.reference,
        "references": dict(first.references),
        "constraints": first.constraints,
        "metadata": dict(first.metadata),
        "completions": [
            _completion(identity, sample)
            for identity, sample in zip(kept.ids, group.samples, strict=True)
        ],
    }
    return wire.ScoreRequest.model_validate(
        {
            "recipe": kept.recipe.name,
            "step": group.step,
            "split": group.split,
            "groups": [fields],
        }
    )


def as_json(request: wire.ScoreRequest) -> str:
    """A request as it is sent, without its defaults; `?` for half a letter, which none may hold."""
    said = json.dumps(request.model_dump(exclude_defaults=True), ensure_ascii=False, indent=2)
    return said.encode("utf-8", "replace").decode()


def as_csv(shown: Shown) -> str:
    """The table of a group, a line per completion; no cell of it is a formula."""
    head = ["group", "completion", "reward", "reason", "advantage", "advantage_scaled", "correct"]
    head += ["tokens", "truncated", "answer"]
    for column in shown.columns:
        head += [f"{column.name}.{what}" for what in ("score", "confidence", "contribution")]
        head.append(f"{column.name}.reason")
    lines: list[list[Value]] = []
    for one in shown.completions:
        line: list[Value] = [shown.id, one.id, one.reward, one.reason, one.advantage, one.scaled]
        line += [one.correct, one.tokens, one.truncated, answer_of(shown.columns, one)]
        for cell in one.cells:
            line += [cell.score, cell.confidence, cell.contribution, cell.reason]
        lines.append(line)
    return sheet(head, lines)


def _completion(identity: str, sample: Sample) -> dict[str, object]:
    written = sample.completion
    key = "text" if isinstance(written, str) else "messages"
    return {
        "id": identity,
        key: _written(written),
        "num_tokens": sample.num_tokens,
        "truncated": sample.truncated,
    }


def _written(text: str | Sequence[Message]) -> str | list[dict[str, object]]:
    return text if isinstance(text, str) else [_message(turn) for turn in text]


def _message(turn: Message) -> dict[str, object]:
    if all(isinstance(part, str) for part in turn.parts):
        content: object = turn.text
    else:
        content = [
            {"type": "image"} if isinstance(part, ImageRef) else {"type": "text", "text": part}
            for part in turn.parts
        ]
    message: dict[str, object] = {"role": turn.role, "content": content}
    if turn.tool_calls:
        message["tool_calls"] = [
            {
                "type": "function",
                "id": call.id,
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in turn.tool_calls
        ]
    named = {"tool_call_id": turn.tool_call_id, "name": turn.name}
    return message | {key: value for key, value in named.items() if value is not None}
