"""Where the JSON of a completion stands, and what counts as JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers.reading.json_answer import MAX_CHARS, MAX_DEPTH, json_answer, read_json

FENCED = '```json\n{"a": 1}\n```'
PLACES = [
    ('{"a": 1}', "all of the answer part"),
    (' \n{"a": 1}\n ', "blanks around it"),
    ('<think>{"a": 2}</think>{"a": 1}', "the thinking is not read"),
    ('So: <answer>{"a": 1}</answer>', "the answer element"),
    (f"<answer>\n{FENCED}\n</answer>", "a fence in the answer element"),
    (f"So:\n{FENCED}\nThat is it.", "a fenced block with text around it"),
    (f'```json\n{{"a": 2}}\n```\nNo, rather:\n{FENCED}', "the last of two blocks"),
    ('```\n{"a": 1}\n```', "a fence that names no language"),
    ('```JSON\n{"a": 1}\n```', "a language in capitals"),
    ('```json5 \n{"a": 1}\n```', "another language"),
    ('```json {"a": 1}```', "a fence in one line"),
    ('````json\n{"a": 1}\n````', "a longer fence"),
    ('```text\nsay "hi\n```\n' + FENCED, "a quote that never closes, in another block"),
    (f"{FENCED}\nand ```", "a fence that never closes, after the block"),
]


@pytest.mark.parametrize(("text", "why"), PLACES)
def test_the_value_is_found(text, why):
    assert json_answer(text) == {"a": 1}, why


NOWHERE = [
    ("", "nothing"),
    ("a: 1", "no JSON"),
    ('Here it is: {"a": 1}', "text around a value without a fence"),
    ('{"a": 1} {"a": 1}', "two values"),
    ('{"a": 1}</think>', "all of it is thinking"),
    ('<think>{"a": 1}', "so it is where it never closes"),
    ('<answer>{"a": 1}', "an answer element that never closes"),
    ('{"a": 1} <answer>', "nor does what stands before one count"),
    (f"{FENCED}\n```python\na = 1\n```", "the last block is something else"),
    ('```json\n{"a": 1}\n', "a fence that never closes"),
    ('<answer>{"a": 1}</answer><answer>{"a": 2}</answer>', "different answers"),
    (f"<answer>{FENCED}</answer><answer>2</answer>{FENCED}", "different answers, then a block"),
]


@pytest.mark.parametrize(("text", "why"), NOWHERE)
def test_there_is_no_value(text, why):
    with pytest.raises(ValueError, match=r"."):
        pytest.fail(f"{why}: read {json_answer(text)!r}")


STRINGS = [
    ("[" * 200, "brackets in a string do not nest"),
    ('"' + "[" * 200, "nor after an escaped quote"),
    ("\\" + "]" * 200, "nor after an escaped backslash"),
    ("```py\nx\n```", "fences in a string are text"),
    ("```", "and so is one alone"),
    ("\N{GRINNING FACE}", "a whole surrogate pair"),
]


@pytest.mark.parametrize(("string", "why"), STRINGS)
@pytest.mark.parametrize("wrapped", ["{}", "```json\n{}\n```", "So:\n```json\n{}\n```\n"])
def test_what_stands_in_a_string_is_text(string, why, wrapped):
    value = {"a": string}
    assert json_answer(wrapped.replace("{}", json.dumps(value))) == value, why


def test_tags_in_a_string_are_text():
    assert json_answer('{"a": "<answer>5</answer>"}') == {"a": "<answer>5</answer>"}


LIMITS = [
    ("[" * MAX_DEPTH + "]" * MAX_DEPTH, True, "as deep as may be"),
    ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), False, "deeper"),
    ('{"a":' * 30_000, False, "deeper, in objects that never close"),
    ("[],[]" * 40_000, False, "brackets side by side do not nest, and are no value"),
    (f'"{"a" * (MAX_CHARS - 2)}"', True, "as long as may be"),
    (f'"{"a" * (MAX_CHARS - 1)}"', False, "longer"),
    ('"' + '\\"' * 90_000, False, "a string that never ends"),
    ("NaN", False, "NaN"),
    ("[-Infinity]", False, "an infinity by name"),
    ("1e999", False, "an infinity by number"),
    ("1e308", True, "the largest doubles"),
    ("-" + "9" * 308, True, "integers within a double's range"),
    ("9" * 309, False, "integers beyond it"),
    ("9" * 5_000, False, "integers Python does not convert"),
    ('{"a": 1, "a": 1}', False, "a key twice, even with one value"),
    ('[{"a": {"b": 1, "b": 2}}]', False, "a key twice further in"),
    ('{"a": 1, "b": {"a": 2}}', True, "a key in two objects"),
    ('"\\ud83d\\ude00"', True, "an escaped pair"),
    ('"\\ud83d"', False, "half of it"),
    ('{"\\udead": 1}', False, "half of one in a key"),
    ('"\\\\ud83d"', True, "an escaped backslash before a u"),
    ("\ufeff1", False, "a byte order mark"),
    ("'a'", False, "single quotes"),
    ("[1,]", False, "a comma too many"),
]


@pytest.mark.parametrize(("text", "readable", "why"), LIMITS)
def test_what_counts_as_json(text, readable, why):
    try:
        value = read_json(text)
    except ValueError:
        assert not readable, why
    else:
        assert readable, f"{why}: read {value!r}"
        # What was read can be written down and read again.
        assert read_json(json.dumps(value)) == value


HOSTILE = ['"', '\\"', "```", '```"x', "<answer>", "[", '{"a":', "```json\n", "\\", '"\n']


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_read_in_linear_time(piece):
    with pytest.raises(ValueError, match=r"."):
        json_answer(piece * 100_000)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None)
@given(VALUES)
def test_every_value_is_read_as_it_was_written(value):
    text = json.dumps(value)
    assert read_json(text) == value
    assert json_answer(f"So it is:\n```json\n{text}\n```") == value
