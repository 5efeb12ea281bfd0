"""Tool calls as chat templates take them, and whether a template writes them at all.

Some templates take a call's arguments as an object, some as text, some either; some write no calls,
or only the first. Calls of our own tell, so that none of a policy's is dropped unseen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harmo.models.base import ToolCall

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
MAX_DEPTH = 32
"""Arguments that nest deeper stay the text they came as."""
MOST_TRIED = 3
"""A template that writes so many calls of one turn writes any number."""


class UnsupportedTurnsError(ValueError):
    """The chat template has no way to write a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """How a template takes the arguments of a call."""

    objects: bool
    text: bool


def forms_of(render: Callable[[list[object]], str], count: int) -> Forms:
    """The forms of arguments in which a template writes so many calls of a turn, each one whole.

    Args:
        render: What the template makes of a conversation whose last turn brings these calls; may
            raise UnsupportedTurnsError.
        count: How many.
    """
    tried = range(min(count, MOST_TRIED))
    objects: list[Json] = [{f"key_{at}": {"inner": [f"value_{at}"]}} for at in tried]
    texts: list[Json] = [f"value_{at}" for at in tried]
    return Forms(objects=_writes(render, objects), text=_writes(render, texts))


def _writes(render: Callable[[list[object]], str], arguments: Sequence[Json]) -> bool:
    # Nine characters: Mistral's templates refuse ids of another length.
    calls = [_call(f"call0000{at}", f"tool_{at}", each) for at, each in enumerate(arguments)]
    try:
        written = render(calls)
    except UnsupportedTurnsError:
        return False
    names = [f"tool_{at}" for at in range(len(arguments))]
    return all(text in written for text in (*names, *strings([*arguments])))


def shown(call: ToolCall, forms: Forms, marked: Callable[[str], str], mark: str) -> object:
    """A call in a form that the template takes, all that a policy wrote of it marked.

    Args:
        call: As it came.
        forms: At least one of the two.
        marked: A text with `mark` in its special strings.
        mark: Stands also around text arguments: a template may write them right behind the name.
    """
    arguments = parsed(call.arguments) if forms.objects else call.arguments
    if isinstance(arguments, str):
        text = mark + marked(arguments) + mark
        arguments = text if forms.text else {"arguments": text}
    else:
        arguments = _changed(arguments, marked)
    return _call(None if call.id is None else marked(call.id), marked(call.name), arguments)


def parsed(text: str) -> Json:
    """The object that a text is the JSON of; the text where it is none, or nests too deep.

    Or where it escapes half a character, which no tokenizer takes.
    """
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(value, dict) or not _nests_within(value, MAX_DEPTH):
        return text
    return value if all(map(_is_whole, strings(value))) else text


def strings(value: Json) -> Iterator[str]:
    """Every string of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def _changed(value: Json, change: Callable[[str], str]) -> Json:
    """The value with every string changed, keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): _changed(inner, change) for key, inner in value.items()}
    return [_changed(inner, change) for inner in value] if isinstance(value, list) else value


def _is_whole(text: str) -> bool:
    """False where half a surrogate pair stands alone."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _nests_within(value: Json, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_nests_within(each, levels - 1) for each in inner)


def _call(id_: str | None, name: str, arguments: Json) -> object:
    named = {} if id_ is None else {"id": id_}
    return {**named, "type": "function", "function": {"name": name, "arguments": arguments}}
