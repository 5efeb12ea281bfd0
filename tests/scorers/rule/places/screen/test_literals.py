"""Literals and calls are read as Python and JSON write them, and nothing is evaluated."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.rule.places.screen.literals import MAX_CHARS, Call, read_literal
from tests.security.pump import grown


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("{'a': 'b', \"c\": [1, 2.5, -3]}", {"a": "b", "c": [1.0, 2.5, -3.0]}, "both quotes"),
        ("{a: b}", {"a": "b"}, "bare words"),
        ("(1, 2,)", [1.0, 2.0], "a tuple"),
        ("f()", Call("f"), "a call"),
        ("m.f(1, x='y', z=[2])", Call("m.f", (1.0,), {"x": "y", "z": [2.0]}), "arguments"),
        ("f(1);", Call("f", (1.0,)), "a semicolon"),
        ("'it\\'s \\n \\u0041 \\\\'", "it's \n A \\", "escapes"),
        ("[true, False, null, None]", [True, False, None, None], "constants"),
        ("{}", {}, "an empty mapping"),
        ("f(g(1))", Call("f", (Call("g", (1.0,)),)), "a call in a call"),
    ],
)
def test_a_value(text: str, value: object, why: str) -> None:
    assert read_literal(text) == value, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("f(1) f(2)", "two"),
        ("f(1", "a bracket is missing"),
        ("f(1))", "one too many"),
        ("{'a': 1, 'a': 2}", "a name twice"),
        ("f(x=1, x=2)", "a keyword twice"),
        ("{'a', 'b'}", "a set"),
        ("[a=1]", "a name in a list"),
        ("{1: 2}", "a number for a name"),
        ("'abc", "a string never closes"),
        ("'abc\\'", "nor does this"),
        ("1 + 1", "a sum"),
        ("x.y.z[0]", "a place in a list"),
        ("lambda: 0", "a function"),
        ("[" * 50 + "]" * 50, "deep"),
        ("'" + "a" * MAX_CHARS + "'", "long"),
        ("@", "no value"),
    ],
)
def test_no_value(text: str, why: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        read_literal(text)


VALUES = st.recursive(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9)
    | st.integers(-999, 999).map(float)
    | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_python_writes_is_read_as_python_reads_it(value: object) -> None:
    if (text := repr(value)).count("[") + text.count("{") < 8:
        assert read_literal(text) == ast.literal_eval(text)


@pytest.mark.parametrize("piece", ["'", "\\'", '"\\', "f(", "[", "1", "a", "a.", "{'a':", ", "])
def test_reading_takes_time_in_proportion(piece: str) -> None:
    def read(text: str) -> None:
        for start in range(0, len(text), MAX_CHARS):
            try:
                read_literal(text[start : start + MAX_CHARS])
            except ValueError:
                continue

    assert grown(read, lambda size: piece * (size // len(piece))) is None
