"""Formulas read off a picture, by their tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.rule.documents.formula import reference_fault
from harmo.scorers.types import Reason, Sample

REFERENCE = r"\frac{1}{2} m v^2"
"""Six tokens: frac, 1, 2, m, v, ^, 2 make seven."""
ROWS = [
    (REFERENCE, REFERENCE, {}, 1, "the same"),
    (REFERENCE, r"$$\dfrac12 m v^{2}$$", {}, 1, "typed otherwise"),
    (REFERENCE, r"\[ \frac12\,mv^2 \]", {}, 1, "in brackets"),
    (REFERENCE, r"The formula is $\frac12 mv^2$.", {}, 1, "in a sentence"),
    (REFERENCE, r"\boxed{\frac12 mv^2}", {}, 1, "in a box"),
    (REFERENCE, r"So the answer is \frac12 mv^2", {}, 1, "behind a cue"),
    ("x + " * 400 + "y", "\\boxed{" + "x + " * 400 + "y}", {}, 1, "a long one in a box"),
    (REFERENCE, "```latex\n\\frac12 mv^2\n```", {}, 1, "in a fence"),
    (r"$E = mc^2$", r"\(E=mc^2\)", {}, 1, "a reference with delimiters"),
    ([r"a+b", REFERENCE], r"b+a", {}, 1 / 3, "the best of two"),
    (REFERENCE, r"\frac12 m v^3", {}, 6 / 7, "one token of seven"),
    (REFERENCE, r"\frac12 m v^3", {"exact": True}, 0, "not exact"),
    (REFERENCE, r"\frac12 m v^{2}", {"exact": True}, 1, "exact"),
    (REFERENCE, r"\frac12 M v^2", {}, 6 / 7, "another letter"),
    (REFERENCE, r"$\frac12 mv^2$ or $mv^2$", {}, 0, "two different ones"),
    (REFERENCE, r"$\frac12 mv^2$, that is $\dfrac{1}{2}mv^{2}$", {}, 1, "twice the same"),
    (REFERENCE, r"\frac{1}{2 m v^2", {}, 0, "a brace never closes"),
    (REFERENCE, r"$\frac12 m v^2", {}, 0, "a dollar is missing"),
    (REFERENCE, r"\def\a{\frac12 m v^2}\a", {}, 0, "a macro"),
    (REFERENCE, "", {}, 0, "nothing"),
    (REFERENCE, "$$$$", {}, 0, "an empty formula"),
    (REFERENCE, "% \\frac12 mv^2", {}, 0, "a comment"),
    (REFERENCE, "{" * 60_000, {}, 0, "60,000 braces"),
    (REFERENCE, r"\frac12 mv^2" + " + x" * 7_000, {}, 0, "far too long"),
]


@pytest.mark.parametrize(("reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, reference, completion, params, value, why):
    score = scored("rule.formula", reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, Reason.NO_REFERENCE),
        ("", Reason.UNREADABLE_REFERENCE),
        (r"\frac{1", Reason.UNREADABLE_REFERENCE),
        (r"$a$ and $b$", Reason.UNREADABLE_REFERENCE),
        (r"\newcommand{\a}{b}\a", Reason.UNREADABLE_REFERENCE),
        ("%", Reason.UNREADABLE_REFERENCE),
    ],
)
@pytest.mark.parametrize("completion", ["x", "x + y " * 200])
def test_no_formula_to_compare_with_is_no_verdict(scored, reference, reason, completion):
    assert scored("rule.formula", reference, completion).reason is reason
    assert reference_fault(reference) is reason


def test_a_reference_that_can_be_read_has_no_fault():
    assert reference_fault(REFERENCE) is None


def value(reference: str, completion: str) -> float:
    bound = registry.bind("rule.formula", {})
    return bound.spec.fn(Sample(reference=reference, completion=completion), **bound.params).value


FORMULAS = st.lists(
    st.sampled_from(["a", "b", "+", "c^2", "d_{ij}", r"\frac{a}{b}", r"\alpha ", "(", ")"]),
    min_size=1,
    max_size=12,
).map("".join)


@given(FORMULAS, FORMULAS)
def test_it_is_in_range_and_goes_both_ways(one, other):
    there = value(one, other)

    assert 0.0 <= there <= 1.0
    assert value(other, one) == pytest.approx(there)
    assert value(one, one) == 1.0


@given(FORMULAS, st.integers(1, 5))
def test_what_is_added_to_the_right_formula_never_helps(formula, times):
    assert value(formula, formula + " z" * (times + 1)) < value(formula, formula + " z" * times) < 1
