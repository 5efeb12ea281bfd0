"""Figures are named by their points, in an order that counts as geometry has it."""

from __future__ import annotations

import pytest

from harmo import Sample
from harmo.scorers.rule.math import math
from harmo.scorers.rule.math.forms.figures import same_figure

ROWS = [
    ("\\angle ABC", "\\angle ABC", True, "itself"),
    ("\\angle ABC", "\\angle CBA", True, "from its other side"),
    ("\\angle ABC", "\\angle BCA", False, "at another corner"),
    ("\\angle ABC", "BCA", False, "the same without its sign"),
    ("\\angle ABC", "CBA", True, "its name alone"),
    ("\\vec{AB}", "\\vec{BA}", False, "the opposite direction"),
    ("\\overrightarrow{AB}", "\\vec{AB}", True, "another arrow"),
    ("\\overline{AB}", "\\overline{BA}", True, "a segment has no direction"),
    ("\\triangle ABC", "\\triangle BCA", True, "the same corners"),
    ("\\triangle ABC", "\\triangle ABD", False, "another corner"),
]


@pytest.mark.parametrize(("left", "right", "same", "why"), ROWS)
def test_a_figure_is_the_same_where_its_points_are(
    left: str, right: str, same: bool, why: str
) -> None:
    assert same_figure(left, right) is same, why
    assert same_figure(right, left) is same, why
    score = math(Sample(reference=left, completion=f"\\boxed{{{right}}}"))
    assert score.value == float(same), why


@pytest.mark.parametrize("text", ["ABC", "x", "", "\\angle 5", "\\vec{v}", "\\angle" + "A" * 99])
def test_what_names_no_figure_is_left_to_others(text: str) -> None:
    assert same_figure(text, text) is None
