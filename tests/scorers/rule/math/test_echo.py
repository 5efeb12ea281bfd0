"""What a completion copies from its prompt is no answer where another form is asked for."""

from __future__ import annotations

import pytest

from harmo import Sample
from harmo.scorers.rule.math.echo import echoes
from harmo.scorers.rule.math.side import read

ROWS = [
    ("Factor x^2+3x+2.", "(x+1)(x+2)", "x^2+3x+2", True, "in plain text"),
    ("Factor $x^2 + 3x + 2$.", "(x+1)(x+2)", "2+3x+x^2", True, "typeset, its terms turned round"),
    ("Factor $x^2+3x+2$.", "(x+1)(x+2)", "(x+2)(x+1)", False, "the reference's own form"),
    ("Factor $x^2+3x+2$.", "(x+1)(x+2)", "x^2+2x+x+2", True, "another sum for the product"),
    ("Factor $x^2+3x+2$.", "(x+1)(x+2)", "x(x+3)+2", True, "half of it factored"),
    ("Expand $(x+1)(x+2)$.", "x^2+3x+2", "-(x+1)(-x-2)", True, "another product for the sum"),
    ("Expand $(x+1)(x+2)$.", "x^2+3x+2", "x(x+3)+2", False, "a sum, as is due"),
    ("Simplify $\\frac{x^2-1}{x-1}$.", "x+1", "\\frac{2x^2-2}{2x-2}", True, "another quotient"),
    ("Simplify $\\frac{6x}{4}$.", "\\frac{3x}{2}", "1.5x", False, "of the reference's kind"),
    ("Expand (x+1)(x+2) + 0.", "x^2+3x+2", "(x+1)(x+2)", False, "a part of more"),
    ("What is it?", "(x+1)(x+2)", "x^2+3x+2", False, "not in the prompt"),
    ("Name x.", "y", "x", False, "a name alone is no formula"),
    ("Solve $x + 2 = 5$.", "x = 3", "3(x-1) = 6", True, "an equation still to be solved"),
    ("Solve $x + 2 = 5$.", "x = 3", "x = 1 + 2", False, "solved"),
    ("Which vertical line is it?", "x = 3", "x - 3 = 0", False, "no equation was to be solved"),
]


@pytest.mark.parametrize(("prompt", "reference", "answer", "echo", "why"), ROWS)
def test_an_echo_is_told_from_an_answer(
    prompt: str, reference: str, answer: str, echo: bool, why: str
) -> None:
    assert echoes(Sample(prompt=prompt), read(reference), read(answer)) is echo, why
