"""`harmo serve` as a process, with scorers that tell completions apart and one that misbehaves."""

from __future__ import annotations

import asyncio
import re
import sys
import time

from harmo import Reason, Sample, Score, scorer
from harmo.app.cli import main

HANGS, NOT_A_NUMBER = "hang for good", "not a number"
HUNG_S = 20.0


def number(sample: Sample) -> int:
    """The completion's own number, which no sibling has."""
    found = re.search(r"Sample (\d+)", sample.text)
    return int(found[1]) if found else 0


@scorer("aspect.own_number")
async def own_number(sample: Sample) -> Score:
    """A thousandth of the completion's number, in [0, 1]; the highest is there first."""
    await asyncio.sleep((100 - min(number(sample), 100)) / 1000)
    return Score(value=number(sample) / 1000)


@scorer("rule.stated", timeout_s=1.0)
def stated(sample: Sample) -> Score:
    """A thousandth of the completion's number, without a look at a reference, in [0, 1]."""
    until_s = time.monotonic() + HUNG_S
    while HANGS in sample.text and time.monotonic() < until_s:
        time.sleep(0.1)
    if NOT_A_NUMBER in sample.text:
        return Score(value=float("nan"))
    if not number(sample):
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    return Score(value=number(sample) / 1000)


RECIPES = {
    "answers": """
name: answers
weights: {rule: 1.0, aspect: 1.0}
rule: [{scorer: rule.math, name: answer}]
aspect: [{scorer: aspect.own_number}]
allow_inversion: true
""",
    "texts": "name: texts\nrule: [{scorer: rule.stated}]\n",
}

if __name__ == "__main__":
    sys.argv[0] = "harmo"
    main()
