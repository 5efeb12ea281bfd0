"""Two expressions: one number or function, or not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.rule.math.equality.scalars import close, points, same_scalar
from harmo.scorers.rule.math.equality.values import context

ROWS = [
    ("1/2", "2/4", True, "a fraction cancelled"),
    ("\\sqrt{8}", "2\\sqrt{2}", True, "a root simplified"),
    ("\\sqrt{8}", "2\\sqrt{3}", False, "another root"),
    ("(x+1)^2", "x^2+2x+1", True, "a product expanded"),
    ("(x+1)^2", "x^2+1", False, "another polynomial"),
    ("\\sin^2 x + \\cos^2 x", "1", True, "an identity"),
    ("x", "y", False, "another symbol"),
    ("|x|", "x", False, "absolute values are tried on negative numbers"),
    ("\\ln x^2", "2\\ln x", True, "a logarithm, where both sides are real"),
    ("x", "\\sqrt{x^2}", False, "so are roots of squares"),
    ("x", "(x^2)^{1/2}", False, "and powers"),
    ("|x|", "\\sqrt{x^2}", True, "which is the absolute value"),
    ("2x\\sqrt{2x}", "\\sqrt{8x^3}", True, "a root that is real on positive numbers only"),
    ("\\sqrt{ab}", "\\sqrt{a}\\sqrt{b}", True, "two of them"),
    ("\\sqrt[3]{x}", "x^{1/3}", True, "a root with no one branch"),
    ("\\max(a, b)", "b", False, "no letter is always the larger one"),
    ("\\max(a, b, c)", "\\max(a, c)", False, "nor always between the others"),
    ("\\max(a, b)", "\\frac{a+b+|a-b|}{2}", True, "the larger of two"),
    ("f(x)", "f(y)", False, "an unknown function of something else"),
    ("\\pi", "3.142", True, "a decimal rounds the exact number"),
    ("n!", "\\prod_{k=1}^{n} k", True, "what has ends is tried at whole numbers"),
    ("\\frac{n(n+1)}{2}", "\\sum_{k=1}^{n} k^2", False, "another sum"),
    ("\\pi", "3.15", False, "rounded wrongly"),
    ("\\pi", "3.14", False, "three digits are too few for an answer"),
    ("3.1", "\\pi", True, "and enough for a reference"),
    ("3.14", "\\pi + \\frac{i}{1000}", False, "a complex number rounds to no decimal"),
    ("3", "\\pi", False, "a whole number rounds nothing"),
    ("2.999", "3", False, "and is not rounded"),
    ("1.2345", "1.23451", True, "a decimal of fewer places"),
    ("1.234", "1.2341", False, "too few of them"),
    ("0", "\\sin \\pi", True, "zero up to rounding"),
    ("0", "10^{-30}", False, "a small number"),
    ("0", "e^{-100}", False, "a small inexact one"),
    ("12^{10^7}", "12^{10^7}+1", None, "beyond our digits"),
    ("10^{10^{20}}", "5", None, "no value within our bounds"),
    ("\\arcsin x", "\\arcsin x", True, "complex values are compared as well"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "why"), ROWS, ids=[row[3] for row in ROWS]
)
def test_same_scalar(tree, fuel, reference, answer, equal, why):
    assert same_scalar(tree(reference), tree(answer), fuel) is equal, why


@pytest.mark.parametrize(
    ("left", "right", "near", "why"),
    [
        (Fraction(1, 3), Fraction(1, 3), True, "exact ones"),
        (Fraction(1), Fraction(10**30 + 1, 10**30), False, "exact ones that differ anywhere"),
        (context.mpf(1), 1 + context.mpf(10) ** -30, True, "inexact ones beyond 25 digits"),
        (context.mpf(1), 1 + context.mpf(10) ** -20, False, "within them"),
        (context.mpf(10) ** -50, context.mpf(10) ** -51, False, "relative, not absolute"),
        (context.inf, context.mpf(1), None, "an infinity"),
    ],
)
def test_close(left, right, near, why):
    assert close(left, right) is near, why


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_every_letter_is_the_largest_and_the_smallest_somewhere(count):
    names = list("abcdef"[:count])
    tried = list(points(names, negative=True))

    assert {max(names, key=point.__getitem__) for point in tried} == set(names)
    assert {min(names, key=point.__getitem__) for point in tried} == set(names)


def test_points_are_fixed_and_their_coordinates_differ():
    tried = list(points(["x", "y"], negative=True))

    assert tried == list(points(["x", "y"], negative=True))
    assert all(point["x"] != point["y"] for point in tried)
    assert sum(point["x"] < 0 for point in tried) == 1
    assert sum(point["y"] < 0 for point in tried) == 2
    assert len(list(points(["x"]))) == 4
