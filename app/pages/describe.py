"""OpenAPI schema -> what `/docs` shows of it: routes, fields and types as plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a type's name; `link` is the schema it names."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a schema, or one parameter of a route."""

    name: str
    place: str = ""
    """Of a parameter: `query`, `path` or `header`."""
    type: Sequence[Piece]
    required: bool
    default: str = ""
    """As JSON; empty if there is none."""
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route."""

    method: str
    path: str
    summary: str
    description: str
    keyed: bool
    """True if it needs a key where the service has keys."""
    parameters: Sequence[Field]
    body: str
    """Name of the schema of its body, if it takes one."""
    statuses: Sequence[tuple[str, str, Sequence[Piece]]]
    """Status, when it comes, and the type of its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One named schema."""

    name: str
    description: str
    fields: Sequence[Field]
    type: Sequence[Piece]
    """What it is if it has no fields."""


def operations(document: Schema) -> list[Operation]:
    """Every route, in the order of the document."""
    return [
        _operation(method.upper(), path, operation)
        for path, route in document["paths"].items()
        for method, operation in route.items()
    ]


def shapes(document: Schema) -> list[Shape]:
    """Every named schema that has fields or values, requests first."""
    named = document["components"]["schemas"]
    first = [name for body in _bodies(document) for name in _reachable(body, named)]
    ordered = dict.fromkeys([*first, *named])
    return [_shape(name, named[name]) for name in ordered if named[name].keys() - {"title"}]


def _bodies(document: Schema) -> Iterator[str]:
    return (operation.body for operation in operations(document) if operation.body)


def _reachable(name: str, named: Mapping[str, Schema]) -> Iterator[str]:
    """A schema and those it refers to, each before what it needs."""
    found, waiting = dict[str, None](), [name]
    while waiting:
        if (current := waiting.pop(0)) not in found:
            found[current] = None
            waiting += _references(named[current])
    return iter(found)


def _references(value: object) -> list[str]:
    if isinstance(value, Mapping):
        own = [_name(value["$ref"])] if "$ref" in value else []
        return own + [name for item in value.values() for name in _references(item)]
    return [n for item in value for n in _references(item)] if isinstance(value, list) else []


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _operation(method: str, path: str, operation: Schema) -> Operation:
    content = operation.get("requestBody", {}).get("content", {})
    return Operation(
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        keyed="security" in operation,
        parameters=[
            _field(p["name"], p["schema"], p, required=p.get("required", False), place=p["in"])
            for p in operation.get("parameters", ())
        ],
        body=next((_name(media["schema"]["$ref"]) for media in content.values()), ""),
        statuses=[
            (status, response["description"], _content_type(response))
            for status, response in operation["responses"].items()
        ],
    )


def _content_type(response: Schema) -> list[Piece]:
    content = response.get("content", {})
    return next((_type(m["schema"]) for m in content.values() if m.get("schema")), [])


def _shape(name: str, schema: Schema) -> Shape:
    required = schema.get("required", ())
    fields = schema.get("properties", {})
    return Shape(
        name=name,
        description=schema.get("description", ""),
        fields=[_field(n, field, field, required=n in required) for n, field in fields.items()],
        type=[] if fields else _type(schema),
    )


def _field(name: str, schema: Schema, said: Schema, *, required: bool, place: str = "") -> Field:
    return Field(
        name=name,
        place=place,
        type=_type(schema),
        required=required,
        default=json.dumps(schema["default"]) if schema.get("default") is not None else "",
        description=said.get("description", ""),
    )


def _type(schema: Schema) -> list[Piece]:
    """The type in words: `string or Message[] or null`."""
    if "$ref" in schema:
        name = _name(schema["$ref"])
        return [Piece(text="any JSON")] if name == "JsonValue" else [Piece(text=name, link=name)]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _joined([_type(each) for each in schema[choice]])
    if "const" in schema:
        return [Piece(text=json.dumps(schema["const"]))]
    if "enum" in schema:
        return _joined([[Piece(text=json.dumps(each))] for each in schema["enum"]])
    if schema.get("type") == "array":
        items = _type(schema.get("items", {}))
        nested = [Piece(text="("), *items, Piece(text=")")] if len(items) > 1 else items
        return [*nested, Piece(text="[]")]
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping):
        return [Piece(text="object of "), *_type(values)]
    return [Piece(text=str(schema.get("type", "any JSON")) + _bounds(schema))]


def _joined(types: Sequence[Sequence[Piece]]) -> list[Piece]:
    joined: list[Piece] = []
    for each in types:
        joined += [Piece(text=" or "), *each] if joined else each
    return joined


def _bounds(schema: Schema) -> str:
    for least, most, of in _BOUNDS:
        low, high = schema.get(least), schema.get(most)
        if low is not None and high is not None:
            return f" ({low} to {high}{of})"
        if low is not None or high is not None:
            return f" (at least {low}{of})" if high is None else f" (at most {high}{of})"
    return ""
