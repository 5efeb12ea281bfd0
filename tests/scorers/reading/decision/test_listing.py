"""The options that a prompt lists."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision.listing import MAX_PROMPT_CHARS, listed


@pytest.mark.parametrize(
    ("prompt", "lists", "why"),
    [
        ("Which?\nA. red\nB. blue", [{"A": "red", "B": "blue"}], "lines"),
        ("Which? (A) red (B) blue", [{"A": "red", "B": "blue"}], "one line"),
        ("Which?\nA) red\nB) blue\nAnswer.", [{"A": "red", "B": "blue"}], "more lines after it"),
        ("A. only one", [], "one is no list"),
        ("(i) red (ii) blue", [{"i": "red", "ii": "blue"}], "Roman numerals"),
        ("1. red\n2. blue", [{"1": "red", "2": "blue"}], "numbers"),
        ("A. 9 a.m.\nB. 10 a.m.", [{"A": "9 a.m.", "B": "10 a.m."}], "initials in a text"),
        ("A.红色\nB.蓝色", [{"A": "红色", "B": "蓝色"}], "no blank"),
        ("(1) 9:30 (2) 8:15", [{"1": "9:30", "2": "8:15"}], "times in a text"),
    ],
)
def test_listed(prompt, lists, why) -> None:
    assert list(listed(prompt)) == lists, why


def test_the_end_of_a_long_prompt_is_read() -> None:
    assert listed("A. x\nB. y\n" + "word " * MAX_PROMPT_CHARS) == ()
