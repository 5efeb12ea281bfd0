"""What is glued to a box."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.boxes import placed
from harmo.scorers.reading.around.glue import glued
from harmo.scorers.reading.around.stance import Stance

CLAIMED, BOUNDED, DOUBTED, DENIED = Stance


@pytest.mark.parametrize(
    ("text", "prefix", "suffix", "stance", "why"),
    [
        ("\\boxed{7}", "", "", CLAIMED, "nothing"),
        ("-\\boxed{7}", "-", "", CLAIMED, "a sign"),
        ("- \\boxed{7}", "", "", CLAIMED, "a bullet"),
        ("is - \\boxed{7}", "", "", CLAIMED, "a dash"),
        ("x = - \\boxed{7}", "-", "", CLAIMED, "a sign with a blank"),
        ("10 - \\boxed{7}", "", "", DOUBTED, "a difference"),
        ("2\\boxed{7}", "", "", DOUBTED, "a product"),
        ("Step 2: \\boxed{7}", "", "", CLAIMED, "a number of prose"),
        ("\\boxed{7}^2", "", "", DOUBTED, "a power"),
        ("\\boxed{7}^\\circ", "", "^\\circ", CLAIMED, "degrees"),
        ("\\boxed{11}_2", "", "_2", CLAIMED, "a base"),
        ("\\sqrt{\\boxed{7}}", "", "", DOUBTED, "a root"),
        ("\\textbf{\\boxed{7}}", "", "", CLAIMED, "bold"),
        ("\\unknown{\\boxed{7}}", "", "", DOUBTED, "who knows"),
        ("f(\\boxed{7})", "", "", DOUBTED, "an argument"),
        ("(\\boxed{7})", "", "", CLAIMED, "brackets"),
        ("$x > \\boxed{7}$", "x > ", "", CLAIMED, "the inequality is said"),
        ("$x \\le \\boxed{7}$", "x \\le ", "", BOUNDED, "a bound"),
        ("$x \\not= \\boxed{7}$", "", "", DENIED, "unequal"),
        ("$\\boxed{7}!$", "", "", DOUBTED, "a factorial"),
        ("\\boxed{7}!", "", "", CLAIMED, "an exclamation"),
        ("\\boxed{7}, 8", "", "", DOUBTED, "a list"),
        ("\\boxed{7} cm", "", "", CLAIMED, "a unit"),
        ("\\boxed{7}x", "", "", DOUBTED, "a variable"),
        ("\\boxed{7}\n8", "", "", CLAIMED, "another line"),
    ],
)
def test_glued(text, prefix, suffix, stance, why):
    box = placed(text).boxes[0]
    found = glued(text, box.start, box.end, box.braces)

    assert (found.prefix, found.suffix, found.stance) == (prefix, suffix, stance), why
