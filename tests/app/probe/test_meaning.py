"""Two answers differ only where that is sure."""

from __future__ import annotations

import pytest

from harmo.app.probe.meaning import differ, meaning

DIFFERENT = [
    ("7", "8", "numbers"),
    ("1234", "1235", "whole numbers are never rounded"),
    ("3.14", "3.24", "decimals"),
    ("\\frac{1}{2}", "1/3", "fractions"),
    ("x+1", "x+2", "formulas"),
    ("3\\pi", "3", "a formula and a number"),
    ("1e-9", "-1e-9", "e-notation"),
    ("5 cm", "6 cm", "the same unit"),
    ("A", "(B)", "letters"),
    ("Paris", "London", "words"),
    ("red", "7", "words and a number"),
    ("(1,2)", "(1,3)", "tuples"),
    ("\\{1,2\\}", "\\{1,2,3\\}", "sets"),
    ("(1,2)", "3", "a tuple and a number"),
    ("yes", "False", "opposite truths"),
    ("True", "7", "a truth and a number"),
    ("$7$", "\\boxed{8}", "whatever stands round them"),
]
SAME_OR_IN_DOUBT = [
    ("7", "7.0", "the same number"),
    ("1,000", "1000", "thousands"),
    ("0.5", "\\frac12", "a fraction"),
    ("50\\%", "0.5", "a percentage"),
    ("50", "0.5", "perhaps a percentage"),
    ("3.142", "3.1416", "one may be the other, rounded"),
    ("\\sqrt{4}", "2", "the value"),
    ("x+1", "1+x", "the order of terms"),
    ("x=3", "3", "an equation that names its value"),
    ("x", "y", "names of variables"),
    ("\\{1,2\\}", "\\{2,1\\}", "a set"),
    ("(1,2)", "(2,1)", "an order is asked for otherwise"),
    ("Yes", "true", "the same truth"),
    ("1", "True", "a truth as a number"),
    ("seven", "7", "a number in words"),
    ("nothing", "0", "another"),
    ("the red car", "a red car", "words in common"),
    ("A", "(A).", "the same letter"),
    ("B", "7", "an option's text may be 7"),
    ("5 m", "500 cm", "units convert"),
    ("1 m^2", "1", "a missing unit is the question's"),
    ("(C) 18", "(C) 19", "a letter and a text"),
    ("2H_2O", "7", "it is not read"),
    ("\\emptyset", "0", "it is not read"),
    ("", "", "nothing"),
]


@pytest.mark.parametrize(("one", "other", "why"), DIFFERENT)
def test_surely_different(one: str, other: str, why: str) -> None:
    assert differ(meaning(one), meaning(other)), why
    assert differ(meaning(other), meaning(one)), why


@pytest.mark.parametrize(("one", "other", "why"), SAME_OR_IN_DOUBT)
def test_not_surely_different(one: str, other: str, why: str) -> None:
    assert not differ(meaning(one), meaning(other)), why
    assert not differ(meaning(other), meaning(one)), why
