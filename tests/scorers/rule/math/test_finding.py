"""A detail says what settled the verdict, and in which form each side was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmo.scorers.rule.math import inline, math
from harmo.scorers.rule.math.finding import Form, SettledBy
from harmo.scorers.types import Sample, Score

PROMPT = "What is 51 * 99?"
LONG = "x+" * 600 + "x"
ROWS = [
    ("21", "<answer>21</answer>", "number", "number", "number", "digits"),
    ("21", "twenty-one", "number", "number", "number", "number words"),
    ("5 cm", "\\boxed{5}", "number", "quantity", "number", "a unit left out"),
    ("5 m", "\\boxed{500 cm}", "quantity", "quantity", "quantity", "units converted"),
    ("\\pi m", "\\boxed{\\pi m}", "same_text", "quantity", "quantity", "the same text"),
    ("March 5, 2024", "2024-03-05", "date", "date", "date", "a date"),
    ("2024-03-05", "3/5/2024", "date", "date", "date", "one that might be a quotient"),
    ("H_2O", "\\boxed{CO_2}", "formula", "formula", "formula", "chemistry"),
    ("Cl^-", "\\boxed{Cl}", "formula", "formula", "formula", "an element"),
    ("Paris", "\\boxed{London}", "words", "words", "words", "words"),
    ("Paris", "\\boxed{5}", "words", "words", "number", "a number for words"),
    ("x = 5", "\\boxed{5}", "relation", "relation", "number", "a name left out"),
    ("x > 2", "\\boxed{(2, \\infty)}", "relation", "relation", "tuple", "an interval"),
    ("\\{1,2\\}", "\\boxed{(1,2)}", "structure", "set", "tuple", "a pair for a set"),
    ("1,234", "\\boxed{1, 234}", "structure", "list", "list", "thousands read as a list"),
    ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\boxed{(1,2)}", "structure", "matrix", "tuple",
     "a column"),
    ("\\sqrt{8}", "\\boxed{2\\sqrt{2}}", "evaluation", "expression", "expression", "two roots"),
    ("\\sqrt{2}", "\\boxed{1.41421}", "evaluation", "expression", "number", "a root rounded"),
    ("e^x e^y = 5", "\\boxed{x + y = \\ln 5}", "symbolic", "relation", "relation",
     "equations that no line solves are for Math-Verify"),
    ("\\frac{x^2}{2}", "\\boxed{\\int_0^x t dt}", "screen", "expression", "expression",
     "an integral is not worked out"),
    ("C", "\\boxed{C}", "option", "option", "option", "a letter"),
    ("C", "\\boxed{12}", "option", "option", "number", "no letter"),
    ("5", "\\boxed{9^{9^{9^{9}}}}", "screen", "number", "expression", "a tower"),
    ("5", f"\\boxed{{{LONG}}}", "screen", "number", "too_long", "an endless answer"),
    ("5", "\\boxed{4}\\boxed{6}", "conflict", "number", "several", "different boxes"),
    ("5049", "\\boxed{99 \\cdot 51}", "unevaluated", "number", "expression", "the question again"),
    ("5", "", "no_answer", "number", "none", "nothing"),
    ("5", "\\boxed{}", "no_answer", "number", "none", "an empty box"),
    ("x+1", "<answer>\\</answer>", "undecided", "expression", "other", "nothing that anyone reads"),
]  # fmt: skip


def scored(reference: str, completion: str) -> Score:
    sample = Sample(prompt=PROMPT, reference=reference, completion=completion)
    return inline(sample, evaluated=True) or math(sample, evaluated=True)


@pytest.mark.parametrize(
    ("reference", "completion", "settled_by", "reference_form", "answer_form", "why"),
    ROWS,
    ids=[row[5] for row in ROWS],
)
def test_detail(reference, completion, settled_by, reference_form, answer_form, why):
    detail = scored(reference, completion).detail

    assert detail["settled_by"] == settled_by, why
    assert (detail["reference_form"], detail["answer_form"]) == (reference_form, answer_form), why


def test_every_word_has_a_row():
    assert {row[2] for row in ROWS} == set(SettledBy)
    assert {form for row in ROWS for form in row[3:5]} == set(Form)


def test_every_word_is_explained():
    page = (Path(__file__).parents[4] / "docs" / "verification.md").read_text(encoding="utf-8")

    assert [word for word in (*SettledBy, *Form) if f"`{word}`" not in page] == []


def test_worker_says_the_same_as_the_service():
    for reference, completion, *_ in ROWS:
        sample = Sample(prompt=PROMPT, reference=reference, completion=completion)
        quick = inline(sample, evaluated=True)
        assert quick is None or quick == math(sample, evaluated=True)
