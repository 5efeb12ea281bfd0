"""Which schemas can be used, whatever the value; and where values leave them."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.schema import MAX_STEPS, UnusableSchemaError, usable, well_formed


def nested(schema: object, times: int) -> object:
    for _ in range(times):
        schema = {"oneOf": [schema]}
    return schema


LOOP: dict[str, object] = {"type": "object"}
LOOP["not"] = LOOP

UNUSABLE = [
    ("object", "no object"),
    (None, "nothing"),
    ({"type": "thing"}, "an unknown type"),
    ({"$schema": 7}, "a dialect that is no text"),
    ({"$id": 7}, "an id that is no text"),
    ({"pattern": "("}, "a pattern that is none"),
    ({"$ref": "http://127.0.0.1/x"}, "a reference elsewhere"),
    ({"properties": {"a": {"$ref": "http://127.0.0.1/x"}}}, "one that only some values reach"),
    ({"$ref": "#/x", "x": {"$ref": "#/y"}}, "one that a reference leads to"),
    ({"$defs": {"a": {"$dynamicRef": "#nowhere"}}}, "a dynamic one"),
    ({"$ref": "#"}, "itself"),
    ({"if": {"type": "object"}, "then": {"$ref": "#"}}, "itself, for some values"),
    (nested({}, 90), "nested too deep"),
    (LOOP, "an alias to what it stands in"),
    ({"const": {1, 2}}, "no JSON"),
]


@pytest.mark.parametrize(("schema", "why"), UNUSABLE)
def test_a_schema_that_cannot_be_used_is_found_before_any_value(schema, why):
    with pytest.raises(UnusableSchemaError, match=r"."):
        pytest.fail(f"{why}: {usable(schema)}")


TREE = {"properties": {"c": {"items": {"$ref": "#"}}, "$ref": {"type": "string"}}}
USABLE = [
    ({}, 1, True, "everything is valid"),
    ({"const": {"$ref": "http://x"}}, {"$ref": "http://x"}, True, "a constant is no reference"),
    (TREE, {"c": [{"c": []}]}, True, "a tree refers to itself"),
    (TREE, {"c": [{"c": [{"$ref": 1}]}]}, False, "a property of that name, deep in a tree"),
    ({"$ref": "#/x", "x": {"type": "null"}}, 1, False, "a definition under any key"),
    ({"$ref": "http://json-schema.org/draft-07/schema#"}, {"type": "x"}, False, "a dialect's own"),
    ({"$schema": "http://json-schema.org/draft-04/schema#", "maximum": 1,
      "exclusiveMaximum": True}, 1, False, "an older dialect"),
    ({"$schema": "http://127.0.0.1/mine", "maximum": 1}, 2, False, "an unknown dialect"),
    ({"multipleOf": 0.5}, 10**307, True, "a huge integer"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "valid", "why"), USABLE)
def test_a_value_is_valid_or_leaves_the_schema(schema, value, valid, why):
    assert (not usable(schema).departures(value, at_most=1)) is valid, why


def test_departures_say_where_and_are_few_and_short():
    schema = usable({"additionalProperties": {"type": "string"}})
    value = {f"{n}{'k' * 1000}": "v" for n in range(9)} | {f"{n}": n for n in range(9)}
    found = schema.departures(value, at_most=3)
    assert len(found) == 3
    assert "is not of type 'string'" in found[0]
    assert all(len(each) <= 250 for each in found)


@pytest.mark.parametrize(
    ("schemas", "depth", "followed"),
    [(0, 63, True), (1, 63, True), (2, 63, False), (4, 32, True), (25, 6, True), (25, 7, False)],
)
def test_a_value_is_followed_as_far_as_python_can(schemas, depth, followed):
    value: object = {}
    for _ in range(depth):
        value = {"c": value}
    schema = usable({"properties": {"c": nested({"$ref": "#"}, schemas)}})
    assert (schema.steps * (depth + 1) <= MAX_STEPS) is followed
    assert schema.departures(value, at_most=1) == (
        [] if followed else ["$: nested deeper than the schema is followed"]
    )


@pytest.mark.parametrize(
    ("schema", "well", "why"),
    [
        (None, True, "no schema"),
        ({"type": "object"}, True, "a schema"),
        ({"type": "thing"}, False, "a malformed one"),
        ({"$schema": 7}, False, "a dialect that is no text"),
        (LOOP, False, "a YAML alias to what it stands in"),
    ],
)
def test_a_recipe_is_told_of_a_malformed_schema(schema, well, why):
    if well:
        assert well_formed(schema) is schema, why
    else:
        with pytest.raises(UnusableSchemaError, match=r"."):
            well_formed(schema)
