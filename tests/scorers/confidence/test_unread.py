"""Words that nothing read: what puts a verdict in doubt."""

import pytest

from harmo.scorers.confidence.calibration import kind_of
from harmo.scorers.confidence.unread import has_unread
from harmo.scorers.confidence.verdict import Pair, verdict
from tests.growth import growth

SIDES = [
    ({"answer": "x^2+1"}, False, "symbols"),
    ({"answer": "\\frac{1}{2}\\sqrt{3}"}, False, "commands are no words"),
    ({"answer": "\\sin x + log 2 \\bmod 7"}, False, "nor are functions"),
    ({"answer": "\\begin{pmatrix}1\\\\2\\end{pmatrix}"}, False, "nor are environments"),
    ({"answer": "ab + cd"}, False, "nor are products"),
    ({"answer": "2x \\text{ for all } x"}, True, "words beside an expression"),
    ({"reference": "x > 3 where x is real"}, True, "in the reference"),
    ({"answer": "x = 3, если x > 0"}, True, "in any script"),
    ({"answer": "@@", "answer_form": "other"}, True, "a form that the parser does not know"),
    ({"answer": "7 miles", "settled_by": "quantity"}, False, "a unit is read"),
    ({"answer": "isosceles", "settled_by": "words"}, False, "so are words"),
    ({"answer": "7 miles", "settled_by": None}, False, "a rule that does not say"),
]


@pytest.mark.parametrize(("detail", "unread", "why"), SIDES)
def test_words_are_left_or_not(detail, unread, why):
    assert has_unread({"settled_by": "evaluation", **detail}) is unread, why


def test_a_verdict_with_unread_words_says_so_and_is_of_a_kind_of_its_own():
    told = verdict("rule.math", 0.0, Pair.EXPR_EXPR, answer="2 per cow", settled_by="evaluation")
    plain = verdict("rule.math", 0.0, Pair.EXPR_EXPR, answer="2", settled_by="evaluation")
    assert told.detail["unread"] is True
    assert "unread" not in plain.detail
    assert kind_of(told.detail) == "expr-expr/unread:evaluation"
    assert told.confidence <= plain.confidence


@pytest.mark.parametrize("piece", ["\\begin{", "ab\\", "é", "\\text"])
def test_looking_for_words_takes_time_in_proportion_at_most(piece):
    def look(answer):
        has_unread({"settled_by": "evaluation", "answer": answer})

    assert not growth(
        look, lambda chars: piece * (chars // len(piece)), 200_000, floor_s=1e-3
    ).steep
