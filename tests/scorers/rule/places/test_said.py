"""The JSON of an answer, however it is wrapped."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.places.said import field, said_places, wanted_places
from harmo.scorers.types import Sample

BOX = [{"bbox_2d": [1, 2, 3, 4]}]


@pytest.mark.parametrize(
    ("completion", "why"),
    [
        ('[{"bbox_2d": [1, 2, 3, 4]}]', "alone"),
        ('<think>[9]</think>[{"bbox_2d": [1, 2, 3, 4]}]', "after the think part"),
        ('<answer>[{"bbox_2d": [1, 2, 3, 4]}]</answer>', "in its element"),
        ('Here:\n```json\n[{"bbox_2d": [1, 2, 3, 4]}]\n```', "fenced"),
        ('The dog is [{"bbox_2d": [1, 2, 3, 4]}], I think', "in a sentence"),
        ("[{'bbox_2d': [1, 2, 3, 4]}]", "with single quotes"),
        ('\\boxed{[{"bbox_2d": [1, 2, 3, 4]}]}', "in a box"),
        ('It is [{"bbox_2d": [1, 2, 3, 4]}] {sic}', "with other brackets after it"),
    ],
)
def test_json_is_found(completion, why):
    assert said_places(Sample(completion=completion)) == BOX, why


@pytest.mark.parametrize(
    ("completion", "why"),
    [
        ("nothing there", "prose"),
        ("[1] or [2]", "two values in a sentence"),
        ("<answer>[1]</answer><answer>[2]</answer>", "two answers"),
        ("[1, 2", "never closed"),
        ("] [", "the wrong way round"),
        ('[{"a": [1]}', "a list that never closes is not its object"),
        ("[NaN]", "no JSON number"),
        ("[1e309]", "beyond every double"),
        ('[{"a": 1, "a": 2}]', "a key twice"),
        ("[{'a': \"1\"}]", "quotes of both kinds"),
        ("[" * 100 + "]" * 100, "too deep"),
        ("[" + "1," * 200_000 + "1]", "too long"),
    ],
)
def test_what_is_no_one_value_is_refused(completion, why):
    with pytest.raises(ValueError, match=r"."):
        said_places(Sample(completion=completion))


def test_a_reference_is_a_value_or_its_text():
    assert wanted_places("[1, 2]") == [1, 2] == wanted_places([1, 2])


@pytest.mark.parametrize(
    ("fields", "expected", "why"),
    [
        ({"Label": "dog"}, "dog", "in any case"),
        ({"name": "cat", "label": "dog"}, "dog", "the first name that is there"),
        ({"label": "dog", "Label": "cat"}, None, "one name twice"),
        ({"other": "dog"}, None, "no such name"),
        (["label"], None, "no object"),
        (None, None, "nothing"),
    ],
)
def test_a_field_is_found_by_its_names(fields, expected, why):
    assert field(fields, ("label", "name")) == expected, why
