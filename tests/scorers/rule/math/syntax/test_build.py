"""Small trees from smaller ones."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.rule.math.syntax import build
from harmo.scorers.rule.math.syntax.lex import Token, UnreadableError
from harmo.scorers.rule.math.syntax.tree import Num, Op, Rel, Seq, Sym

ONE, TWO = build.decimal("1"), build.decimal("2")
X = Sym("x")


@pytest.mark.parametrize(
    ("text", "value", "places", "why"),
    [
        ("12", Fraction(12), None, "a whole number has no places"),
        ("1.50", Fraction(3, 2), 2, "zeros at the end count as places"),
        (".5", Fraction(1, 2), 1, "no zero before the point"),
        ("007", Fraction(7), None, "zeros before the number"),
    ],
)
def test_decimals(text, value, places, why):
    number = build.decimal(text)

    assert (number.value, number.places, number.text) == (value, places, text), why


def test_number_of_too_many_digits_is_refused():
    with pytest.raises(UnreadableError, match="digits"):
        build.decimal("1" * (build.MAX_DIGITS + 1))


@pytest.mark.parametrize(
    ("rows", "size", "why"),
    [
        ([(ONE, TWO), (TWO, ONE)], (2, 2), "two rows"),
        ([(ONE,), ()], (1, 1), "an empty row at the end"),
    ],
)
def test_matrices(rows, size, why):
    made = build.matrix(rows)

    assert (len(made.rows), len(made.rows[0])) == size, why


@pytest.mark.parametrize("rows", [[(ONE,), (ONE, TWO)], [()], []])
def test_ragged_matrix_is_refused(rows):
    with pytest.raises(UnreadableError, match="ragged"):
        build.matrix(rows)


def test_negative_numbers_are_numbers():
    assert build.negated(TWO) == Num(Fraction(-2), None, "-2")
    assert build.negated(X) == Op("neg", (X,))


def test_factors_multiply_from_the_left():
    assert build.product([ONE, TWO, X]) == Op("mul", (Op("mul", (ONE, TWO)), X))


@pytest.mark.parametrize(
    ("top", "bottom", "text", "mixed", "why"),
    [
        ("1", "2", "frac", True, "1 over 2"),
        ("3", "2", "frac", False, "above one"),
        ("0", "2", "frac", False, "zero"),
        ("0.5", "2", "frac", False, "a decimal within"),
        ("1", "2", "(", False, "a quotient that was no frac"),
    ],
)
def test_proper_fraction_ends_a_mixed_number(top, bottom, text, mixed, why):
    node = Op("div", (build.decimal(top), build.decimal(bottom)))

    assert build.proper(node, Token("command", text)) is mixed, why


@pytest.mark.parametrize(
    ("opening", "closing", "items", "made", "why"),
    [
        ("(", ")", [X], X, "brackets around one item only group"),
        ("(", ")", [ONE, TWO], Seq((ONE, TWO), "(", ")"), "a pair"),
        ("(", "]", [ONE, TWO], Seq((ONE, TWO), "(", "]"), "a half-open interval"),
        ("{", "}", [ONE, TWO], Seq((ONE, TWO)), "plain braces only group"),
        ("\\{", "\\}", [ONE], Seq((ONE,), "{", "}"), "a set of one"),
        ("\\{", "\\}", [], Sym("emptyset"), "the empty set"),
        ("\\{", "\\}", [Rel((X, ONE), (">",))], Rel((X, ONE), (">",)), "a set by its condition"),
        ("floor", "floor", [X], Op("floor", (X,)), "a floor"),
    ],
)
def test_brackets(opening, closing, items, made, why):
    assert build.bracketed(opening, closing, items) == made, why


@pytest.mark.parametrize(
    ("opening", "closing", "items", "why"),
    [
        ("(", "}", [ONE], "a brace closes no bracket"),
        ("{", ")", [ONE], "nor the other way round"),
        ("floor", "ceil", [ONE], "floor and ceiling"),
        ("floor", "floor", [ONE, TWO], "a floor of two"),
        ("(", ")", [], "nothing in brackets"),
    ],
)
def test_brackets_that_do_not_fit_are_refused(opening, closing, items, why):
    with pytest.raises(UnreadableError):
        build.bracketed(opening, closing, items)
