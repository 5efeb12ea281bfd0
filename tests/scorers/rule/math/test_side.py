"""One side's text, and all it may be read as."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.rule.math.finding import Form
from harmo.scorers.rule.math.side import MAX_CACHED_CHARS, as_tree, read

FORMS = [
    ("5", Form.NUMBER, "digits"),
    ("1/2", Form.NUMBER, "a fraction"),
    ("twenty-one", Form.NUMBER, "number words"),
    ("50%", Form.NUMBER, "a percentage"),
    ("5 cm", Form.QUANTITY, "a number with its unit"),
    ("\\$5", Form.QUANTITY, "a currency sign"),
    ("2\\pi\\text{ cm}", Form.QUANTITY, "an expression with one"),
    ("\\sqrt{2}", Form.EXPRESSION, "a root"),
    ("2x+1", Form.EXPRESSION, "symbols"),
    ("infinity", Form.EXPRESSION, "a symbol in words"),
    ("x = 5", Form.RELATION, "an equation"),
    ("1 < x < 2", Form.RELATION, "a chain"),
    ("(1, 2)", Form.TUPLE, "a pair"),
    ("[1, 2)", Form.TUPLE, "an interval"),
    ("\\{1, 2\\}", Form.SET, "braces"),
    ("(1, 2) \\cup \\{3\\}", Form.SET, "a union"),
    ("\\mathbb{R}", Form.SET, "a named set"),
    ("no solution", Form.SET, "one in words"),
    ("1, 2 and 3", Form.LIST, "no brackets"),
    ("\\begin{pmatrix}1\\end{pmatrix}", Form.MATRIX, "a matrix"),
    ("March 5, 2024", Form.DATE, "a date"),
    ("noon", Form.DATE, "a time of day"),
    ("Ca(OH)_2", Form.FORMULA, "chemistry"),
    ("isosceles", Form.WORDS, "a word"),
    ("\\unknown x dx", Form.OTHER, "LaTeX that the parser does not know"),
]


@pytest.mark.parametrize(("text", "form", "why"), FORMS, ids=[row[2] for row in FORMS])
def test_form(text, form, why):
    assert read(text).form is form, why


@pytest.mark.parametrize(
    ("text", "known", "why"),
    [
        ("5", True, "a number"),
        ("x+1", True, "an expression"),
        ("Paris", True, "words"),
        ("H_2O", True, "chemistry"),
        ("\\frac{", False, "broken LaTeX"),
        ("", False, "nothing"),
    ],
)
def test_known_sides_can_be_compared(text, known, why):
    assert read(text).known is known, why


@pytest.mark.parametrize(
    ("text", "listed", "why"),
    [
        ("1,234", True, "thousands may be two numbers"),
        ("6,8", True, "so may a decimal comma"),
        ("1234", False, "a number without a comma"),
        ("1, x", False, "a list that is no number"),
    ],
)
def test_number_that_may_be_a_list(text, listed, why):
    assert read(text).listed is listed, why


@pytest.mark.parametrize(
    ("text", "made", "why"),
    [
        ("1/2", "1/2", "a number"),
        ("2.5%", "(percent 5/2)", "a percentage keeps its sign"),
        ("x+1", "(add x 1)", "an expression"),
        ("5 cm", "5", "a quantity without its unit"),
        ("Paris", None, "words have none"),
    ],
)
def test_as_tree(shown, text, made, why):
    tree = as_tree(read(text))

    assert (None if tree is None else shown(tree)) == made, why


def test_percentage_keeps_the_places_it_was_written_with():
    tree = as_tree(read("2.50%"))

    assert (tree.args[0].value, tree.args[0].places) == (Fraction(5, 2), 2)


def test_short_texts_are_read_once():
    assert read("17.25") is read("17.25")
    assert read("9" * (MAX_CACHED_CHARS + 1)) is not read("9" * (MAX_CACHED_CHARS + 1))
