"""What a prompt asks for."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.forms.question import (
    MAX_ENDS_CHARS,
    MAX_PROMPT_CHARS,
    MAX_RUNS,
    asks_for,
    asks_percent,
    expressions,
)
from harmo.scorers.types import ImageRef, Message, Sample

CHAT = (Message(role="user", parts=(ImageRef(index=0), "Find m+n.", " In percent, please.")),)


@pytest.mark.parametrize(
    ("prompt", "asked", "why"),
    [
        ("What percentage of 8 is 4?", True, "in a word"),
        ("Give the share in %.", True, "by its sign"),
        ("百分之几？", True, "in Chinese"),
        (CHAT, True, "in a chat"),
        ("How many?", False, "a number"),
        ("percent" + "x" * MAX_PROMPT_CHARS, False, "too long ago"),
    ],
)
def test_asks_percent(prompt, asked, why):
    assert asks_percent(Sample(prompt=prompt)) is asked, why


@pytest.mark.parametrize(
    ("prompt", "expression", "asked", "why"),
    [
        ("Find m+n.", "m+n", True, "after a verb"),
        ("Find $m + n$.", "m+n", True, "with blanks and delimiters"),
        ("What is X?", "x", True, "whatever its case"),
        (CHAT, "m+n", True, "in a chat"),
        ("Here m+n=204.", "m+n", False, "no verb"),
        ("Find m.", "m+n", False, "something else"),
        ("Find m+n.", " ", False, "nothing"),
    ],
)
def test_asks_for(prompt, expression, asked, why):
    assert asks_for(Sample(prompt=prompt), expression) is asked, why


def values(prompt: object) -> set[str]:
    """What the expressions of a prompt come to."""
    found = expressions(Sample(prompt=prompt))
    return {str(evaluate(each.node, Fuel(1000))) for each in found}


@pytest.mark.parametrize(
    ("prompt", "value", "why"),
    [
        ("What is 51 * 99?", "5049", "in symbols"),
        ("What is 51 × 99 ?", "5049", "in print"),
        ("51x99", "5049", "with a letter for the sign"),
        ("Compute $51 \\cdot 99$.", "5049", "in LaTeX"),
        ("Compute \\(51 \\times 99\\).", "5049", "in other delimiters"),
        ("Compute\n\\[\n\\frac{51}{3}\n\\]", "17", "on a line of its own"),
        ("1. 51 * 99 = ?", "5049", "numbered"),
        ("1) 51 * 99", "5049", "numbered otherwise"),
        ("- **51 * 99**", "5049", "in Markdown"),
        ("`51*99`", "5049", "as code"),
        ("What is 1,200 * 3?", "3600", "with thousands"),
        ("If x = 51*99, find x.", "5049", "a side of an equation"),
        ("What is 51 times 99?", "5049", "times"),
        ("What is 51 divided by 3?", "17", "divided by"),
        ("What is 12 Minus 5?", "7", "capitals"),
        ("What is 2 to the power of 3?", "8", "to the power of"),
        ("What is 2 raised to the power of 3?", "8", "raised to the power of"),
        ("What is 7 squared?", "49", "squared"),
        ("What is 50 percent of 80?", "40", "percent of"),
        ("What is 3/4 of 20?", "15", "a share"),
        ("What is the product of 51 and 99?", "5049", "a product"),
        ("Find the sum of $3$, $4$, and $5$.", "12", "a sum of several"),
        ("Find the difference between 12 and 5.", "7", "a difference"),
        ("Multiply 51 by 99.", "5049", "an order"),
        ("Subtract 3 from 10.", "7", "in which the order turns"),
        ("What is \\gcd(12, 18)?", "6", "a comma in brackets"),
        ("Find sqrt(16).", "4", "a function"),
        ("What is 17 mod 5?", "2", "a remainder"),
        ("What is 5!?", "120", "a factorial"),
        ("What is |-5|?", "5", "an absolute value"),
    ],
)  # fmt: skip
def test_expressions(prompt, value, why):
    assert value in values(prompt), why


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("", "nothing"),
        ("How many are 7?", "a number"),
        ("Ann has 3 apples and buys 4.", "numbers in words"),
        ("Simplify 2x + 3x.", "symbols"),
        ("What is 51 * (99?", "brackets that never close"),
        ("Is it 5, 6 or 7?", "a list"),
        ("Write 50% as a decimal.", "a percentage"),
        ("x" * 5000, "no words"),
    ],
)
def test_no_expressions(prompt, why):
    assert values(prompt) == set(), why


@pytest.mark.parametrize(
    ("prompt", "direct", "why"),
    [
        ("What is 21/8?", True, "after a verb"),
        ("Write $\\frac{21}{8}$ as a decimal.", True, "after another"),
        ("21/8 = ?", True, "alone"),
        ("The share is 21/8.", False, "told, not asked"),
        ("21/8 of them are blue.", False, "not alone"),
    ],
)
def test_what_is_asked_for_itself(prompt, direct, why):
    (found,) = expressions(Sample(prompt=prompt))
    assert found.direct is direct, why


def test_a_long_prompt_is_read_at_its_ends():
    middle = "word " * MAX_ENDS_CHARS
    assert values(f"What is 51 * 99? {middle} 2 + 3 {middle} or 4 * 5?") == {"5049", "20"}
    many = "\n".join(f"{n} + 1 with 7" for n in range(1, 4 * MAX_RUNS))
    ends = (*range(1, MAX_RUNS + 1), *range(3 * MAX_RUNS, 4 * MAX_RUNS))
    assert values(many) == {str(n + 1) for n in ends}
