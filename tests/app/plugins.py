"""Scorers that misbehave in every way, as a plugin package would register them."""

from __future__ import annotations

import asyncio
import sys
import time

import numpy as np

from harmo import Group, Reason, Sample, Score, scorer


@scorer("rule.raises")
def raises(sample: Sample) -> Score:
    """1.0 unless the completion says boom, then an exception."""
    if "boom" in sample.text:
        raise RuntimeError(f"nothing to make of {sample.text!r}")
    return Score(value=1.0)


@scorer("rule.always")
def always(sample: Sample) -> Score:
    """1.0, whatever the completion says; abstains without a reference."""
    if sample.reference is None:
        return Score.abstain(Reason.NO_REFERENCE)
    return Score(value=1.0, detail={"read": sample.text})


@scorer("rule.trips")
def trips(sample: Sample) -> Score:
    """1.0 where the text begins with a digit; an exception where there is none."""
    return Score(value=float(sample.text[0].isdigit()))


@scorer("rule.always_by_group")
def always_by_group(group: Group) -> list[Score]:
    """1.0 for every sibling."""
    return [Score(value=1.0)] * len(group.samples)


@scorer("rule.gives_nan")
def gives_nan(sample: Sample) -> Score:
    """NaN, always."""
    return Score(value=float("nan"))


@scorer("aspect.hangs", timeout_s=0.2)
def hangs(sample: Sample) -> Score:
    """1.0, or a hang of two seconds where the completion says hang."""
    if "hang" in sample.text:
        time.sleep(2.0)
    return Score(value=1.0)


@scorer("aspect.too_few")
def too_few(group: Group) -> list[Score]:
    """One score fewer than there are samples."""
    return [Score(value=1.0)] * (len(group.samples) - 1)


@scorer("aspect.not_a_score")
def not_a_score(sample: Sample) -> Score:
    """A float, which is not a Score."""
    return 1.0  # type: ignore[return-value]


@scorer("aspect.numpy")
def numpy_scalars(sample: Sample) -> Score:
    """0.5 as numpy says it, confidence and all, with a detail that JSON cannot hold."""
    half = np.float32(0.5)
    detail = {"half": half, "bytes": b"\xff", "nan": float("nan"), "text": "\ud800", "set": {1}}
    return Score(value=half, confidence=half, detail=detail)  # type: ignore[arg-type]


@scorer("aspect.exits")
def exits(sample: Sample) -> Score:
    """Calls exit."""
    sys.exit(3)


@scorer("aspect.exits_later")
async def exits_later(sample: Sample) -> Score:
    """Calls exit on the event loop."""
    sys.exit(3)


@scorer("aspect.cancels")
async def cancels(sample: Sample) -> Score:
    """Raises what cancellation raises."""
    raise asyncio.CancelledError


@scorer("aspect.huge")
def huge(sample: Sample) -> Score:
    """More than any score means."""
    return Score(value=1e300)


@scorer("aspect.waits", timeout_s=60.0)
async def waits(sample: Sample) -> Score:
    """1.0 after the milliseconds in the metadata."""
    await asyncio.sleep(float(str(sample.metadata.get("wait_ms", 0))) / 1000)
    return Score(value=1.0)


@scorer("aspect.pays_17")
def pays_17(sample: Sample) -> Score:
    """17, which is no aspect's range."""
    return Score(value=17.0)


@scorer("aspect.wide", bounds=(-20.0, 20.0))
def wide(sample: Sample) -> Score:
    """17, as declared."""
    return Score(value=17.0)


@scorer("aspect.late", timeout_s=0.05)
async def late(sample: Sample) -> Score:
    """Takes longer than it says."""
    await asyncio.sleep(5.0)
    return Score(value=1.0)


RECIPES = {
    "trips": "name: trips\nrule: [{scorer: rule.trips}]\n",
    "bounds": """
name: bounds
rule: [{scorer: rule.math}]
aspect: [{scorer: aspect.pays_17, weight: 0.5}, {scorer: aspect.wide, weight: 0.5}]
allow_inversion: true
""",
    "late": "name: late\naspect: [{scorer: aspect.late}]\n",
    "a-rules": "name: rules\nrule: [{scorer: rule.math, name: answer}]\n",
    "broken-raises": "name: raises\nrule: [{scorer: rule.math}, {scorer: rule.raises}]\n",
    "broken-nan": "name: nan\nrule: [{scorer: rule.math}]\nshadow: [{scorer: rule.gives_nan}]\n",
    "broken-aspects": """
name: aspects
rule: [{scorer: rule.math}]
aspect: [{scorer: aspect.hangs}, {scorer: aspect.too_few}, {scorer: aspect.not_a_score}]
""",
    "broken-plugins": """
name: plugins
rule: [{scorer: rule.math}]
aspect:
  - {scorer: aspect.numpy}
  - {scorer: aspect.exits}
  - {scorer: aspect.exits_later}
  - {scorer: aspect.cancels}
  - {scorer: aspect.huge}
""",
    "think-any": "name: any\nrule: [{scorer: rule.regex, params: {pattern: '.*'}}]\n",
    "think-full": """
name: full
rule: [{scorer: rule.regex, part: full, params: {pattern: boxed}}]
""",
    "think-plugins": """
name: always
rule: [{scorer: rule.always}, {scorer: rule.always_by_group}]
""",
    "think-tags": """
name: tags
weights: {rule: 1.0, aspect: 0.25}
default_task: math
rule: [{scorer: rule.by_task, name: answer}]
aspect:
  - {scorer: aspect.format, params: {pattern: custom, open_tag: "[THINK]", close_tag: "[/THINK]"}}
  - {scorer: aspect.format, name: boxed, params: {pattern: boxed}}
""",
    "think-wrong": "name: cut-wrong\non_truncated: wrong\nrule: [{scorer: rule.math}]\n",
    "think-unscored": "name: cut-unscored\non_truncated: unscored\nrule: [{scorer: rule.math}]\n",
    "slow": "name: slow\naspect: [{scorer: aspect.waits}]\n",
    "hybrid": """
name: hybrid
weights: {model: 0.5, rule: 1.0, aspect: 0.25, length: 0.25}
model: [{scorer: model.reward}]
rule: [{scorer: rule.math, name: answer}]
aspect: [{scorer: aspect.format, params: {pattern: think_answer}}]
length: [{scorer: length.linear, params: {target_tokens: 10}}]
allow_inversion: true
""",
}
