"""Whether a text is one JSON document."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.document import MAX_CHARS, document


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ('{"a": "</think>"}', '{"a": "</think>"}', "an object"),
        (' [1, "<answer>"] ', '[1, "<answer>"]', "an array"),
        ('<answer>{"a": "</answer>"}</answer>', '{"a": "</answer>"}', "in an answer element"),
        ("<answer>[1]</answer><answer>[2]</answer>", None, "two elements"),
        ('so {"a": 1}', None, "words before it"),
        ('{"a": 1', None, "cut off"),
        ("[x]", None, "no JSON"),
        ("7", None, "neither object nor array"),
        ("[" * 50_000 + "]" * 50_000, None, "too deep"),
        ("[" + " " * MAX_CHARS + "]", None, "too long"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_document(text, found, why):
    assert document(text) == found, why
