"""Marks of steps."""

import pytest

from harmo.scorers.aspect.reasoning import reasoning_steps
from harmo.scorers.types import Sample

STEPS = [
    ("Step 1: add. Step 2: halve. Step 3: done.", 1.0, "three steps"),
    ("First, add. Then, halve.", 2 / 3, "two of three"),
    ("1. add\n2) halve\n- done\n* end", 1.0, "no more than all"),
    ("It is 3.5 - 2.", 0.0, "a number and a minus sign are no marks"),
    ("", 0.0, "nothing"),
]


@pytest.mark.parametrize(("text", "value", "reason"), STEPS)
def test_marked_steps(text, value, reason):
    assert reasoning_steps(Sample(completion=text)).value == pytest.approx(value), reason
