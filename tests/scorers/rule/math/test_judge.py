"""One reference against one answer: what is tried, in which order."""

from __future__ import annotations

import pytest

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math.finding import SettledBy
from harmo.scorers.rule.math.judge import converted, judge
from harmo.scorers.rule.math.side import read

ROWS = [
    ("5", "5.0", True, Pair.DECIMAL, SettledBy.NUMBER, "numbers before texts"),
    ("1/2", "0.5", True, Pair.DECIMAL, SettledBy.NUMBER, "a decimal"),
    ("28%", "28", True, Pair.PERCENT, SettledBy.NUMBER, "the sign left out"),
    ("28", "28%", False, Pair.PERCENT, SettledBy.NUMBER, "a sign where none belongs"),
    ("28%", "28 cm", False, Pair.PERCENT, SettledBy.NUMBER, "a unit for the sign"),
    ("5", "5 cm", True, Pair.QUANTITY, SettledBy.NUMBER, "a unit on one side"),
    ("5 m", "5 cm", None, Pair.QUANTITY, SettledBy.QUANTITY, "units that a worker converts"),
    ("5\\pi m", "5\\pi\\text{ meters}", None, Pair.QUANTITY, SettledBy.QUANTITY,
     "an abbreviation, too"),
    ("\\pi m", "2\\pi m", False, Pair.QUANTITY, SettledBy.QUANTITY, "one unit, other numbers"),
    ("1,234", "1, 234", True, Pair.STRUCT_STRUCT, SettledBy.STRUCTURE, "thousands beside a list"),
    ("\\text{cm}", "cm", True, Pair.SAME_TEXT, SettledBy.SAME_TEXT, "typesetting"),
    ("\\int x", "\\int  x", True, Pair.SAME_TEXT, SettledBy.SAME_TEXT, "the same unknown LaTeX"),
    ("noon", "12:00", True, Pair.TEMPORAL, SettledBy.DATE, "times before words"),
    ("H_2O", "CO_2", False, Pair.WORD_WORD, SettledBy.FORMULA, "chemistry"),
    ("Paris", "London", False, Pair.PHRASE, SettledBy.WORDS, "words"),
    ("Paris", "The Paris!", True, Pair.PHRASE, SettledBy.WORDS, "articles and punctuation"),
    ("Paris", "5", False, Pair.NUM_WORD, SettledBy.WORDS, "a number for words"),
    ("5", "\\unknown x = 3", None, Pair.NUM_WORD, SettledBy.UNDECIDED, "unknown LaTeX"),
    ("30^\\circ", "30\\text{ radians}", False, Pair.QUANTITY, SettledBy.QUANTITY, "radians"),
    ("x+1", "1+x", True, Pair.EXPR_EXPR, SettledBy.EVALUATION, "expressions"),
    ("5", "x", False, Pair.EXPR_EXPR, SettledBy.EVALUATION, "a symbol for a number"),
    ("10^{10^{20}}", "10^{10^{20}}+1", None, Pair.EXPR_EXPR, SettledBy.EVALUATION,
     "both sides beyond bounds"),
    ("2k\\pi", "2n\\pi", True, Pair.EXPR_EXPR, SettledBy.EVALUATION, "a period by another letter"),
    ("\\pi", "10^{10^{20}}", False, Pair.SCREENED, SettledBy.SCREEN, "an answer beyond bounds"),
    ("x > 2", "(2, \\infty)", True, Pair.RELATION, SettledBy.RELATION, "relations"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "pair", "settled_by", "why"), ROWS, ids=[r[5] for r in ROWS]
)
def test_judge(fuel, reference, answer, equal, pair, settled_by, why):
    found = judge(read(reference), read(answer), fuel)

    assert (found.equal, found.pair, found.settled_by) == (equal, pair, settled_by), why


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "why"),
    [
        ("50", "50%", True, "a sign that was asked for"),
        ("50", "0.5", False, "the share itself"),
        ("\\sqrt{2}", "\\sqrt{2}\\%", True, "of an expression"),
    ],
)
def test_where_the_prompt_asks_for_a_percentage(fuel, reference, answer, equal, why):
    assert judge(read(reference), read(answer), fuel, percent_asked=True).equal is equal, why


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "why"),
    [
        ("5 m", "500 cm", True, "a length"),
        ("5 m", "501 cm", False, "another one"),
        ("5 m", "5 kg", False, "another dimension"),
        ("3 apples", "3 red apples", True, "a unit that says more"),
        ("3 apples", "4 red apples", False, "of another number"),
        ("3 apples", "3 pears", False, "other things"),
        ("3 kJ mol^{-1}", "3 kJ", False, "a unit of measure that says less is another"),
        ("3 kJ mol^{-1}", "3000 \\text{ J/mol}", True, "a power for a quotient"),
        ("3 kJ/mol", "3\\ \\mathrm{kJ\\,mol^{-1}}", True, "its power inside the text command"),
        ("3 m/s^2", "3\\,\\mathrm{m\\ s^{-2}}", True, "the same, of another"),
        ("3 m/s^2", "3\\,\\mathrm{m\\ s^{-1}}", False, "another power"),
        ("9.8 m/s^2", "9.8 \\text{ ms}^{-2}", True, "metres per second squared, as people write"),
        ("9.8 m/s^2", "9.8 ms^{-2}", True, "the same, bare"),
        ("5 ms", "5 m", False, "a millisecond is no metre"),
        ("100^\\circ C", "212^\\circ F", True, "a scale with another zero"),
    ],
)
def test_converted(fuel, reference, answer, equal, why):
    found = converted(read(reference), read(answer), fuel)

    assert found is not None, why
    assert (found.equal, found.settled_by) == (equal, SettledBy.QUANTITY), why


def test_without_two_units_there_is_nothing_to_convert(fuel):
    assert converted(read("5"), read("5 m"), fuel) is None


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "why"),
    [
        ("0.33", "1/3", True, "plain numbers are rounded"),
        ("1/3", "0.333", False, "to four digits"),
        ("64", "63.99999999999999", True, "the noise of a float"),
        ("12 N", "12N", True, "a letter is a unit beside a side that has one"),
        ("12N", "12 N", True, "in either order"),
        ("12", "12N", False, "and else a variable"),
        ("|x - 5|", "x - 5|", False, "what punctuation alone tells apart"),
        ("DNE", "does not exist", True, "letters that stand for words"),
        ("x \\equiv 5 \\pmod 7", "x \\equiv 5 \\pmod{11}", False, "residues of other moduli"),
        ("x \\equiv 5 \\pmod 7", "5", True, "a residue by its number"),
        ("5", "5 per second", False, "a rate for a number"),
        ("5 per second", "5", False, "a number for a rate"),
        ("2H_2 + O_2 \\to 2H_2O", "O2 + 2H2 -> 2H2O", True, "a reaction in any order"),
        ("2H_2 + O_2 \\to 2H_2O", "2H2O -> O2 + 2H2", False, "but that of its arrow"),
    ],
)
def test_judge_by_its_kin(fuel, reference, answer, equal, why):
    assert judge(read(reference), read(answer), fuel).equal is equal, why
