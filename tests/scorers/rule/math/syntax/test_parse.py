"""Text to tree: what binds how strongly."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import MAX_HEIGHT, parse

ROWS = [
    ("1 + 2*3", "(add 1 (mul 2 3))", "a product binds more than a sum"),
    ("1 - 2 - 3", "(add 1 -2 -3)", "a difference is a sum of negatives"),
    ("-x^2", "(neg (pow x 2))", "a power binds more than a sign"),
    ("2^{-1}", "(pow 2 -1)", "a negative exponent"),
    ("2^3^2", "(pow 2 (pow 3 2))", "powers group from the right"),
    ("8/4/2", "(div (div 8 4) 2)", "quotients from the left"),
    ("3 \\times -2", "(mul 3 -2)", "a sign after an operator"),
    ("7 \\bmod 4", "(mod 7 4)", "a remainder"),
    ("2xy", "(mul (mul 2 x) y)", "factors side by side"),
    ("1\\frac{1}{2}", "(add 1 (div 1 2))", "a mixed number"),
    ("2\\frac{3}{2}", "(mul 2 (div 3 2))", "no mixed number: a product"),
    ("A(1, 2)", "(1, 2)", "a named point is its coordinates"),
    ("2^{3}3^{5}", "(mul (pow 2 3) (pow 3 5))", "powers side by side"),
    ("a \\mid b", "a mid b", "what divides"),
    ("p \\to q", "p to q", "an arrow"),
    ("p \\land q", "(land p q)", "logic"),
    ("x=1 \\lor x=2", "<x = 1, x = 2>", "but solutions are a list"),
    ("n!", "(factorial n)", "a sign behind"),
    ("50%", "(percent 50)", "a percentage"),
    ("30^\\circ", "(degree 30)", "degrees"),
    ("1:2:3", "(ratio 1 2 3)", "a ratio"),
    ("x = 1", "x = 1", "an equation"),
    ("1 < x \\le 2", "1 < x <= 2", "a chain"),
    ("A \\cup B \\cap C", "(cap (cup A B) C)", "sets from the left"),
    ("1, 2 and 3", "<1, 2, 3>", "a list"),
    ("1 \\pm 2", "<(add 1 2), (add 1 -2)>", "a plus-minus is two"),
    ("\\mp 2", "<-2, 2>", "a minus-plus is two the other way round"),
    ("(1 \\pm 2)(3 \\mp 4)",
     "<(mul (add 1 2) (add 3 -4)), (mul (add 1 -2) (add 3 4))>", "signs go together"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "made", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_tree(tree, shown, text, made, why):
    assert shown(tree(text)) == made, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("1 2", "two numbers side by side"),
        ("1 +", "an operation that lacks a side"),
        ("(1", "a bracket that stays open"),
        ("1)", "one that closes nothing"),
        ("\\heartsuit", "an unknown command"),
        ("the area", "words"),
        ("x = ", "half an equation"),
        ("+".join("x" for _ in range(2)) + "^" + "{" * 60 + "2" + "}" * 60, "too deep"),
    ],
)
def test_no_expression_is_refused(text, why):
    with pytest.raises(UnreadableError):
        parse(text)


def test_tree_that_is_too_high_is_refused():
    with pytest.raises(UnreadableError, match="higher"):
        parse("*".join("x" * (MAX_HEIGHT + 1)))
    assert parse("*".join("x" * (MAX_HEIGHT - 1)))


def test_thousands_may_be_two_numbers(shown):
    assert shown(parse("1,234")) == "1234"
    assert shown(parse("1,234", thousands=False)) == "<1, 234>"
