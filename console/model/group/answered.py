"""What a running service has just answered, as a group is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harmo.console.model.group import shown
from harmo.console.model.group.shown import Cell, Column, Completion, Picture, Shown, Turn
from harmo.scorers.types import THINK_TAGS, ThinkTags
from harmo_client import wire


def of_answer(
    asked: wire.Group,
    answer: wire.ScoreResponse,
    *,
    tags: ThinkTags = THINK_TAGS,
    pictures: Sequence[Picture] = (),
) -> Shown:
    """One group of a request with its answer; the answer holds that group first.

    Args:
        asked: As it was sent.
        answer: With detail, if that was asked for.
        tags: Of the recipe that answered.
        pictures: Where the browser finds those that were sent.
    """
    scored = answer.groups[0]
    weights = [*scored.weights, *[0.0] * len(answer.columns)]
    columns = tuple(
        Column(name=c.name, family=c.family, weight=weights[k], shadow=c.shadow)
        for k, c in enumerate(answer.columns)
    )
    completions = [
        _completion(place, one, paid, columns)
        for place, (one, paid) in enumerate(zip(asked.completions, scored.completions, strict=True))
    ]
    return Shown(
        id=asked.id,
        source=shown.Source(
            recipe=answer.recipe.name,
            version=answer.recipe.version,
            scorer_version=answer.recipe.scorer_version,
        ),
        asked=asked_of(asked, pictures),
        columns=columns,
        completions=shown.settled(completions),
        size=asked.size or len(asked.completions),
        tags=tags,
    )


def asked_of(asked: wire.Group, pictures: Sequence[Picture] = ()) -> shown.Asked:
    """What a request asks of its group."""
    return shown.Asked(
        prompt=turns_of(asked.prompt, role="user"),
        pictures=tuple(pictures),
        prefix=asked.prefix,
        reference=asked.reference,
        references=asked.references,
        task=asked.task,
        constraints=asked.constraints,
    )


def turns_of(written: str | Sequence[wire.Message], *, role: str) -> tuple[Turn, ...]:
    """A text or messages as turns; pictures are numbered in the order of their parts.

    Args:
        written: As it was sent.
        role: Whose a bare text is.
    """
    if isinstance(written, str):
        return (Turn(role=role, parts=(written,)),)
    turns, pictures = [], 0
    for message in written:
        content = message.content or ""
        parts: list[str | int] = [content] if isinstance(content, str) else []
        for part in () if isinstance(content, str) else content:
            if isinstance(part, wire.TextPart):
                parts.append(part.text)
            else:
                parts.append(pictures)
                pictures += 1
        calls = tuple(
            (call.function.name, _arguments(call.function.arguments))
            for call in message.tool_calls or ()
        )
        turns.append(Turn(role=message.role, parts=tuple(parts), calls=calls))
    return tuple(turns)


def _arguments(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _completion(
    place: int, one: wire.Completion, paid: wire.CompletionReward, columns: Sequence[Column]
) -> Completion:
    details = paid.detail or []
    width = len(paid.scores)
    cells = tuple(
        Cell(
            score=paid.scores[k] if k < width else None,
            confidence=paid.confidences[k] if k < width else None,
            contribution=paid.contributions[k] if k < len(paid.contributions) else 0.0,
            reason=paid.reasons[k] if k < width else None,
            detail=details[k] if k < len(details) else {},
        )
        for k in range(len(columns))
    )
    said = [cell.detail["correct"] for cell in cells if "correct" in cell.detail]
    known = said[0] if said and isinstance(said[0], bool) else None
    written = one.text if one.text is not None else one.messages or ""
    return Completion(
        place=place,
        id=one.id,
        turns=turns_of(written, role="assistant"),
        tokens=one.num_tokens,
        truncated=one.truncated,
        correct=shown.judged(known, columns, cells),
        reward=paid.reward,
        reason=paid.reason,
        cells=cells,
    )
