"""Which of the classes are there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.types import Reason, Sample

BOTH = ["cat", "dog"]
EVERY = {"classes": ["cat", "dog", "bird"]}
KITTY = {"synonyms": {"cat": ["kitty", "house cat"]}}
ROWS = [
    (BOTH, "cat, dog", {}, 1, "both"),
    (BOTH, "Dog and cat.", {}, 1, "in a phrase"),
    (BOTH, "- a dog\n- a cat", {}, 1, "bullets, articles"),
    (BOTH, "1. dog\n2. cat", {}, 1, "numbered"),
    (BOTH, '["dog", "cat"]', {}, 1, "as JSON"),
    (BOTH, "\\boxed{cat}, \\boxed{dog}", {}, 1, "in boxes"),
    (BOTH, "The answer is cat and dog.", {}, 1, "behind a cue"),
    ("cat, dog", "dog, cat", {}, 1, "a reference as text"),
    ('["cat", "dog"]', "dog, cat", {}, 1, "a reference as JSON in text"),
    ([["cat", "kitty"], "dog"], "kitty, dog", {}, 1, "a class with two names"),
    (BOTH, "house cat; dog", KITTY, 1, "a synonym"),
    (["kitty"], "cat", KITTY, 1, "a synonym in the reference"),
    (["kitty", "cat"], "cat", KITTY, 1, "two names of one class"),
    (["salt and pepper"], "salt and pepper", {}, 1, "a label with an and of its own"),
    (["traffic_light"], "traffic light", {}, 1, "an underscore"),
    (["C++", "C"], "C, C++", {}, 1, "signs are names"),
    (BOTH, "cat", {}, 2 / 3, "one of two"),
    (BOTH, "cat", {"metric": "jaccard"}, 1 / 2, "one of two"),
    (BOTH, "cat", {"metric": "exact"}, 0, "not all"),
    (BOTH, "cat, dog, bird", {}, 4 / 5, "one too many"),
    (BOTH, "cat, dog, bird", {"metric": "jaccard"}, 2 / 3, "one too many"),
    (BOTH, "cat, dog, bird", {"metric": "exact"}, 0, "one too many"),
    (BOTH, "cat, dog, bird", EVERY, 0, "all there are"),
    (["cat", "dog", "bird"], "cat, dog, bird", EVERY, 1, "all there are, and they are there"),
    (BOTH, "cat, dog, bird, cow, fox", {}, 0, "more wrong than right"),
    (BOTH, "cat, cat, dog", {}, 4 / 5, "one twice"),
    (BOTH, "cat, kitty, dog", KITTY, 4 / 5, "one by two names"),
    (["cat"], "cat, cat, cat", {}, 0, "one three times"),
    (["cat"], "not cat", {}, 0, "denied"),
    (["cat"], "no cat, cat", {}, 2 / 3, "denied and said: one right, one wrong"),
    (["cat"], "cat or dog", {}, 0, "an alternative"),
    (["cat"], "cat or dog, cat and dog, dog", {}, 0, "hedged"),
    (["cat"], "everything", {}, 0, "no label"),
    (["cat"], "", {}, 0, "nothing"),
    (["cat"], "<answer>cat</answer><answer>dog</answer>", {}, 0, "two answers"),
    (["cat"], "<answer>" + "cat, " * 9_000 + "</answer>", {}, 0, "a long list"),
    (["cat"], '[["cat"]]', {}, 0, "a list is no label"),
    (["cat"], '{"cat": true}', {}, 0, "nor is an object"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, reference, completion, params, value, why):
    score = scored("rule.labels", reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize(
    ("reference", "reason", "why"),
    [
        (None, Reason.NO_REFERENCE, "none"),
        ([], Reason.UNREADABLE_REFERENCE, "no label"),
        ("", Reason.UNREADABLE_REFERENCE, "an empty text"),
        (["cat", ""], Reason.UNREADABLE_REFERENCE, "an empty label"),
        ([["cat", {}]], Reason.UNREADABLE_REFERENCE, "no name"),
        ({"cat": 1}, Reason.UNREADABLE_REFERENCE, "no list"),
        ([str(n) for n in range(300)], Reason.UNREADABLE_REFERENCE, "too many"),
    ],
)
def test_no_labels_to_compare_with_is_no_verdict(scored, reference, reason, why):
    assert scored("rule.labels", reference, "cat").reason is reason, why


def test_a_synonym_of_two_classes_is_refused_at_load():
    with pytest.raises(registry.ScorerParamsError, match="'pet' stands for 'cat' and for 'dog'"):
        registry.bind("rule.labels", {"synonyms": {"cat": ["pet"], "dog": ["pet"]}})


def value(reference: list[str], answer: list[str], metric: str) -> float:
    bound = registry.bind("rule.labels", {"metric": metric})
    sample = Sample(reference=reference, completion=", ".join(answer))
    return bound.spec.fn(sample, **bound.params).value


NAMES = ["cat", "dog", "bird", "cow", "fox", "hen"]
SETS = st.lists(st.sampled_from(NAMES), min_size=1, unique=True)
METRICS = st.sampled_from(["f1", "jaccard", "exact"])


@given(SETS, SETS, METRICS)
def test_it_is_in_range_and_never_more_than_the_plain_metric(wanted, said, metric):
    shared = len({*wanted} & {*said})
    plain = {
        "f1": 2 * shared / (len(wanted) + len(said)),
        "jaccard": shared / len({*wanted, *said}),
        "exact": float({*wanted} == {*said}),
    }[metric]
    more_right = shared >= len(said) - shared

    assert value(wanted, said, metric) == pytest.approx(plain if more_right else 0.0)
    assert value(wanted, wanted[::-1], metric) == 1.0


@given(SETS, st.lists(st.sampled_from(NAMES), min_size=1), METRICS)
def test_a_wrong_label_more_never_helps(wanted, said, metric):
    assert value(wanted, [*said, "newt"], metric) <= value(wanted, said, metric)


@given(SETS, SETS, METRICS)
def test_a_label_twice_never_helps(wanted, said, metric):
    assert value(wanted, [*said, said[0]], metric) <= value(wanted, said, metric)
