"""`aspect.reasoning_steps`: does a completion show its reasoning as steps?"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from harmo.scorers.registry import scorer
from harmo.scorers.types import Sample, Score

_STEP = re.compile(
    r"^[ \t]{0,40}+(?:\d{1,4}[.)]|[-*•])[ \t]|\bstep \d{1,4}\b"
    r"|\b(?:first|second|third|next|then|finally)(?:ly)?,",
    re.IGNORECASE | re.MULTILINE,
)


@scorer("aspect.reasoning_steps", on_loop=True)
def reasoning_steps(sample: Sample, *, steps: Annotated[int, Field(ge=1, le=1000)] = 3) -> Score:
    """min(1, step marks / `steps`), in [0, 1] (open-r1's `reasoning_steps_reward`); never abstains.

    Marks are "Step 1", a numbered or bulleted line, and "First,", "Next,", "Finally," and their
    like. "First, add. Then, halve." is 2/3. It pays for form alone, so give it a small weight.

    Args:
        sample: Read whole; `part: think` limits it to the thinking.
        steps: How many earn the whole score.

    Returns:
        A score whose detail counts the marks.
    """
    marks = sum(1 for _ in _STEP.finditer(sample.text))
    return Score(value=min(1.0, marks / steps), detail={"marks": marks})
