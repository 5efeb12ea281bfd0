"""The form of the playground: a group as texts in fields, and back.

A field whose text begins with `[`, `{` or `"` is JSON: chat messages, lists of accepted answers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from harmo.models.documents import DocumentError, parse_json, said
from harmo_client import wire

MAX_COMPLETIONS = 64
MAX_PICTURES, MAX_PICTURE_BYTES = 8, 8 << 20
MAX_FIELD_CHARS = 1 << 20
_JSON = ("[", "{", '"')
_OWN = frozenset({"prompt", "reference", "references", "task", "prefix", "constraints"})
_ALWAYS_JSON = frozenset({"references", "constraints"})
_LISTED = frozenset({"completions", "images", "size"})


class FormError(ValueError):
    """A field cannot be sent as it is; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One completion in the form."""

    text: str = ""
    tokens: int | None = None
    truncated: bool = False
    id: str = ""
    """Its place where it has none of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One picture in the form."""

    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """All that the playground sends."""

    prompt: str = ""
    reference: str = ""
    references: str = ""
    task: str = ""
    prefix: str = ""
    constraints: str = ""
    completions: tuple[Written, ...] = (Written(),)
    pictures: tuple[Drawn, ...] = ()
    id: str = "playground"
    rest: Mapping[str, object] = field(default_factory=dict)
    """What the form has no field for, sent as it came: metadata."""


def group_of(form: Form) -> wire.Group:
    """The group that a form asks for.

    Args:
        form: As it stands on the page.

    Raises:
        FormError: Names the field that cannot be sent.
    """
    if len(form.completions) > MAX_COMPLETIONS:
        raise FormError(
            f"{len(form.completions)} completions are more than {MAX_COMPLETIONS}; "
            "harmo score FILE scores any number"
        )
    if not form.prompt.strip():
        raise FormError("prompt: it is empty; write what the policy was asked")
    fields: dict[str, object] = {
        **form.rest,
        "id": form.id or "playground",
        "prompt": _read("prompt", form.prompt, messages=True),
        "prefix": form.prefix,
        "task": form.task.strip() or None,
        "reference": _read("reference", form.reference),
        "references": _read("references", form.references) or {},
        "constraints": _read("constraints", form.constraints),
        "images": [
            {"data": base64.b64encode(p.content).decode(), "media_type": p.media_type}
            for p in form.pictures
        ],
        "completions": [_completion(place, one) for place, one in enumerate(form.completions)],
    }
    try:
        return wire.Group.model_validate(fields)
    except ValidationError as error:
        raise FormError(said(error, fields)) from None


def form_of(group: wire.Group, pictures: Sequence[Drawn] = ()) -> Form:
    """A form that asks for a group.

    Args:
        group: As it would be sent; of more completions than the form has room for, the first.
        pictures: Its pictures, looked at.
    """
    fields = group.model_dump(mode="json", exclude_defaults=True)
    return Form(
        prompt=_shown(fields.get("prompt"), messages=True),
        reference=_shown(fields.get("reference")),
        references=_shown(fields.get("references")),
        task=group.task or "",
        prefix=group.prefix,
        constraints=_shown(fields.get("constraints")),
        completions=tuple(
            Written(
                text=_shown(one.get("text", one.get("messages")), messages=True),
                tokens=one.get("num_tokens"),
                truncated=one.get("truncated", False),
                id=one["id"],
            )
            for one in fields["completions"][:MAX_COMPLETIONS]
        ),
        pictures=tuple(pictures),
        id=group.id,
        rest={k: v for k, v in fields.items() if k not in _OWN | _LISTED | {"id"}},
    )


def _completion(place: int, one: Written) -> dict[str, object]:
    written = _read(f"completion {place + 1}", one.text, messages=True)
    key = "text" if written is None or isinstance(written, str) else "messages"
    return {
        "id": one.id or str(place),
        key: "" if written is None else written,
        "num_tokens": one.tokens,
        "truncated": one.truncated,
    }


def _read(name: str, text: str, *, messages: bool = False) -> object:
    """What a field says: JSON where it begins like it, else its text; None of an empty one."""
    if len(text) > MAX_FIELD_CHARS:
        raise FormError(f"{name}: {len(text):,} characters are more than {MAX_FIELD_CHARS:,}")
    if not text.strip():
        return None
    text = text.encode("utf-8", "replace").decode()
    if not text.lstrip().startswith(_JSON):
        return text
    try:
        value = parse_json(text)
    except DocumentError as error:
        if name in _ALWAYS_JSON:
            raise FormError(f"{name}: {error}") from None
        return text
    # A prompt may begin with a bracket; only turns with roles are messages.
    return text if messages and not _are_turns(value) else value


def _are_turns(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, dict) and "role" in turn for turn in value)
    )


def _shown(value: object, *, messages: bool = False) -> str:
    """A value as its field's text, so that `_read` gives the value again."""
    if value is None:
        return ""
    if isinstance(value, str) and (messages or not value.lstrip().startswith(_JSON)):
        return value
    return json.dumps(value, ensure_ascii=False)
