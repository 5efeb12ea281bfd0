"""What was asked and written, as JSON, and back."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, is_
from typing import Any

from harmo.audit.records import KeptGroup, Texts
from harmo.audit.rows.evidence import MAX_GROUP_CHARS, Room, is_flat
from harmo.scorers.types import THINK_TAGS, Image, ImageRef, Message, Sample, ToolCall

MAX_BYTES = 256 << 20
"""Of one content, unpacked: a service's requests are far smaller."""


Counted = tuple[int | None, bool]
"""Tokens of a sample, and whether it was cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What other groups may have too: a prompt or a picture."""

    digest: bytes
    content: bytes
    picture: bool


class Said:
    """What was said in a group, while it is taken apart."""

    def __init__(self, kept: KeptGroup, texts: Texts) -> None:
        self._kept = kept
        self._texts = texts
        self._full = texts == "full"
        self.shared: list[Shared] = []
        self._places: dict[bytes, int] = {}
        self._given: list[dict[str, object]] = []
        self._given_by_text: dict[bytes, int] = {}
        self._last: tuple[tuple[object, ...], int] = (), 0

    def told(self) -> bytes:
        """JSON of all of it but what is shared."""
        kept, samples = self._kept, self._kept.group.samples
        places = [self._place(sample) for sample in samples]
        said: dict[str, object] = {"ids": kept.ids, "given": self._given}
        if any(places):
            said["places"] = places
        if self._full:
            said["completions"] = [as_json(sample.completion) for sample in samples]
        elif self._texts == "hash":
            said["digests"] = kept.digests or [digest(s.completion) for s in samples]
        told = dumped(said)
        if self._full and (details := _details(kept)):
            told = b'%b,"details":%b}' % (told[:-1], details)
        return told

    def _place(self, sample: Sample) -> int:
        """Which of what was given it was given; the samples of one request share theirs."""
        own = _brought(sample)
        brought, place = self._last
        if brought and all(map(is_, own, brought)):
            return place
        given = self._what(sample)
        try:
            written = dumped(given)
        except (ValueError, RecursionError):
            # Deeper or larger than JSON: no service lets it in, and it must not end a batch.
            given = {name: Room().plain(value) for name, value in given.items()}
            written = dumped(given)
        place = self._given_by_text.setdefault(written, len(self._given))
        if place == len(self._given):
            self._given.append(given)
        self._last = own, place
        return place

    def _what(self, sample: Sample) -> dict[str, object]:
        """What a sample was given, but for what it would be anyway."""
        given: dict[str, object] = {}
        if sample.task is not None:
            given["task"] = sample.task
        if sample.images:
            given["images"] = [
                [self._share(i.content, picture=True), i.media_type, i.width, i.height]
                for i in sample.images
            ]
        if sample.think_tags != THINK_TAGS:
            given["think_tags"] = sample.think_tags
        if self._full:
            given["prompt"] = self._share(dumped(as_json(sample.prompt)), picture=False)
            given |= {
                name: value for name in _GIVEN if (value := getattr(sample, name)) != _PLAIN[name]
            }
        return given

    def _share(self, content: bytes, *, picture: bool) -> int:
        """Its place among what is shared; -1 where texts are not kept."""
        if not self._full:
            return -1
        key = hashlib.sha256(content if picture else b"text:" + content).digest()
        if key not in self._places:
            self._places[key] = len(self.shared)
            self.shared.append(Shared(digest=key, content=content, picture=picture))
        return self._places[key]


_brought = attrgetter(
    "prompt",
    "prefix",
    "images",
    "task",
    "reference",
    "references",
    "constraints",
    "metadata",
    "think_tags",
)
_GIVEN = ("prefix", "reference", "references", "constraints", "metadata")
_PLAIN = {name: getattr(Sample(), name) for name in _GIVEN}


def _details(kept: KeptGroup) -> bytes:
    """JSON of what each score stands on, into which a policy may have had any text put."""
    found = [
        (i, k, score.detail)
        for i, reward in enumerate(kept.rewards)
        for k, score in enumerate(reward.scores)
        if score.detail
    ]
    if not found:
        return b""
    room = Room()
    shallow = [[i, k, d if is_flat(d) else room.detail(d)] for i, k, d in found]
    try:
        text = _encode_finite(shallow)
    except ValueError:
        # A number that JSON has no word for.
        text = ""
    if not 0 < len(text) <= MAX_GROUP_CHARS:
        room = Room()
        text = _encode_finite([[i, k, room.detail(detail)] for i, k, detail in found])
    return text.encode("utf-8", "surrogatepass")


def digest(written: str | tuple[Message, ...]) -> str:
    """sha256 of a text, or of a conversation's JSON, in hexadecimal."""
    if isinstance(written, str):
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
    return hashlib.sha256(dumped(as_json(written))).hexdigest()


def samples(
    said: Mapping[str, Any], counted: Sequence[Counted], shared: Sequence[bytes | None]
) -> list[Sample]:
    """The samples.

    Args:
        said: As `Said.told` had it, or as much of it as there is.
        counted: What their numbers say of them.
        shared: What is shared, by place; None for what is not asked for.
    """
    given = [_given(each, shared) for each in said["given"]]
    places = said.get("places") or [0] * len(counted)
    written = said.get("completions") or [""] * len(counted)
    return [
        Sample(completion=_written(text), num_tokens=tokens, truncated=truncated, **given[place])
        for place, text, (tokens, truncated) in zip(places, written, counted, strict=True)
    ]


def _given(told: Mapping[str, Any], shared: Sequence[bytes | None]) -> dict[str, Any]:
    given = dict(told)
    place = given.pop("prompt", None)
    if place is not None and (content := shared[place]) is not None:
        given["prompt"] = _written(loaded(content))
    if "think_tags" in given:
        given["think_tags"] = tuple(given["think_tags"])
    given["images"] = tuple(
        Image(
            content=(shared[place] if place >= 0 else None) or b"",
            media_type=kind,
            width=width,
            height=height,
        )
        for place, kind, width, height in given.get("images", ())
    )
    return given


def as_json(written: str | tuple[Message, ...]) -> object:
    """A text, or the turns of a conversation."""
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


def dumped(value: object) -> bytes:
    """JSON, in which even a lone surrogate is what it was."""
    return _encode(value).encode("utf-8", "surrogatepass")


_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False, default=str
).encode
_encode_finite = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False
).encode


def loaded(content: bytes) -> Any:  # noqa: ANN401 - JSON of our own
    """The value of some JSON."""
    return json.loads(content.decode("utf-8", "surrogatepass"))


def shrunk(content: bytes) -> bytes:
    """Compressed."""
    return zlib.compress(content, 1)


def grown(content: bytes) -> bytes:
    """What was compressed.

    Args:
        content: As `shrunk` gave it.

    Raises:
        ValueError: If it is broken, or more than any service writes.
    """
    inflate = zlib.decompressobj()
    try:
        whole = inflate.decompress(content, MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"a text is torn: {error}") from None
    if not inflate.eof:
        raise ValueError(f"a text is cut off, or larger than {MAX_BYTES} bytes")
    return whole
