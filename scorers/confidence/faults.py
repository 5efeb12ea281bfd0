"""What raises inside a rule: an answer's doing is a wrong answer, a reference's is the request's.

No text that a policy finds may buy an abstention, whatever it makes a parser or a library do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import TypeVar

from harmo.scorers.confidence.verdict import Pair, accepted, verdict
from harmo.scorers.reading.extract import short_answer
from harmo.scorers.types import Reason, Sample, Score

T = TypeVar("T")
Rule = Callable[..., Score]
"""A rule scorer: `(sample, *, params) -> Score`."""
Quick = Callable[..., Score | None]
"""A rule's attempt without a worker: `(sample, *, params)`, None to ask the worker."""


@dataclass(frozen=True, slots=True)
class Fault:
    """That something raised."""

    name: str
    """The type of the exception."""


def attempt(work: Callable[[], T]) -> T | Fault:
    """What the work returns, or how it failed; running out of memory still raises."""
    try:
        return work()
    except MemoryError:
        # The service's to answer for: a worker's memory is not the sample's alone.
        raise
    except Exception as error:  # noqa: BLE001 - libraries raise what they like for what they read
        return Fault(type(error).__name__)


def tried(quick: Quick) -> Quick:
    """Decorate an attempt so that it returns None where it raises: the worker settles it."""

    @wraps(quick)
    def of(sample: Sample, **params: object) -> Score | None:
        score = attempt(partial(quick, sample, **params))
        return None if isinstance(score, Fault) else score

    return of


def settled(scorer: str) -> Callable[[Rule], Rule]:
    """Decorate a rule so that it returns a score whatever a completion says.

    Where the rule raises, the reference is judged against itself. If that raises too, or cannot be
    done, the reference is what cannot be read; else the answer is: 1.0 if it is the reference's
    text, else 0.0 with the confidence of a coin toss. `fault` in the detail names the exception.

    Args:
        scorer: The rule's registered name.
    """

    def of(rule: Rule) -> Rule:
        @wraps(rule)
        def judged(sample: Sample, **params: object) -> Score:
            score = attempt(partial(rule, sample, **params))
            if not isinstance(score, Fault):
                return score
            references = _said(sample)
            if not all(_stands(each, sample, partial(rule, **params)) for each in references):
                return Score.abstain(Reason.UNREADABLE_REFERENCE, fault=score.name)
            answer = attempt(partial(short_answer, sample))
            if isinstance(answer, Fault):
                return verdict(scorer, 0.0, Pair.FAULT, answer="", fault=score.name)
            same = all(each.strip() in references for each in answer.each)
            pair = Pair.SAME_TEXT if same else Pair.FAULT
            return verdict(scorer, float(same), pair, answer=answer.text, fault=score.name)

        return judged

    return of


def _said(sample: Sample) -> tuple[str, ...]:
    """A reference as a completion would give it: each accepted string, or else its JSON."""
    texts = accepted(sample)
    if not isinstance(texts, Reason):
        return texts
    return (json.dumps(sample.reference, ensure_ascii=False, default=str),)


def _stands(said: str, sample: Sample, rule: Rule) -> bool:
    """True if a rule can compare what a reference says with the reference."""
    score = attempt(partial(rule, replace(sample, completion=said, prefix="", delimited=True)))
    return not isinstance(score, Fault) and score.value is not None
