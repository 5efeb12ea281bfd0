"""What raises inside a rule: whose doing it is, and what becomes of it."""

from __future__ import annotations

import pytest

from harmo.scorers.confidence import faults
from harmo.scorers.confidence.faults import Fault, attempt, settled, tried
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.rule.math import math, reference_fault, symbolic
from harmo.scorers.types import Reason, Sample, Score


@settled("rule.exact")
def fragile(sample: Sample, *, on: str = "§", error: type[BaseException] = KeyError) -> Score:
    """Raises for a completion that holds what it is told of."""
    if on in sample.text:
        raise error(on)
    return verdict("rule.exact", float(sample.text == sample.reference), Pair.WORD_WORD)


@pytest.mark.parametrize(
    ("reference", "completion", "value", "fault", "why"),
    [
        ("5", "5", 1.0, None, "nothing raises"),
        ("5", "6", 0.0, None, "nothing raises, and it is wrong"),
        ("5", "5§", 0.0, "KeyError", "the answer raises: it is wrong"),
        ("5", "§ \\boxed{5}", 1.0, "KeyError", "what it answers is the reference's text"),
        ("5", "§ \\boxed{5} \\boxed{6}", 0.0, "KeyError", "two answers are not the reference"),
        (["4", "5"], "§ \\boxed{5}", 1.0, "KeyError", "one of the accepted ones"),
    ],
)
def test_an_answer_that_raises_is_judged_by_its_text(reference, completion, value, fault, why):
    score = fragile(Sample(reference=reference, completion=completion), on="§")
    assert (score.value, score.detail.get("fault")) == (value, fault), why


def test_a_wrong_answer_that_raises_is_worth_a_coin_toss():
    score = fragile(Sample(reference="5", completion="§"))
    assert (score.confidence, score.detail["pair"]) == (0.5, "fault")


@pytest.mark.parametrize("reference", ["5§", ["5", "6§"], {"box": "§"}])
def test_a_reference_that_raises_against_itself_cannot_be_read(reference):
    score = fragile(Sample(reference=reference, completion="§"))
    assert (score.value, score.reason) == (None, Reason.UNREADABLE_REFERENCE)


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, SystemExit])
def test_what_is_not_the_samples_doing_still_raises(error):
    with pytest.raises(error):
        fragile(Sample(reference="5", completion="§"), error=error)


def test_a_quick_attempt_that_raises_leaves_the_sample_to_the_worker():
    assert tried(lambda sample, **_: 1 / 0)(Sample(completion="5")) is None
    assert attempt(lambda: 1 / 0) == Fault("ZeroDivisionError")


def test_what_the_symbolic_verifier_raises_for_an_answer_is_wrong(monkeypatch):
    def raises(reference: str, answer: str) -> bool:
        raise AssertionError(answer)

    monkeypatch.setattr(symbolic, "equivalent", raises)
    sample = Sample(reference="e^x e^y = 5", completion="\\boxed{x + y = \\ln 5}")
    score = math(sample)
    assert (score.value, score.confidence, score.detail["fault"]) == (0.0, 0.5, "AssertionError")


def test_an_answer_that_cannot_even_be_found_is_wrong(monkeypatch):
    def raises(*_: object) -> None:
        raise ValueError

    @settled("rule.exact")
    def rule(sample: Sample) -> Score:
        if sample.completion == "odd":
            raise KeyError(sample.completion)
        return Score(value=1.0)

    monkeypatch.setattr(faults, "short_answer", raises)
    score = rule(Sample(reference="4", completion="odd"))
    assert (score.value, score.confidence, score.detail["fault"]) == (0.0, 0.5, "KeyError")


def test_what_the_symbolic_verifier_raises_for_a_reference_makes_it_unreadable(monkeypatch):
    def raises(text: str) -> bool:
        raise RecursionError(text)

    monkeypatch.setattr(symbolic, "readable", raises)
    assert reference_fault("\\unknown f") is Reason.UNREADABLE_REFERENCE
    score = math(Sample(reference="\\unknown f", completion="\\boxed{g}"))
    assert (score.reason, score.detail["fault"]) == (Reason.UNREADABLE_REFERENCE, "RecursionError")
