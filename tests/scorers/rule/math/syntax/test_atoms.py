"""What stands between operators."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import parse

ROWS = [
    ("1,234", "1234", "thousands are one number"),
    ("101_2", "(based 101 2)", "a number in another base"),
    ("x_1'", "x_1'", "a name with subscript and prime"),
    ("f(x, 2)", "(call f x 2)", "an unknown function"),
    ("x(2)", "(mul x 2)", "other letters multiply"),
    ("\\sin x", "(sin x)", "a function without brackets"),
    ("\\sin 2x", "(sin (mul 2 x))", "takes all factors behind it"),
    ("\\sin^2 x", "(pow (sin x) 2)", "a power of a function"),
    ("\\sin^{-1} x", "(arcsin x)", "its inverse"),
    ("asin(x)", "(arcsin x)", "by its name in programs"),
    ("\\log_2 8", "(log 8 2)", "a logarithm with its base"),
    ("lg 100", "(log10 100)", "one to base ten"),
    ("\\max(1, 2)", "(max 1 2)", "several arguments"),
    ("\\frac12", "(div 1 2)", "a fraction of single digits"),
    ("\\frac{1}{2}", "(div 1 2)", "one in braces"),
    ("\\binom{5}{2}", "(binom 5 2)", "a binomial"),
    ("\\sqrt{2}", "(sqrt 2)", "a root"),
    ("\\sqrt[3]{2}", "(root 2 3)", "one with its index"),
    ("\\mathbb{R}", "reals", "a set of numbers"),
    ("\\boxed{5}", "5", "a command that only marks"),
    ("|x - 1|", "(abs (add x -1))", "an absolute value"),
    ("\\lfloor 2.5 \\rfloor", "(floor 5/2)", "a floor"),
    ("\\{x : x > 1\\}", "x > 1", "a set by its condition"),
    ("\\{x | x > 1\\}", "x > 1", "the same with a bar"),
    ("\\{x : x > 1, x < 2\\}", "<x > 1, x < 2>", "a set by two"),
    ("\\sum_{k=1}^{n} k", "(sum #1 1 n #1)", "a sum, its letter its own"),
    ("\\int_0^1 x", "(int^_ 1 0 x)", "an integral is not worked out"),
    ("\\operatorname{ord}_{3}(x)", "(call ord x 3)", "an operator by its name"),
    ("\\dot{x}", "(call dot x)", "a derivative by its mark"),
    ("3F2_{16}", "(based 0 16)", "digits that are letters"),
    ("f^{-1}(x)", "(call f^-1 x)", "an inverse function"),
    ("\\begin{cases} x=1 \\\\ y=2 \\end{cases}", "<x = 1, y = 2>", "a system is a list"),
    ("\\begin{cases} 1, & \\text{if } x>0 \\\\ 2 & x<0 \\end{cases}",
     "(cases <1, x > 0> <2, x < 0>)", "a function by pieces"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "|1 2; 3 4|", "a matrix"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "made", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_atom(shown, text, made, why):
    assert shown(parse(text)) == made, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\\begin{tabular}1\\end{tabular}", "another environment"),
        ("\\begin{pmatrix}1", "a matrix without end"),
        ("\\begin{pmatrix}1\\\\2&3\\end{pmatrix}", "rows of two lengths"),
        ("|x", "an open absolute value"),
        ("\\mathbb{K}", "an unknown set"),
        ("\\{x : 1 = 1\\}", "a condition on nothing"),
        ("\\operatorname{tr}", "an operator without what it is of"),
        ("\\begin{cases} 1 & 2 & 3 \\end{cases}", "cases of three cells"),
        ("\\frac1,234", "a digit, and then a comma before digits"),
    ],
)
def test_what_is_no_atom_is_refused(text, why):
    with pytest.raises(UnreadableError):
        parse(text)
