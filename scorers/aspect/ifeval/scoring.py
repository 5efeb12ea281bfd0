"""From instructions and a completion to a score: what the instruction scorers share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from harmo.scorers.aspect.ifeval.check import BoundCheck, Checks
from harmo.scorers.aspect.ifeval.contradiction import contradictions
from harmo.scorers.aspect.ifeval.instruction import (
    ConstraintError,
    Instruction,
    read_instructions,
    values_in,
)
from harmo.scorers.aspect.remember import remembering
from harmo.scorers.reading.extract import parts
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

Mode = Literal["strict", "loose"]
Credit = Literal["mean", "all", "weighted"]
Weights: TypeAlias = dict[str, Annotated[float, Field(gt=0, le=1000)]]

INLINE_WORK = 4000
"""Characters times readings times looks; what takes more is checked in a worker. At worst, text
made to be cut into words, that is some 15 ms; ordinary text takes a tenth of it."""
INLINE_CARRIER_CHARS = 4000
"""A longer carrier is not even read on the event loop."""


def score_instructions(
    sample: Sample, checks: Checks, *, mode: Mode, credit: Credit, weights: Weights | None
) -> Score:
    """The share of a sample's instructions that its answer part follows, in [0, 1]."""
    try:
        given = read_instructions(sample.constraints)
        instructions = [item for item in given if not item.judged]
        bound = [checks.bind(instruction) for instruction in instructions]
    except ConstraintError as error:
        return Score.abstain(Reason.UNREADABLE_CONSTRAINTS, why=str(error))
    if not instructions:
        return Score.abstain(Reason.NO_CONSTRAINTS)
    if conflicts := contradictions(instructions):
        return Score.abstain(Reason.UNREADABLE_CONSTRAINTS, why="; ".join(conflicts))
    texts = variants(answer_part(sample), mode)
    with remembering():
        verdicts = [_why_not(check, texts) for check in bound]
    return Score(
        value=_credit(instructions, verdicts, credit=credit, weights=weights or {}),
        detail={
            "mode": mode,
            "instructions": [
                {"id": instruction.id, "followed": why is None, "why": why}
                for instruction, why in zip(instructions, verdicts, strict=True)
            ],
            "judged": [item.id for item in given if item.judged],
        },
    )


def checks_of(sample: Sample, *, mode: Mode = "strict", **params: object) -> int:
    """At least how often the checks of a sample go over its text: a bound, and cheap to have.

    What is too long to be read is refused at once, and looks at nothing.
    """
    del params
    return (values_in(sample.constraints) or 1) * (8 if mode == "loose" else 1)


def answer_part(sample: Sample) -> str:
    """What a completion is judged by: its text after the thinking and the blank lines there."""
    return parts(sample.text, sample.think_tags).answer.lstrip("\r\n")


def variants(text: str, mode: Mode) -> list[str]:
    """The readings of a text of which one must follow an instruction, blank ones left out.

    `strict` has the text alone; `loose` also without its first line, its last and both, and each of
    these without asterisks (arXiv 2311.07911, section 2.2).
    """
    if mode == "strict":
        return [text] if text.strip() else []
    lines = text.split("\n")
    shorter = ["\n".join(kept).strip() for kept in (lines[1:], lines[:-1], lines[1:-1])]
    marked = [text, *shorter]
    readings = dict.fromkeys([*marked, *(reading.replace("*", "") for reading in marked)])
    return [reading for reading in readings if reading.strip()]


def _why_not(check: BoundCheck, texts: list[str]) -> str | None:
    """None if one of the readings passes, else why the text as it stands does not."""
    if not texts:
        return "the response is empty"
    why = check(texts[0])
    if why is None or any(check(text) is None for text in texts[1:]):
        return None
    return why


def _credit(
    instructions: list[Instruction],
    verdicts: list[str | None],
    *,
    credit: Credit,
    weights: Mapping[str, float],
) -> float:
    if credit == "all":
        return float(all(why is None for why in verdicts))
    shares = [
        weights.get(instruction.id, weights.get(instruction.id.partition(":")[0], 1.0))
        if credit == "weighted"
        else 1.0
        for instruction in instructions
    ]
    kept = sum(share for share, why in zip(shares, verdicts, strict=True) if why is None)
    return kept / sum(shares)


def score_quickly(
    sample: Sample,
    *,
    checks: Checks,
    slow_ids: frozenset[str] = frozenset(),
    mode: Mode = "strict",
    credit: Credit,
    weights: Weights | None,
) -> Score | None:
    """The same where it takes a few milliseconds, so that it may run in-process; else None."""
    if not _is_quick(sample, mode, slow_ids):
        return None
    return score_instructions(sample, checks, mode=mode, credit=credit, weights=weights)


instructed = partial(
    scorer,
    reads="answer",
    isolate=True,
    by_text=True,
    carries=("constraints",),
    timeout_s=10.0,
    on_loop=True,
    checks=checks_of,
)
"""`@scorer` for those whose constraints are instructions; `inline` is their own `score_quickly`."""


def _is_quick(sample: Sample, mode: Mode, slow_ids: frozenset[str]) -> bool:
    """True if checking a sample takes a few milliseconds."""
    carrier, characters = sample.constraints, len(sample.text) * (8 if mode == "loose" else 1)
    if carrier is None or values_in(carrier) is None:
        return True
    if characters > INLINE_WORK:
        return False
    if isinstance(carrier, str) and len(carrier) > INLINE_CARRIER_CHARS:
        return False
    try:
        instructions = read_instructions(carrier)
    except ConstraintError:
        return True
    if any(item.id in slow_ids for item in instructions):
        return False
    return characters * sum(item.looks for item in instructions) <= INLINE_WORK
