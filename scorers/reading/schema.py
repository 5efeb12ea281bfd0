"""JSON Schemas of requests and recipes: which can be used, and where a value leaves one.

All that can be wrong with a schema is found before any value is seen: whether a schema can be used
must not depend on what the policy wrote. Nothing is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from jsonschema import Draft202012Validator, SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped] # ships no types
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, SchemaResource

from harmo.scorers.reading.json_answer import MAX_DEPTH

MAX_STEPS = 200
"""From schema to schema in one validation; each takes up to four of Python's 1000 frames."""

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
# The keywords whose schemas apply to the very value that the keyword's own schema applies to.
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_IN_PLACE_BY_NAME = ("dependentSchemas", "dependencies")


class UnusableSchemaError(ValueError):
    """A schema is malformed, refers outside itself or never ends; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A schema that can be used."""

    validator: Validator
    steps: int
    """At most so many of its schemas apply to one value, each by way of the one before."""

    def departures(self, value: object, *, at_most: int) -> list[str]:
        """Where a value leaves the schema and how, the first few; none where it is valid."""
        if _depth(value) * self.steps > MAX_STEPS:
            return ["$: nested deeper than the schema is followed"]
        errors = self.validator.iter_errors(value)  # type: ignore[arg-type] # any JSON value
        return [f"{e.json_path[:120]}: {e.message[:120]}" for e in islice(errors, at_most)]


def well_formed(schema: dict[str, object] | None) -> dict[str, object] | None:
    """A recipe's schema as it is; an `UnusableSchemaError` where it is malformed."""
    if schema is not None:
        try:
            _checked(schema)
        except (SchemaError, RecursionError) as error:
            raise UnusableSchemaError(_first_line(error)) from None
    return schema


def usable(schema: object) -> Schema:
    """The schema, draft 2020-12 unless `$schema` says otherwise, as one that can be used.

    Args:
        schema: As a request or a recipe brings it.

    Raises:
        UnusableSchemaError: If it cannot be used.
    """
    if not isinstance(schema, dict):
        raise UnusableSchemaError(f"a schema is an object, got {type(schema).__name__}")
    try:
        return _usable(json.dumps(schema))
    except RecursionError:
        raise UnusableSchemaError("it nests or refers to itself without end") from None
    except (SchemaError, Unresolvable, TypeError, ValueError) as error:
        # The last two: a value that only YAML has, or a YAML alias to what it stands in.
        raise UnusableSchemaError(_first_line(error)) from None


@lru_cache(maxsize=64)
def _usable(text: str) -> Schema:
    schema = json.loads(text)
    chosen = _checked(schema)
    in_place = _in_place(schema)
    # An empty registry: nothing is fetched.
    validator = chosen(schema, registry=Registry())
    return Schema(validator=validator, steps=1 + max(_lengths(in_place).values()))


def _checked(schema: dict[str, object]) -> type[Validator]:
    """The class that validates a schema, once it has validated the schema itself."""
    if _depth(schema) > MAX_DEPTH:
        raise UnusableSchemaError(f"nested more than {MAX_DEPTH} deep")
    known = isinstance(schema.get("$schema"), str)
    chosen = validator_for(schema, default=Draft202012Validator) if known else Draft202012Validator
    chosen.check_schema(schema)
    return chosen


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _in_place(schema: dict[str, object]) -> dict[int, list[int]]:
    """For each schema within, by identity, those that apply in its place.

    An `Unresolvable` for a reference that leads outside or nowhere.
    """
    root = _resource(schema)
    ahead = [(root, REGISTRY.resolver_with_root(root))]
    edges: dict[int, list[int]] = {}
    while ahead:
        resource, resolver = ahead.pop()
        contents = resource.contents
        if id(contents) in edges:
            continue
        edges[id(contents)] = []
        ahead += [(each, resolver.in_subresource(each)) for each in resource.subresources()]
        if isinstance(contents, Mapping):
            edges[id(contents)] += map(id, _applied(contents))
            for target in (contents.get(word) for word in _REFERENCES):
                if isinstance(target, str):
                    found = resolver.lookup(target)
                    edges[id(contents)].append(id(found.contents))
                    ahead.append((_resource(found.contents), found.resolver))
    return edges


def _applied(schema: Mapping[str, object]) -> Iterator[object]:
    for word in _IN_PLACE:
        inner = schema.get(word, [])
        yield from inner if isinstance(inner, list) else [inner]
    for word in _IN_PLACE_BY_NAME:
        inner = schema.get(word, {})
        yield from inner.values() if isinstance(inner, dict) else []


def _resource(schema: object) -> SchemaResource:
    return Resource.from_contents(schema, default_specification=DRAFT202012)


def _lengths(edges: Mapping[int, list[int]]) -> dict[int, int]:
    """The longest way from each node; a `RecursionError` where one leads back to itself."""
    lengths: dict[int, int] = {}

    def length(node: int) -> int:
        if node not in lengths:
            lengths[node] = max((1 + length(each) for each in edges.get(node, ())), default=0)
        return lengths[node]

    for node in edges:
        length(node)
    return lengths


def _depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)
