"""The items of a list as completions write it, and what they are called."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.lists.items import MAX_NAME_CHARS, divided, json_list, name_of, said
from harmo.scorers.types import Sample


@pytest.mark.parametrize(
    ("item", "name", "why"),
    [
        ("  Cat. ", "cat", "case, blanks, a full stop"),
        ("the red fox", "red fox", "an article"),
        ("A", "a", "a key that is an article"),
        ("A cat", "cat", "an article before a word"),
        ("traffic_light", "traffic light", "an underscore"),
        ("T-shirt", "t shirt", "a hyphen"),
        ("-1", "-1", "a sign"),
        ("C++", "c++", "signs that are a name's own"),
        ("\\text{cat}", "cat", "LaTeX round it"),
        ("**cat**", "cat", "emphasis round it"),
        (3, "3", "a number"),
        (3.0, "3", "the same number"),
        (10**500, "1" + "0" * 500, "a long number"),
        (True, "", "a truth value"),
        (None, "", "nothing"),
        (["cat"], "", "a list"),
        ("x" * (MAX_NAME_CHARS + 1), "", "too long for a name"),
    ],
)
def test_a_name(item: object, name: str, why: str) -> None:
    assert name_of(item) == name, why


@pytest.mark.parametrize(
    ("text", "items", "why"),
    [
        ("a, b, c", ["a", "b", "c"], "commas"),
        ("[a, b]", ["a", "b"], "brackets round all"),
        ("a; b, c", ["a", "b, c"], "the first separator that is there"),
        ("- a\n* b", ["a", "b"], "bullets"),
        ("1. b\n2. a", ["b", "a"], "numbers that count"),
        ("Step 1: b\nStep 2: a", ["b", "a"], "steps that count"),
        ("2. b\n1. a", ["2. b", "1. a"], "numbers that name"),
        ("'a', \"b\"", ["a", "b"], "quotes"),
        ("a,, b,", ["a", "b"], "nothing between"),
        ("a", ["a"], "one"),
    ],
)
def test_a_text_is_divided(text: str, items: list[str], why: str) -> None:
    assert divided(text, ["\n", ";", ","]) == items, why


@pytest.mark.parametrize(
    ("text", "value"),
    [('["a", 1]', ["a", 1]), ("[a]", None), ('{"a": 1}', None), ("[" * 100 + "]" * 100, None)],
)
def test_json(text: str, value: object) -> None:
    assert json_list(text) == value


@pytest.mark.parametrize(
    ("completion", "fields", "text", "why"),
    [
        ("a, b", {}, "a, b", "all of it"),
        ("so \\boxed{a, b}", {}, "a, b", "a box"),
        ("\\boxed{a} and \\boxed{b}", {}, "a\nb", "boxes are its items"),
        ("The answer is a, b.", {}, "a, b", "behind a cue"),
        ("x " * 600, {"delimited": True}, "x " * 600, "a long one in its tags"),
        ("x " * 600, {}, None, "a long text is no list"),
        ("<answer>a</answer><answer>b</answer>", {}, None, "different tags"),
        (" ", {}, None, "nothing"),
    ],
)
def test_what_is_said(completion, fields, text, why) -> None:
    assert said(Sample(completion=completion, **fields)) == text, why
