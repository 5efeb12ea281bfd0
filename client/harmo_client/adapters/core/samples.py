"""From samples, alone or many, to wire groups and back: pure functions."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from harmo_client import wire
from harmo_client.adapters.core import chat, pictures
from harmo_client.adapters.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One completion, with all that its trainer says about it."""

    completion: chat.Prompt
    prompt: chat.Prompt = ""
    columns: Mapping[str, object] = field(default_factory=dict)
    """The dataset's row."""
    reference: object = None
    """The trainer's own ground truth, where the settings name no column."""
    images: Sequence[object] = ()
    """Where they do not stand inside the prompt's messages."""
    num_tokens: int | None = None
    """That the policy wrote, EOS included."""
    truncated: bool | None = None
    """None where the trainer does not say: then `max_tokens` tells."""
    group: str | None = None
    """What the trainer knows the completions of one prompt by; None where it knows nothing."""
    asked_alike: bool = False
    """True if `group` does not tell: siblings are those of one call that were asked the same."""
    id: str | None = None
    """What the trainer knows this one by."""
    prefix: str = ""
    """What the chat template opened in the prompt, where the settings say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Groups, and where each sample stands in them."""

    groups: Sequence[wire.Group]
    places: Sequence[tuple[int, int]]
    """Group and member of each sample, in the order of the samples."""
    wait_for_group_ms: int
    """0 where every group is whole."""

    def in_order(self, answer: wire.ScoreResponse) -> list[tuple[wire.GroupRewards, int]]:
        """Each sample's group and its place there, in the order of the samples."""
        return [(answer.groups[group], member) for group, member in self.places]


def layout(samples: Sequence[Sample], settings: Settings) -> Layout:
    """The samples as groups: siblings together, however they are ordered.

    Samples of which nothing says whose siblings they are stand alone; with `group_size` the service
    waits for those that other calls bring, and knows them by what was asked.

    Raises ValueError if siblings differ in prompt or reference, or come in pieces without a run.
    """
    shells = [_shell(sample, settings) for sample in samples]
    members: dict[str, list[int]] = {}
    for i, sample in enumerate(samples):
        members.setdefault(_key(sample, shells[i], settings), []).append(i)
    groups: list[wire.Group] = []
    places = [(0, 0)] * len(samples)
    for key, rows in members.items():
        for part in _parts_of(rows, settings.group_size):
            for place, i in enumerate(part):
                places[i] = (len(groups), place)
            groups.append(_group(key, [samples[i] for i in part], shells[part[0]], settings))
            for i in part[1:]:
                _require_same(key, shells[part[0]], shells[i])
    waits = any((group.size or 0) > len(group.completions) for group in groups)
    if waits and settings.wait_for_group_ms and not settings.run:
        raise ValueError(
            "a group that comes in pieces needs run (or HARMO_RUN): it keeps equal groups of two "
            "runs apart"
        )
    return Layout(
        groups=_distinct(groups),
        places=places,
        wait_for_group_ms=settings.wait_for_group_ms if waits else 0,
    )


def _shell(sample: Sample, settings: Settings) -> dict[str, object]:
    """A group's fields without its completions and pictures."""
    row = {name: (value,) for name, value in sample.columns.items()}
    fields = {name: plain(value) for name, value in settings.fields.of(row, 0).items()}
    if settings.reference is None and fields["reference"] is None:
        fields["reference"] = plain(sample.reference)
    return {
        **fields,
        "prompt": chat.to_prompt(sample.prompt),
        "prefix": settings.prefix or sample.prefix,
    }


def _key(sample: Sample, shell: Mapping[str, object], settings: Settings) -> str:
    if sample.group is not None and not sample.asked_alike:
        return sample.group
    if not sample.asked_alike:
        if (settings.group_size or 1) == 1:
            return uuid4().hex
        if not sample.prompt:
            raise ValueError(
                "group_size is given, but nothing tells which completions are siblings: neither "
                "the trainer nor a prompt; leave group_size out, or see what the adapter reads"
            )
    return ".".join(filter(None, (sample.group, _fingerprint(shell, sample))))


def _fingerprint(asked: object, sample: Sample) -> str:
    """The same for completions of the same question about the same pictures."""
    dumped = json.dumps(asked, sort_keys=True, default=lambda model: model.model_dump())
    shown = [pictures.fingerprint(picture) for picture in _images_of(sample)]
    return hashlib.sha256("\n".join([dumped, *shown]).encode()).hexdigest()[:32]


def _images_of(sample: Sample) -> Sequence[object]:
    return chat.pictures(sample.prompt) or sample.images


def _parts_of(rows: Sequence[int], group_size: int | None) -> list[Sequence[int]]:
    """A prompt that a dataset has twice makes twice as many siblings: those are two groups."""
    if group_size is None:
        return [rows]
    return [rows[i : i + group_size] for i in range(0, len(rows), group_size)]


def _group(
    key: str, siblings: Sequence[Sample], shell: Mapping[str, object], settings: Settings
) -> wire.Group:
    size = settings.group_size if settings.group_size else len(siblings)
    return wire.Group.model_validate(
        {
            **shell,
            "id": key[:256],
            "size": max(size, len(siblings)),
            "images": [pictures.to_image(picture) for picture in _images_of(siblings[0])],
            "completions": _completions(siblings, settings),
        }
    )


def _completions(siblings: Sequence[Sample], settings: Settings) -> list[wire.Completion]:
    ids = [sample.id or uuid4().hex for sample in siblings]
    if len(set(ids)) < len(ids):
        ids = [f"{id}.{i}" for i, id in enumerate(ids)]
    return [
        chat.to_completion(
            sample.completion,
            id=id[:256],
            prefix=settings.prefix or sample.prefix,
            num_tokens=sample.num_tokens,
            truncated=_truncated(sample, settings),
        )
        for id, sample in zip(ids, siblings, strict=True)
    ]


def _truncated(sample: Sample, settings: Settings) -> bool:
    if sample.truncated is not None:
        return sample.truncated
    if settings.max_tokens is None or sample.num_tokens is None:
        return False
    return sample.num_tokens >= settings.max_tokens


def _distinct(groups: Sequence[wire.Group]) -> list[wire.Group]:
    """Groups whose ids differ: parts of one prompt that came twice are numbered."""
    seen: dict[str, int] = {}
    named = []
    for group in groups:
        count = seen[group.id] = seen.get(group.id, 0) + 1
        named.append(group if count == 1 else group.model_copy(update={"id": _nth(group, count)}))
    return named


def _nth(group: wire.Group, count: int) -> str:
    return f"{group.id[:240]}.{count}"


def _require_same(key: str, first: Mapping[str, object], other: Mapping[str, object]) -> None:
    for name, value in first.items():
        if other[name] != value:
            raise ValueError(
                f"group {key!r} mixes samples with different {name}: they are not completions of "
                "one prompt; check group_size and the trainer's ids"
            )


def plain(value: object) -> object:
    """The value as JSON has it: arrays become lists, NaN (an empty cell) becomes None."""
    if isinstance(value, str):
        return chat.clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return str(value)
