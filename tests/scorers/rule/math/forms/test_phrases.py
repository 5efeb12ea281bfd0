"""Words that have a symbol, and formulas of chemistry."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.forms.phrases import SYMBOLS, chemical_formula, reaction, worded
from harmo.scorers.rule.math.syntax.clean import clean


@pytest.mark.parametrize(
    ("text", "sides", "why"),
    [
        ("2H_2 + O_2 \\rightarrow 2H_2O", ({"2H2", "O2"}, {"2H2O"}), "an arrow"),
        ("2H2 + O2 -> 2H2O", ({"2H2", "O2"}, {"2H2O"}), "one of signs"),
        ("p \\rightarrow q", None, "logic"),
        ("H_2O", None, "no arrow"),
        ("A \\to B \\to C", None, "two arrows"),
    ],
)
def test_reaction(text, sides, why):
    found = reaction(clean(text))

    assert (found and tuple(map(set, found))) == sides, why


@pytest.mark.parametrize(
    ("text", "formula", "why"),
    [
        ("H_2O", "H2O", "a subscript"),
        ("\\text{H}_2\\text{O}", "H2O", "in text commands"),
        ("\\ce{CO2}", "CO2", "in chemists' LaTeX"),
        ("NH_4^+", "NH4+", "a charge"),
        ("SO_4^{2-}", "SO42-", "a charge of two"),
        ("SO_4^{-2}", "SO42-", "with its sign first"),
        ("Ca(OH)_2", "Ca(OH)2", "a group"),
        ("CuSO_4 \\cdot 5H_2O", "CuSO4*5H2O", "water of crystals"),
        ("Cl", None, "without digit or charge it may be a word"),
        ("x^2", None, "no element is written small"),
        ("42", None, "a number"),
        ("A" * 60 + "2", None, "too long"),
    ],
)
def test_chemical_formula(text, formula, why):
    assert chemical_formula(clean(text)) == formula, why


def test_element_is_a_formula_on_request():
    assert chemical_formula("Cl", element=True) == "Cl"
    assert chemical_formula("chlorine", element=True) is None


@pytest.mark.parametrize(
    ("words", "usual", "why"),
    [
        ("dne", "does not exist", "an abbreviation"),
        ("tues", "tuesday", "a day of the week"),
        ("monday", "monday", "the usual word already"),
    ],
)
def test_worded(words, usual, why):
    assert worded(words) == usual, why


@pytest.mark.parametrize(
    ("phrase", "symbol"),
    [
        ("negative infinity", "-\\infty"),
        ("no solution", "\\emptyset"),
        ("all reals", "\\mathbb{R}"),
    ],
)
def test_phrases_have_symbols(phrase, symbol):
    assert SYMBOLS[phrase] == symbol
