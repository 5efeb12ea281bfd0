"""A place among tokens: what is next, what may be taken, how far down."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.syntax.cursor import MAX_DEPTH, MAX_STEPS, Cursor
from harmo.scorers.rule.math.syntax.lex import UnreadableError, tokenize


def cursor(text: str) -> Cursor:
    return Cursor(tokenize(text))


def test_peeking_takes_nothing_and_the_end_is_a_token():
    at = cursor("x")

    assert (at.peek().text, at.peek().text, at.next().text) == ("x", "x", "x")
    assert (at.peek().kind, at.next().kind) == ("end", "end")


@pytest.mark.parametrize(
    ("text", "kind", "wanted", "taken", "why"),
    [
        ("+", "op", None, True, "any operator"),
        ("+", "op", "+", True, "this one"),
        ("-", "op", "+", False, "another one"),
        ("5", "op", None, False, "another kind"),
        ("", "op", None, False, "the end"),
    ],
)
def test_accepting_takes_what_fits(text, kind, wanted, taken, why):
    at = cursor(text)

    assert at.accept(kind, wanted) is taken, why
    assert at.at == int(taken), why


def test_what_was_expected_is_named():
    with pytest.raises(UnreadableError, match="expected close, got 'x'"):
        cursor("x").expect("close")


@pytest.mark.parametrize(
    ("text", "left", "why"),
    [
        ("\\circ x", "x", "bare"),
        ("{\\circ} x", "x", "in braces"),
        ("{\\circ + 1}", "{", "with more in the braces"),
        ("2", "2", "a number"),
    ],
)
def test_degree_sign_of_an_exponent(text, left, why):
    at = cursor(text)

    assert at.degree_sign() is (left == "x"), why
    assert at.peek().text == left, why


@pytest.mark.parametrize(
    ("text", "subscript", "why"),
    [
        ("1", "1", "a digit"),
        ("n", "n", "a letter"),
        ("{max}", "max", "a word in braces"),
        ("{i,j}", "i,j", "several in braces"),
    ],
)
def test_subscripts(text, subscript, why):
    assert cursor(text).subscript() == subscript, why


@pytest.mark.parametrize("text", ["+", "(1)", ""])
def test_no_other_token_is_a_subscript(text):
    with pytest.raises(UnreadableError, match="subscript"):
        cursor(text).subscript()


def test_depth_is_bounded():
    at = cursor("")
    at.depth = MAX_DEPTH

    with pytest.raises(UnreadableError, match="nested"):
        at.deeper()


def test_steps_are_bounded():
    at = cursor("")
    at.steps = MAX_STEPS

    with pytest.raises(UnreadableError, match="steps"):
        at.deeper()
