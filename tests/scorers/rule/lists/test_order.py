"""Items put in order."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.types import Reason, Sample

STEPS = ["B. boil", "A. mix", "C. serve"]
EXACT, PAIRS = {"metric": "exact"}, {"metric": "pairwise"}
ROWS = [
    (["b", "a", "c"], "b, a, c", {}, 1, "the same"),
    (["b", "a", "c"], "B > A > C", {}, 1, "with signs between"),
    (["b", "a", "c"], "B -> A -> C", {}, 1, "with arrows"),
    (["b", "a", "c"], "\\boxed{b \\to a \\to c}", {}, 1, "with arrows of LaTeX"),
    (["b", "a", "c"], "BAC", {}, 1, "letters side by side"),
    (["b", "a", "c"], '["b", "a", "c"]', {}, 1, "as JSON"),
    (["b", "a", "c"], "1. b\n2. a\n3. c", {}, 1, "counted lines"),
    (["b", "a", "c"], "\\boxed{b, a, c}", {}, 1, "in a box"),
    (["b", "a", "c"], "\\boxed{b} \\boxed{a} \\boxed{c}", {}, 1, "in boxes"),
    (["b", "a", "c"], "The answer is b, a, c.", {}, 1, "behind a cue"),
    ("b, a, c", "b a c".replace(" ", ", "), {}, 1, "a reference as text"),
    ("bac", "b, a, c", {}, 1, "a reference of letters"),
    ([3, 1, 2], "3, 1, 2", {}, 1, "numbers"),
    (STEPS, "B, A, C", {}, 1, "by key"),
    (STEPS, "boil, mix, serve", {}, 1, "by text"),
    (STEPS, "B. boil, A. mix, C. serve", {}, 1, "by both"),
    (STEPS, "B. boil, A. mix, A. serve", {}, 0, "one key with another item's text"),
    (STEPS, "A. boil, B. mix, C. serve", {}, 0, "a key with another item's text"),
    ([{"key": "2", "text": "mix"}, {"key": "1", "text": "boil"}], "mix, 1", {}, 1, "as objects"),
    (["b", "a", "c"], "a, b, c", {}, 1 / 3, "one pair of three turned round"),
    (["b", "a", "c"], "a, b, c", PAIRS, 2 / 3, "two pairs of three"),
    (["b", "a", "c"], "a, b, c", EXACT, 0, "not the same"),
    (["b", "a", "c"], "b, c, a", EXACT, 0, "nor this"),
    (["b", "a", "c"], "b, a, c", EXACT, 1, "this is"),
    (["b", "a", "c"], "c, a, b", {}, 0, "the other way round"),
    (["b", "a", "c"], "c, a, b", PAIRS, 0, "no pair"),
    (["b", "a", "c"], "c, b, a", {}, 0, "worse than chance"),
    (["b", "a", "c"], "b, a", PAIRS, 0, "one missing"),
    (["b", "a", "c"], "b, a, c, c", PAIRS, 0, "one twice"),
    (["b", "a", "c"], "b, a, c, d", PAIRS, 0, "one that is none of them"),
    (["b", "a", "c"], "b = a > c", PAIRS, 0, "a tie"),
    (["b", "a", "c"], "not b, a, c", PAIRS, 0, "a denial"),
    (["b", "a", "c"], "b, a, c or c, a, b", PAIRS, 0, "two orders"),
    (["b", "a", "c"], "b, a, c\nc, a, b", PAIRS, 0, "two orders on lines"),
    (["b", "a", "c"], "<answer>b, a, c</answer><answer>c, a, b</answer>", PAIRS, 0, "two answers"),
    (["b", "a", "c"], "", PAIRS, 0, "nothing"),
    (["b", "a", "c"], '[["b"], ["a"], ["c"]]', PAIRS, 0, "lists are no items"),
    (["b", "a", "c"], "<answer>" + "b, " * 9_000 + "</answer>", PAIRS, 0, "a long list"),
]


@pytest.mark.parametrize(("reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, reference, completion, params, value, why):
    score = scored("rule.order", reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize(
    ("reference", "reason", "why"),
    [
        (None, Reason.NO_REFERENCE, "none"),
        ("", Reason.UNREADABLE_REFERENCE, "empty"),
        (["a"], Reason.UNREADABLE_REFERENCE, "one item has no order"),
        (["a", "A"], Reason.UNREADABLE_REFERENCE, "two of one name"),
        (["A. mix", "B. mix"], Reason.UNREADABLE_REFERENCE, "two of one text"),
        ([["a", "b"], "c"], Reason.UNREADABLE_REFERENCE, "a tie"),
        (["a", None], Reason.UNREADABLE_REFERENCE, "no item"),
        ([str(n) for n in range(65)], Reason.UNREADABLE_REFERENCE, "too many"),
        ({"a": 1}, Reason.UNREADABLE_REFERENCE, "no list"),
        ("a, " * 9_000, Reason.UNREADABLE_REFERENCE, "too long"),
    ],
)
def test_no_order_to_compare_with_is_no_verdict(scored, reference, reason, why):
    assert scored("rule.order", reference, "a, b").reason is reason, why


def value(reference: list[int], order: list[int], metric: str) -> float:
    bound = registry.bind("rule.order", {"metric": metric})
    sample = Sample(reference=reference, completion=", ".join(map(str, order)))
    return bound.spec.fn(sample, **bound.params).value


ORDERS = st.integers(2, 12).flatmap(
    lambda n: st.tuples(st.permutations(range(n)), st.permutations(range(n)))
)


@given(ORDERS)
def test_pairs_are_counted_as_they_are_defined(orders):
    one, other = orders
    pairs = [(a, b) for i, a in enumerate(other) for b in other[i + 1 :]]
    right = sum(one.index(a) < one.index(b) for a, b in pairs) / len(pairs)

    assert value(one, other, "pairwise") == pytest.approx(right)
    assert value(one, other, "kendall") == pytest.approx(max(0.0, 2 * right - 1))
    assert value(one, other, "pairwise") == pytest.approx(value(other, one, "pairwise"))
    assert (value(one, other, "exact") == 1.0) == (one == other)


@given(ORDERS)
def test_an_order_is_itself_and_its_reverse_is_nothing(orders):
    one, _ = orders
    for metric in ("pairwise", "kendall", "exact"):
        assert value(one, one, metric) == 1.0
        assert value(one, one[::-1], metric) == 0.0


@given(ORDERS, st.integers(0, 12))
def test_an_item_too_many_never_helps(orders, item):
    one, other = orders
    for metric in ("pairwise", "kendall", "exact"):
        assert value(one, [*other, item], metric) == 0.0


def test_one_order_for_every_question_earns_little():
    """A fixed text's mean over references at random, against a random answer's 0.5 of the pairs."""
    some = random.Random(0)
    orders = [some.sample(range(5), 5) for _ in range(2_000)]
    mean = {m: math.fsum(value(o, [0, 1, 2, 3, 4], m) for o in orders) / 2_000
            for m in ("kendall", "pairwise", "exact")}  # fmt: skip

    assert mean["pairwise"] == pytest.approx(0.5, abs=0.02)
    assert mean["kendall"] < 0.2
    assert mean["exact"] < 0.02
