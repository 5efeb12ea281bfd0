"""What becomes of a call's arguments, and which forms a template is found to take."""

from __future__ import annotations

import json

import pytest

from harmo.models.base import ToolCall
from harmo.models.forward.tool_calls import (
    MAX_DEPTH,
    MOST_TRIED,
    Forms,
    UnsupportedTurnsError,
    forms_of,
    parsed,
    shown,
    strings,
)

BOTH = Forms(objects=True, text=True)
OBJECTS = Forms(objects=True, text=False)
TEXT = Forms(objects=False, text=True)
MARK = "#"


def nested(levels: int) -> str:
    return '{"a": ' * levels + "1" + "}" * levels


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ('{"a": [1, "b"]}', {"a": [1, "b"]}, "an object"),
        ("{}", {}, "an empty one"),
        ("[1]", "[1]", "a list is no object"),
        ('"a"', '"a"', "nor is a string"),
        ("{", "{", "not JSON"),
        ("", "", "nothing"),
        (nested(MAX_DEPTH), json.loads(nested(MAX_DEPTH)), "as deep as may be"),
        (nested(MAX_DEPTH + 1), nested(MAX_DEPTH + 1), "a level too deep"),
        ("[" * 100_000, "[" * 100_000, "too deep to be read"),
        (nested(100_000), nested(100_000), "an object too deep to be read"),
        ('{"a": "\\ud800"}', '{"a": "\\ud800"}', "half a character, which no tokenizer takes"),
        ('{"\\udc00": 1}', '{"\\udc00": 1}', "as a key"),
        ('{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}, "both halves are a character"),
        ('{"a": ' + "9" * 5000 + "}", '{"a": ' + "9" * 5000 + "}", "a number too long to be read"),
    ],
)
def test_arguments_are_an_object_or_stay_text(text: str, expected: object, why: str) -> None:
    assert parsed(text) == expected, why


def test_every_string_of_a_value_is_found() -> None:
    value = {"a": ["b", {"c": "d", "e": None}], "f": 1.5, "g": True}
    assert sorted(strings(value)) == ["a", "b", "c", "d", "e", "f", "g"]


def marked(text: str) -> str:
    return text.replace("SPECIAL", "S#PECIAL")


@pytest.mark.parametrize(
    ("forms", "arguments", "expected", "why"),
    [
        (BOTH, '{"a": "b"}', {"a": "b"}, "an object where the template takes one"),
        (TEXT, '{"a": "b"}', '#{"a": "b"}#', "its text where it takes text only"),
        (BOTH, "not JSON", "#not JSON#", "text where it takes text"),
        (OBJECTS, "not JSON", {"arguments": "#not JSON#"}, "else an object that holds the text"),
        (BOTH, '{"SPECIAL": [{"x": "SPECIAL"}, 1]}', {"S#PECIAL": [{"x": "S#PECIAL"}, 1]}, "keys"),
        (BOTH, '{"a": "\\u0053PECIAL"}', {"a": "S#PECIAL"}, "behind an escape of JSON"),
        (TEXT, "SPECIAL", "#S#PECIAL#", "in text"),
    ],
)
def test_a_call_is_shown_in_a_form_the_template_takes(
    forms: Forms, arguments: str, expected: object, why: str
) -> None:
    call = ToolCall(name="find SPECIAL", arguments=arguments, id="SPECIAL-1")
    assert shown(call, forms, marked, MARK) == {
        "id": "S#PECIAL-1",
        "type": "function",
        "function": {"name": "find S#PECIAL", "arguments": expected},
    }, why


def test_a_call_without_an_id_has_none() -> None:
    assert "id" not in shown(ToolCall(name="f", arguments="{}"), BOTH, marked, MARK)


def whole(calls):
    return json.dumps(calls)


def first(calls):
    return json.dumps(calls[:1])


def single(calls):
    if len(calls) > 1:
        raise UnsupportedTurnsError("one at a time")
    return json.dumps(calls)


def names(calls):
    return " ".join(call["function"]["name"] for call in calls)


def top_keys(calls):
    return " ".join(f"{c['function']['name']}({[*c['function']['arguments']]})" for c in calls)


def concatenated(calls):
    return "".join(call["function"]["name"] + ":" + str_only(call) for call in calls)


def str_only(call) -> str:
    arguments = call["function"]["arguments"]
    if not isinstance(arguments, str):
        raise UnsupportedTurnsError("text only")
    return arguments


@pytest.mark.parametrize(
    ("render", "count", "expected", "why"),
    [
        (whole, 1, BOTH, "writes all"),
        (whole, 1000, BOTH, "however many"),
        (concatenated, 2, TEXT, "takes text only, as DeepSeek's do"),
        (first, 1, BOTH, "one is whole"),
        (first, 2, Forms(objects=False, text=False), "the second is dropped"),
        (single, 2, Forms(objects=False, text=False), "the second is refused"),
        (names, 1, Forms(objects=False, text=False), "arguments are dropped"),
        (top_keys, 1, Forms(objects=False, text=False), "values are dropped"),
        (lambda calls: "", 1, Forms(objects=False, text=False), "all is dropped"),
    ],
)
def test_what_a_template_takes_is_found_out(render, count: int, expected: Forms, why: str) -> None:
    assert forms_of(render, count) == expected, why


def test_no_more_calls_are_tried_than_tell() -> None:
    tried: list[int] = []

    def render(calls):
        tried.append(len(calls))
        return json.dumps(calls)

    forms_of(render, 1_000_000)
    assert max(tried) == MOST_TRIED
