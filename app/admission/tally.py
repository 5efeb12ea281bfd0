"""What a request of `POST /score` asks for, counted before a model of it is built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.settings import Settings

MAX_FIELDS = 64
"""Of one object of the schema: far more than it knows. Carried JSON may have any number."""

_NONE: list[object] = []

Tally = Counter[str]
"""By the name of the setting that bounds it, without its `max_`."""


def require_within(document: object, settings: Settings) -> None:
    """Refuse a parsed body that asks for more than the limits; what is malformed is left alone.

    Args:
        document: As parsed.
        settings: The limits.

    Raises:
        ServiceError: 413 that names the limit, or 422 where an object has fields without end.
    """
    if not isinstance(document, dict):
        return
    _require_few_fields(document, "")
    groups = _list(document, "groups")
    tally = Tally(groups=len(groups))
    require(tally, settings)
    for number, group in enumerate(groups):
        if isinstance(group, dict):
            _count_group(tally, group, f"groups.{number}")
    require(tally, settings)


def require_few_turns(document: object, settings: Settings) -> None:
    """Refuse a parsed body of a trainer's own format with more in lists than may be turns.

    Args:
        document: As parsed.
        settings: For the limit.

    Raises:
        ServiceError: 413 that names the limit.
    """
    turns, left = 0, [document]
    while left:
        nested = left.pop()
        if isinstance(nested, list):
            inner = [each for each in nested if isinstance(each, dict | list)]
            turns += len(inner)
            left += inner
        elif isinstance(nested, dict):
            left += [each for each in nested.values() if isinstance(each, dict | list)]
    require({"messages": turns}, settings, field=None)


def require(tally: Mapping[str, int], settings: Settings, *, field: str | None = "groups") -> None:
    """Refuse what is over one of the limits, with a 413 that names it."""
    for what, count in tally.items():
        limit: int = getattr(settings, f"max_{what}")
        if count > limit:
            message = f"{count} {what}; at most {limit} (max_{what})"
            raise ServiceError(ErrorType.TOO_LARGE, message, field=field)


def _count_group(tally: Tally, group: dict[str, object], at: str) -> None:
    _require_few_fields(group, at)
    completions = _list(group, "completions")
    tally["completions"] += len(completions)
    if "images" in group:
        tally["images"] += len(_list(group, "images"))
    # Every completion is compared with every reference and instruction.
    judged_by = references(group.get("reference"), group.get("references"))
    tally["references"] += judged_by * len(completions)
    if "constraints" in group:
        tally["constraints"] += instructions(group["constraints"]) * len(completions)
    _count_messages(tally, _list(group, "prompt"), f"{at}.prompt")
    for number, completion in enumerate(completions):
        if isinstance(completion, dict) and (
            "messages" in completion or len(completion) > MAX_FIELDS
        ):
            where = f"{at}.completions.{number}"
            _require_few_fields(completion, where)
            _count_messages(tally, _list(completion, "messages"), f"{where}.messages")


def _count_messages(tally: Tally, messages: list[object], at: str) -> None:
    """Count turns, and their parts and tool calls beyond the first of each as so many turns."""
    tally["messages"] += len(messages)
    for number, message in enumerate(messages):
        if isinstance(message, dict):
            _require_few_fields(message, f"{at}.{number}")
            parts = _list(message, "content")
            tally["messages"] += max(0, len(parts) - 1)
            tally["messages"] += max(0, len(_list(message, "tool_calls")) - 1)
            for part in parts:
                if isinstance(part, dict):
                    _require_few_fields(part, f"{at}.{number}.content")


def references(reference: object, others: object) -> int:
    """References of a group: what a list of them holds, and those that have names."""
    named = sum(map(_listed, others.values())) if isinstance(others, dict) else 0
    return _listed(reference) + named


def instructions(carrier: object) -> int:
    """Instructions of a group: a list of them, or an object of parallel lists."""
    if isinstance(carrier, dict):
        return max((_listed(value) for value in carrier.values()), default=0)
    return _listed(carrier)


def _listed(value: object) -> int:
    return len(value) if isinstance(value, list) else int(value is not None)


def _list(mapping: dict[str, object], name: str) -> list[object]:
    value = mapping.get(name)
    return value if isinstance(value, list) else _NONE


def _require_few_fields(mapping: dict[str, object], at: str) -> None:
    if len(mapping) > MAX_FIELDS:
        message = f"{at or 'the request'} has {len(mapping)} fields; at most {MAX_FIELDS}"
        raise ServiceError(ErrorType.INVALID, message, field=at or None)
