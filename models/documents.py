"""What people write, in files and requests: read, and what is wrong with it said in one line."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

MAX_QUOTED_CHARS = 60
_SAYS_THE_VALUE = ("missing", "extra_forbidden", "value_error", "union_tag_invalid")
_NOTHING = object()


class DocumentError(ValueError):
    """A file cannot be read, or is not what it has to be; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a document."""

    field: str
    """Where, as the document has it: keys and positions, dotted; empty for all of it."""
    message: str
    got: str = ""
    """The value, where it is short and the message does not say it."""

    def __str__(self) -> str:
        message = f"{self.message}, got {self.got}" if self.got else self.message
        return f"{self.field}: {message}" if self.field else message


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, without a byte order mark.

    Raises DocumentError if there is no such file, it is a folder, may not be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: not UTF-8 at byte {error.start}") from None


def parse_yaml(text: str, *, source: str) -> object:
    """What a YAML text says.

    Args:
        text: One document.
        source: Where it came from, for messages.

    Raises:
        DocumentError: If it is not YAML; says where.
    """
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise DocumentError(f"{source}: not YAML{where}: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"{source}: not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise DocumentError(f"{source}: nested too deeply") from None


def parse_json(text: str | bytes) -> object:
    """What one line of JSON says, a byte order mark before it left out.

    NaN and infinities are read: whoever wants none of them can name their field.

    Raises DocumentError if it is not JSON.
    """
    line = text.encode() if isinstance(text, str) else text
    try:
        document: object = from_json(line.removeprefix(BOM_UTF8))
    except ValueError as error:
        raise DocumentError(f"not JSON: {str(error).replace(' line 1 ', ' ')}") from None
    return document


def faults(error: ValidationError, document: object) -> list[Fault]:
    """What is wrong with a document, once per field and in its own words.

    Where a field may be one of several things pydantic adds a step for each to the path, named
    after its classes; a step that the document does not have is left out.

    Args:
        error: What a pydantic model said of it.
        document: What the model was given; None where it is not at hand, to leave no step out.
    """
    found: dict[tuple[str, ...], list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(tuple(_steps(detail, document)), []).append(detail)
    # Of a field that may be a number or a mapping, and is a mapping, only that reading is of use.
    within = {path[:depth] for path in found for depth in range(1, len(path))}
    return [
        Fault(
            field=".".join(path),
            message=_either(details),
            got=_quoted(details[0]),
        )
        for path, details in found.items()
        if path not in within
    ]


def _either(details: Sequence[ErrorDetails]) -> str:
    """What a field should be; one thing or another where it may be several."""
    first, *others = dict.fromkeys(map(_message, details))
    return " or ".join([first, *(other.removeprefix("Input should be ") for other in others)])


def said(error: ValidationError, document: object) -> str:
    """All that is wrong with a document, in one line; see `faults`."""
    return "; ".join(map(str, faults(error, document)))


def _steps(detail: ErrorDetails, document: object) -> list[str]:
    """The steps of a fault's path that the document has, and the field it lacks."""
    if document is None:
        return [str(step) for step in detail["loc"]]
    steps = []
    for step in detail["loc"]:
        within = _at(document, step)
        if within is not _NOTHING:
            document = within
            steps.append(str(step))
    if detail["type"] == "missing":
        steps.append(str(detail["loc"][-1]))
    return steps


def _at(document: object, step: int | str) -> object:
    if isinstance(document, Mapping):
        return document.get(step, _NOTHING)
    if isinstance(document, list | tuple) and isinstance(step, int) and step < len(document):
        return document[step]
    return _NOTHING


def _message(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            said = "there is no such field"
        case "value_error":
            said = str(context["error"])
        case "union_tag_invalid":
            known = context["expected_tags"]
            said = f"{context['discriminator']} is {context['tag']!r}, not one of {known}"
        case "union_tag_not_found":
            said = f"{context['discriminator']} is missing"
        case "dict_type" | "model_type" | "mapping_type":
            said = "Input should be a mapping"
        case "tuple_type":
            said = "Input should be a list"
        case "int_parsing" | "float_parsing":
            said = detail["msg"].partition(",")[0]
        case _:
            said = detail["msg"]
    return said


def _quoted(detail: ErrorDetails) -> str:
    value = detail["input"]
    if detail["type"] in _SAYS_THE_VALUE or not isinstance(value, str | int | float | None):
        return ""
    shown = repr(value)
    return shown if len(shown) <= MAX_QUOTED_CHARS else ""
