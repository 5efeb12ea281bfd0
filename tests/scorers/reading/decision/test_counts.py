"""How many there are."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.decision.counts import counted, none_or_one


@pytest.mark.parametrize(
    ("text", "count", "why"),
    [
        ("There are 3 bars with values below 40.", 3, "what is counted goes on"),
        ("I can see four chairs around 1 table.", 4, "a word"),
        ("There are 3 apples, 2 of which are red.", 3, "a part of them"),
        ("I see 3 red and 2 blue squares.", None, "two counts"),
        ("There are at most 3 dogs.", None, "a bound"),
        ("3 dogs", None, "nothing stated"),
    ],
)
def test_counted(text, count, why) -> None:
    number = counted(text)

    assert (None if number is None else number.value) == count, why


@pytest.mark.parametrize(
    ("text", "count", "why"),
    [
        ("none", 0, "none"),
        ("None of them.", 0, "of them"),
        ("none of your business", None, "of nothing counted"),
        ("None of the above", None, "of options"),
        ("There are no dogs.", 0, "no dogs"),
        ("There is no way to tell", None, "no way"),
        ("There aren't any.", 0, "not any"),
        ("only one", 1, "one"),
        ("None of them, only one.", None, "both"),
        ("no idea", None, "no idea"),
    ],
)
def test_none_or_one(text, count, why) -> None:
    number = none_or_one(text)

    assert (None if number is None else number.value) == count, why
