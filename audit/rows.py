"""A kept group as rows of the tables, and back."""

from __future__ import annotations

import hashlib
import json
import math
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.scorers.types import (
    Group,
    Image,
    ImageRef,
    Message,
    Reason,
    Reward,
    Sample,
    Score,
    ToolCall,
)

_NAN = math.nan
OWN = 4
"""Numbers of a sample before its columns': reward, correctness, tokens, whether it was cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One group, encoded."""

    group: tuple[object, ...]
    """Of table `groups`, from `run` to `bytes`."""
    prompt: tuple[bytes, bytes] | None
    """Digest and content."""
    pictures: Sequence[tuple[bytes, bytes]]
    texts: tuple[str, bytes]
    """Of table `texts`: pictures and content."""


def encoded(kept: KeptGroup) -> Rows:
    """The rows of a group."""
    group, first = kept.group, kept.group.samples[0] if kept.group.samples else Sample()
    values = [reward.value for reward in kept.rewards if reward.value is not None]
    content = _packed(_said(kept))
    prompt = None
    if kept.texts == "full" and group.samples:
        written = _packed(_text(first.prompt))
        prompt = (hashlib.sha256(written).digest(), written)
    pictures = [(hashlib.sha256(i.content).digest(), i.content) for i in first.images]
    placed = [
        [digest.hex(), image.media_type, image.width, image.height]
        for (digest, _), image in zip(pictures, first.images, strict=True)
    ]
    numbers = _numbers(kept)
    row = (
        group.run or "",
        group.step,
        group.split,
        kept.scored_at_s,
        group.id,
        first.task,
        group.size,
        len(group.samples),
        len(values),
        math.fsum(values) / len(values) if values else None,
        max(values) - min(values) if values else None,
        numbers,
        json.dumps(_reasons(kept)),
        len(numbers) + len(content),
    )
    return Rows(
        group=row,
        prompt=prompt,
        pictures=pictures if kept.texts == "full" else [],
        texts=(json.dumps(placed), content),
    )


def _numbers(kept: KeptGroup) -> bytes:
    """Per sample what `OWN` says, then scores, confidences and contributions of its columns."""
    group, numbers = kept.group, array("d")
    correctness = group.correctness or (None,) * len(group.samples)
    for sample, right, reward in zip(group.samples, correctness, kept.rewards, strict=True):
        numbers.extend(
            _NAN if value is None else float(value)
            for value in (reward.value, right, sample.num_tokens, sample.truncated)
        )
        numbers.extend(_NAN if s.value is None else s.value for s in reward.scores)
        numbers.extend(s.confidence for s in reward.scores)
        numbers.extend(reward.contributions)
    numbers.extend(kept.weights)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _reasons(kept: KeptGroup) -> list[list[object]]:
    """Sample, column and reason of every abstention; column -1 is the reward, -2 a fault."""
    reasons: list[list[object]] = []
    for i, (reward, fault) in enumerate(zip(kept.rewards, kept.faults, strict=True)):
        if fault is not None:
            reasons.append([i, -2, fault])
        if reward.reason is not None:
            reasons.append([i, -1, reward.reason])
        for k, score in enumerate(reward.scores):
            if score.reason is not None:
                reasons.append([i, k, score.reason])
    return reasons


def _said(kept: KeptGroup) -> dict[str, object]:
    group, first = kept.group, kept.group.samples[0] if kept.group.samples else Sample()
    full = kept.texts == "full"
    said: dict[str, object] = {
        "ids": kept.ids,
        "texts": kept.texts,
        "digests": kept.digests,
        "interaction": kept.interaction,
    }
    if kept.texts != "none":
        said["digests"] = [
            hashlib.sha256(json.dumps(_text(s.completion)).encode("utf-8", "replace")).hexdigest()
            for s in group.samples
        ]
    if full:
        said |= {
            "completions": [_text(sample.completion) for sample in group.samples],
            "prefix": first.prefix,
            "reference": first.reference,
            "references": first.references,
            "constraints": first.constraints,
            "metadata": first.metadata,
        }
    details = [
        [i, k, score.detail]
        for i, reward in enumerate(kept.rewards)
        for k, score in enumerate(reward.scores)
        if score.detail
    ]
    if details:
        said["details"] = details
    return said


def _text(written: str | tuple[Message, ...]) -> object:
    if isinstance(written, str):
        return written
    return [
        {
            "role": turn.role,
            "parts": [p.index if isinstance(p, ImageRef) else p for p in turn.parts],
            "calls": [[call.name, call.arguments, call.id] for call in turn.tool_calls],
            "call_id": turn.tool_call_id,
            "name": turn.name,
        }
        for turn in written
    ]


def _written(text: str | list[dict[str, Any]]) -> str | tuple[Message, ...]:
    if isinstance(text, str):
        return text
    return tuple(
        Message(
            role=turn["role"],
            parts=tuple(ImageRef(index=p) if isinstance(p, int) else p for p in turn["parts"]),
            tool_calls=tuple(ToolCall(name=n, arguments=a, id=i) for n, a, i in turn["calls"]),
            tool_call_id=turn["call_id"],
            name=turn["name"],
        )
        for turn in text
    )


def _packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, default=str).encode(), 1)


def _unpacked(content: bytes) -> Any:  # noqa: ANN401 - JSON of our own
    return json.loads(zlib.decompress(content))


def decoded(
    row: Mapping[str, Any], recipe: KeptRecipe, *, pictures: Mapping[str, bytes] | None = None
) -> KeptGroup:
    """The group of a row of `groups` joined with its `texts`; `content` and `prompt` may be None.

    Args:
        row: By column name.
        recipe: What scored it.
        pictures: Contents by digest, in hexadecimal.
    """
    said = {} if row["content"] is None else _unpacked(row["content"])
    prompt = "" if row["prompt"] is None else _written(_unpacked(row["prompt"]))
    numbers = array("d", row["numbers"])
    if sys.byteorder == "big":
        numbers.byteswap()
    width, count = len(recipe.columns), row["samples"]
    extra = bool(said.get("interaction", len(numbers) > count * (OWN + 3 * width) + width))
    paid = width + extra
    stride = OWN + 2 * width + paid
    reasons = {(i, k): Reason(r) for i, k, r in json.loads(row["reasons"])}
    details = {(i, k): detail for i, k, detail in said.get("details", ())}
    images = tuple(
        Image(content=(pictures or {}).get(digest, b""), media_type=kind, width=w, height=h)
        for digest, kind, w, h in json.loads(row["pictures"] or "[]")
    )
    completions = [_written(t) for t in said.get("completions", [""] * count)]
    samples, rewards, correctness = [], [], []
    for i in range(count):
        own = numbers[i * stride : (i + 1) * stride]
        value, right, tokens, truncated = own[:OWN]
        correctness.append(None if math.isnan(right) else bool(right))
        samples.append(
            Sample(
                prompt=prompt,
                completion=completions[i],
                prefix=said.get("prefix", ""),
                images=images,
                reference=said.get("reference"),
                references=said.get("references", {}),
                task=row["task"],
                constraints=said.get("constraints"),
                num_tokens=None if math.isnan(tokens) else int(tokens),
                truncated=bool(truncated),
                metadata=said.get("metadata", {}),
            )
        )
        scores = tuple(
            Score(
                value=None if (i, k) in reasons else own[OWN + k],
                confidence=own[OWN + width + k],
                reason=reasons.get((i, k)),
                detail=details.get((i, k), {}),
            )
            for k in range(width)
        )
        rewards.append(
            Reward(
                value=None if math.isnan(value) else value,
                reason=reasons.get((i, -1)),
                scores=scores,
                contributions=tuple(own[OWN + 2 * width :]),
            )
        )
    group = Group(
        id=row["group_id"],
        samples=tuple(samples),
        size=row["size"],
        run=row["run"] or None,
        step=row["step"],
        split=row["split"],
        correctness=tuple(correctness) if any(c is not None for c in correctness) else (),
    )
    return KeptGroup(
        recipe=recipe,
        scored_at_s=row["scored_at_s"],
        group=group,
        ids=tuple(said.get("ids", map(str, range(count)))),
        faults=tuple(reasons.get((i, -2)) for i in range(count)),
        weights=tuple(numbers[count * stride :]),
        rewards=tuple(rewards),
        interaction=extra,
        texts=said.get("texts", "none"),
        digests=tuple(said.get("digests", ())),
        number=row["number"],
    )
