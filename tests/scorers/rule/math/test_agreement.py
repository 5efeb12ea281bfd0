"""What Math-Verify says counts where our own reading bears it out, and nowhere else."""

from __future__ import annotations

import pytest

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math import math, symbolic
from harmo.scorers.rule.math.agreement import borne_out, settle
from harmo.scorers.rule.math.side import read
from harmo.scorers.types import Sample

ROWS = [
    ("e^x e^y = 5", "x + y = \\ln 5", True, Pair.SYMBOLIC, "equations with the same zeros"),
    ("e^x e^y = 5", "x + y = \\ln 6", False, Pair.UNSETTLED, "with others"),
    ("e^x e^y = 5", "1 = 1", False, Pair.UNSETTLED, "another kind of thing"),
    ("e^x e^y = 5", "5", False, Pair.UNSETTLED, "a number"),
    ("\\unknown x", "\\unknown y", False, Pair.UNSETTLED, "what nothing here reads"),
    ("5", "4 \\unknown 5", False, Pair.UNSETTLED, "an answer that nothing here reads"),
    ("5", "9^{9^{9}}", False, Pair.SCREENED, "an answer too large"),
    ("5 m", "500 cm", True, Pair.QUANTITY, "quantities are converted"),
]


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "pair", "why"), ROWS, ids=[row[4] for row in ROWS]
)
def test_settle(fuel, reference, answer, equal, pair, why):
    found = settle(read(reference), read(answer), fuel)

    assert (found.equal, found.pair) == (equal, pair), why


def test_the_word_of_math_verify_alone_makes_nothing_equal(fuel, monkeypatch):
    monkeypatch.setattr(symbolic, "equivalent", lambda *_: True)

    for answer in ("1 = 1", "x = x", "\\{\\}", "y = 2x + 4", "2y = x", "41 \\unknown 42", "(x, y)"):
        assert settle(read("y = x^2 + 3"), read(answer), fuel).equal is False, answer


def test_what_an_answer_makes_math_verify_raise_is_wrong_and_named(monkeypatch):
    def fails(*_: object) -> bool:
        raise RecursionError

    monkeypatch.setattr(symbolic, "equivalent", fails)
    score, own = (
        math(Sample(reference="e^x e^y = 5", completion=f"\\boxed{{{answer}}}"))
        for answer in ("x + y = \\ln 5", "e^x e^y = 5")
    )

    assert (score.value, score.detail["fault"]) == (0.0, "RecursionError")
    assert own.value == 1.0


@pytest.mark.parametrize(
    ("left", "right", "agree", "why"),
    [
        ("x", "x + 0y", False, "other symbols"),
        ("x^2", "x \\cdot x", True, "the same function"),
        ("x^2", "x^2 + 1", False, "another"),
        ("(x, 1)", "(x, 2/2)", True, "items that agree"),
        ("(x, 1)", "[x, 1]", False, "other brackets"),
        ("(x, 1)", "(x, 1, 2)", False, "other lengths"),
        ("x > 1", "x > 1", False, "no equation"),
    ],
)
def test_borne_out(tree, fuel, left, right, agree, why):
    assert borne_out(tree(left), tree(right), fuel) is agree, why
