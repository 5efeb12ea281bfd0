"""The JSON of an answer and of a reference, however a policy wraps it, and what it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from harmo.scorers.reading.around.spans import denied
from harmo.scorers.reading.json_answer import json_answer, read_json
from harmo.scorers.types import Sample

_BOX = re.compile(r"\\(?:boxed|fbox) ?\{")
_OPENING = re.compile(r"[\[{]")


def said_places(sample: Sample) -> object:
    """The JSON value that a completion says; a `ValueError` says why there is none.

    It is what `json_answer` finds, or else the text from its first bracket to the last that closes
    such a one: the one value in a sentence or box. Quotes may be single where none is double. What
    the words around it deny or doubt is none.
    """
    if _is_denied(sample.text):
        raise ValueError("the words around it deny it or leave it in doubt")
    try:
        return json_answer(sample.text, sample.think_tags)
    except ValueError:
        return read_json(_double_quoted(_bracketed(sample.text)))


def _is_denied(text: str) -> bool:
    """True where words deny or doubt what stands from a text's first bracket to its last."""
    box = _BOX.search(text)
    first = _OPENING.search(text, box.end() if box else 0)
    if first is None:
        return False
    end = max(text.rfind("]"), text.rfind("}")) + 1
    return denied(text, first.start(), max(end, first.end()))


def _bracketed(text: str) -> str:
    """From the first bracket of a text, a box's left aside, to the last of its kind; or nothing."""
    box = _BOX.search(text)
    start, end = (box.end(), text.rfind("}")) if box else (0, len(text))
    first = _OPENING.search(text, start, max(end, start))
    if first is None:
        return ""
    last = text.rfind("]" if first[0] == "[" else "}", start, max(end, start))
    return text[first.start() : last + 1]


def wanted_places(reference: object) -> object:
    """A reference's JSON value, from text where it is text; `ValueError` where that is no JSON."""
    return read_json(_double_quoted(reference)) if isinstance(reference, str) else reference


def field(fields: object, names: Iterable[str]) -> object:
    """The value under the first of the names that an object has, whatever case it is in; or None.

    A key that is there twice in different cases names nothing.
    """
    if not isinstance(fields, Mapping):
        return None
    keys = [str(key).lower() for key in fields]
    by_name = dict(zip(keys, fields.values(), strict=True))
    if len(by_name) < len(keys):
        return None
    return next((by_name[name] for name in names if name in by_name), None)


def _double_quoted(text: str) -> str:
    return text if '"' in text else text.replace("'", '"')
