"""What a prompt asks for."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.forms.question import MAX_PROMPT_CHARS, asks_for, asks_percent
from harmo.scorers.types import ImageRef, Message, Sample

CHAT = (Message(role="user", parts=(ImageRef(index=0), "Find m+n.", " In percent, please.")),)


@pytest.mark.parametrize(
    ("prompt", "asked", "why"),
    [
        ("What percentage of 8 is 4?", True, "in a word"),
        ("Give the share in %.", True, "by its sign"),
        ("百分之几？", True, "in Chinese"),
        (CHAT, True, "in a chat"),
        ("How many?", False, "a number"),
        ("percent" + "x" * MAX_PROMPT_CHARS, False, "too long ago"),
    ],
)
def test_asks_percent(prompt, asked, why):
    assert asks_percent(Sample(prompt=prompt)) is asked, why


@pytest.mark.parametrize(
    ("prompt", "expression", "asked", "why"),
    [
        ("Find m+n.", "m+n", True, "after a verb"),
        ("Find $m + n$.", "m+n", True, "with blanks and delimiters"),
        ("What is X?", "x", True, "whatever its case"),
        (CHAT, "m+n", True, "in a chat"),
        ("Here m+n=204.", "m+n", False, "no verb"),
        ("Find m.", "m+n", False, "something else"),
        ("Find m+n.", " ", False, "nothing"),
    ],
)
def test_asks_for(prompt, expression, asked, why):
    assert asks_for(Sample(prompt=prompt), expression) is asked, why
