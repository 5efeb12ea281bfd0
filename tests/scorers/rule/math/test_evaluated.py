"""Which right answers leave open what the prompt asks to work out."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math import inline, math
from harmo.scorers.rule.math.evaluated import is_left_open
from harmo.scorers.rule.math.side import read
from harmo.scorers.types import Message, Sample, Score

PRODUCT = "What is 51 * 99?"
REFUSED = [
    r"51 \cdot 99 ¦ its own expression",
    r"99*51 ¦ operands turned",
    r"51 × 99 ¦ another sign",
    r"51 x 99 ¦ an x for the sign",
    r"(51)(99) ¦ side by side",
    r"51(99) ¦ one of them in brackets",
    r"\left(51\right)\left(99\right) ¦ large brackets",
    r"((51*99)) ¦ brackets round it",
    r"51*99+0 ¦ nothing added",
    r"5049 + 0 ¦ the number and nothing",
    r"0 + 5049 ¦ nothing and the number",
    r"1 \cdot 5049 ¦ once the number",
    r"5049^1 ¦ the number to the power of one",
    r"5048 + 1 ¦ the number and one less one",
    r"1*51*99/1 ¦ times and by one",
    r"(51*99)^1 ¦ to the power of one",
    r"--51*99 ¦ two signs",
    r"(-51)(-99) ¦ two more",
    r"51*99 = 51*99 ¦ an equation of the same",
    r"51*99 = 99*51 ¦ or of it turned",
    r"x = 51 \cdot 99 ¦ a name for it",
    r"51*99 = 50*99 + 99 ¦ an equation that ends in another calculation",
    r"51*99 \approx 51*99 ¦ or nearly so",
    r"51*99 \approx 5000 ¦ and a number that it is not",
    r"x = 51*99 \approx \frac{1}{2} ¦ or a fraction that it is not",
    r"\{51*99\} ¦ a set of it",
    r"51*99 \text{ units} ¦ with a unit",
    r"51(100-1) ¦ a factor taken apart",
    r"5100 - 51 ¦ taken apart and half worked out",
    r"(50+1)(98+1) ¦ both factors taken apart",
    r"17*297 ¦ other factors",
    r"\frac{51 \cdot 99}{1} ¦ a quotient by one",
    r"\frac{10098}{2} ¦ a quotient",
    r"\frac{51}{1/99} ¦ a quotient by a fraction",
    r"|51*99| ¦ its absolute value",
    r"\sqrt{(51*99)^2} ¦ the root of its square",
    r"\max(51*99, 0) ¦ the larger of it and nothing",
    r"e^{\ln(51*99)} ¦ a function and its inverse",
    r"51*99\cos 0 ¦ times one, in disguise",
    r"\lfloor 51*99.001 \rfloor ¦ rounded down",
]
RIGHT = [
    "5049 ¦ the number",
    "5{,}049 ¦ with thousands",
    "5049.0 ¦ as a decimal",
    r"5.049 \times 10^3 ¦ in powers of ten",
    "51*99 = 5049 ¦ an equation that ends in it",
    "5049 = 51*99 ¦ or starts with it",
    "x = 51*99 = 5049 ¦ a chain",
    r"\frac{5049}{1} ¦ the number by one",
]


def judged(prompt: object, reference: object, answer: str, *, evaluated: bool = True) -> Score:
    """The verdict on a boxed answer, which the service's process and a worker share."""
    sample = Sample(prompt=prompt, reference=reference, completion=f"\\boxed{{{answer}}}")
    quick, score = inline(sample, evaluated=evaluated), math(sample, evaluated=evaluated)
    assert quick in (None, score)
    return score


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.split(" ¦ ")[1])
def test_the_question_again_is_refused(row):
    answer, _ = row.split(" ¦ ")
    score = judged(PRODUCT, "5049", answer)

    assert (score.value, score.detail["settled_by"]) == (0.0, "unevaluated")
    assert judged(PRODUCT, "5049", answer, evaluated=False).value == 1.0


@pytest.mark.parametrize("row", RIGHT, ids=lambda row: row.split(" ¦ ")[1])
def test_a_value_is_right(row):
    assert judged(PRODUCT, "5049", row.split(" ¦ ")[0]).value == 1.0


ROWS = [
    # prompt, reference, answer, value, why
    ("What is 51/3?", "17", "51/3", 0, "a quotient that is none"),
    ("What is 51/3?", "17", "102/6", 0, "nor is another"),
    ("What is 51/3?", "17", "17", 1, "the number"),
    ("What is 6/8?", "3/4", "6/8", 0, "a fraction to reduce"),
    ("What is 6/8?", "3/4", "60/80", 0, "and its like"),
    ("What is 6/8?", "3/4", "\\frac{3}{4}", 1, "reduced"),
    ("What is 6/8?", "3/4", "0.75", 1, "as a decimal"),
    ("Simplify 3/4.", "3/4", "3/4", 1, "the reference's own text"),
    ("Simplify 3/4.", "3/4", "\\frac{3}{4}", 1, "nothing to reduce"),
    ("Write 1/2 as a decimal.", "0.5", "1/2", 0, "the question, and a decimal is due"),
    ("Write 1/2 as a decimal.", "0.5", "0.5", 1, "the decimal"),
    ("What is 22/7 to two places?", "3.14", "22/7", 0, "the question, and a decimal is due"),
    ("Heads have chance 1/2. Do two match?", "0.5", "1/2", 1, "not what is asked for"),
    ("What is 1/2 + 1/3?", "5/6", "1/3 + 1/2", 0, "a sum of fractions"),
    ("What is 1/2 + 1/3?", "5/6", "10/12", 1, "worked out, if not reduced"),
    ("What is 1/2 + 1/2?", "1", "2/2", 0, "a quotient that is a whole number"),
    ("What is 32*32?", "1024", "2^{10}", 1, "a power that is not in the question"),
    ("What is 2^{10}?", "1024", "2^{10}", 0, "one that is"),
    ("What is 2^5 * 2^5?", "1024", "2^{10}", 1, "a power made of two"),
    ("What is 5 * 10^3?", "5000", "5 \\times 10^3", 0, "a power of ten that is in it"),
    ("What is 50 * 100?", "5000", "5 \\times 10^3", 1, "one that is not"),
    ("What is 5!?", "120", "5!", 0, "a factorial"),
    ("What is 7 squared?", "49", "7^2", 0, "a power in words"),
    ("Evaluate $\\log_2 8$.", "3", "\\log_2 8", 0, "a function"),
    ("Evaluate $\\binom{5}{2}$.", "10", "\\frac{5 \\cdot 4}{2}", 0, "a step short of the value"),
    ("Evaluate $\\sqrt{8}$ to 2 places.", "2.83", "\\sqrt{8}", 0, "a root that is to be rounded"),
    ("Evaluate $\\sqrt{8}$ to 2 places.", "2.83", "2\\sqrt{2}", 1, "an exact form of its own"),
    ("Simplify $\\sqrt{8}$.", "2\\sqrt{2}", "\\sqrt{8}", 0, "the prompt's own, in no other form"),
    ("Simplify $\\sqrt{8}$.", "2\\sqrt{2}", "\\sqrt{2} \\cdot 2", 1, "another form of one's own"),
    ("Solve $2x+3=9$.", "x = 3", "2x+3=9", 0, "the equation that was to be solved"),
    ("Solve $2x+3=9$.", "x = 3", "2x = 6", 0, "a step"),
    ("Solve $2x+3=9$.", "x = 3", "3 = x", 1, "solved, turned round"),
    ("Solve $2x > 6$.", "(3,\\infty)", "2x > 6", 0, "the inequality that was to be solved"),
    ("Solve $2x > 6$.", "(3,\\infty)", "x > 3", 1, "solved"),
    ("Solve $y = mx + b$ for m.", "m = \\frac{y-b}{x}", "y = mx + b", 0, "solved for nothing"),
    ("Factor $x^2+3x+2$.", "(x+1)(x+2)", "x^2+3x+2", 0, "not factored"),
    ("Factor $x^2+3x+2$.", "(x+1)(x+2)", "(x+2)(x+1)", 1, "factored, turned round"),
    ("Simplify (x^2+3x+2)/(x+1).", "x+2", "2+x", 1, "a part of what the prompt has"),
    ("Which line has slope 2 and goes through (0, 1)?", "y=2x+1", "2x-y+1=0", 1, "as good a form"),
    ("Write 7/11 as a decimal.", "0.636", "0.\\overline{63}", 1, "a recurring decimal"),
    ("Write 1/3 as a decimal.", "0.333", "0.\\overline{3}", 1, "another"),
    ("What is the square root of 144?", "12", "\\sqrt{144}", 0, "a question in words"),
    ("What is log base 2 of 8?", "3", "\\log_2 8", 0, "whatever the words are"),
    ("Find the remainder of 51 by 7.", "2", "51 \\bmod 7", 0, "a remainder"),
    ("And the gcd of 12 and 18?", "6", "\\gcd(12, 18)", 0, "a greatest divisor"),
    ("How many ways are there?", "10", "\\binom{5}{2}", 1, "a count that may stand"),
    ("How long is the diagonal?", "1.41", "\\sqrt{2}", 1, "no whole number is due"),
    ("What is 51:3?", "17", "51:3", 0, "a ratio"),
    ("Simplify 12:18.", "2/3", "2:3", 1, "a ratio in lowest terms"),
    ("Simplify 12:18.", "2/3", "24:36", 0, "one that is not"),
    ("Expand (1+i)(1-i).", "2", "(1+i)(1-i)", 0, "complex numbers"),
    ("Expand (1+i)(1-i).", "2", "2 + 0i", 1, "a complex form of the number"),
    ("What is |-5|?", "5", "|-5|", 0, "an absolute value"),
    ("What is $\\cos 60^\\circ$?", "0.5", "\\cos 60^\\circ", 0, "degrees"),
    ("Write 50% as a decimal.", "0.5", "50%", 1, "a percentage is a number"),
    ("What is 50% of 80?", "40", "0.5 * 80", 0, "a share"),
    ("Ann has 3 apples and buys 4.", "7", "3 + 4", 1, "the prompt has no such expression"),
    ("Is 2 + 2 = 5? What is 51 * 99?", "5049", "51 * 99", 0, "one of several expressions"),
    ("Let x = 51 * 99. Find x.", "5049", "51 * 99", 0, "a side of an equation"),
    ("What is 5 + 5, in words?", ["10", "5 + 5"], "5 + 5", 1, "an accepted text"),
    ("What is 51 * 99?\n(A) 5000 (B) 5049", "(B) 5049", "51 * 99", 0, "the value of an option"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "reference", "answer", "value", "why"), ROWS, ids=[f"{r[4]}: {r[2]}" for r in ROWS]
)
def test_rows(prompt, reference, answer, value, why):
    assert judged(prompt, reference, answer).value == value, why


def test_one_box_that_is_worked_out_is_enough():
    sample = Sample(
        prompt=PRODUCT, reference="5049", completion="\\boxed{51*99} = \\boxed{5049}, \\boxed{x}"
    )
    both = Sample(prompt=PRODUCT, reference="5049", completion="\\boxed{51*99} = \\boxed{5049}")
    neither = Sample(prompt=PRODUCT, reference="5049", completion="\\boxed{51*99} = \\boxed{99*51}")

    scores = [math(each, evaluated=True) for each in (sample, both, neither)]
    assert [score.value for score in scores] == [0.0, 1.0, 0.0]
    assert scores[2].detail["settled_by"] == "unevaluated"


def test_without_a_box_too():
    sample = Sample(prompt=PRODUCT, reference="5049", completion="The answer is 51*99.")
    assert math(sample, evaluated=True).value == 0.0
    assert inline(sample, evaluated=True).value == 0.0


def test_a_chat_is_read():
    turns = (
        Message(role="system", parts=("Box your answer.",)),
        Message(role="user", parts=("What is ", "51 * 99?")),
    )
    assert judged(turns, "5049", "51*99").value == 0.0


def test_the_prompt_is_not_read_where_the_answer_is_a_number():
    class Unread(str):
        __slots__ = ()

        def __len__(self):
            raise AssertionError("the prompt was read")

    sample = Sample(prompt=Unread("What is 51 * 99?"), reference="5049", completion="\\boxed{5049}")
    assert inline(sample, evaluated=True).value == 1.0
    wrong = Sample(prompt=Unread("What is 51 * 99?"), reference="5049", completion="\\boxed{51*98}")
    assert inline(wrong, evaluated=True).value == 0.0


def test_the_prompts_own_formula_is_left_open_and_another_of_that_value_is_not():
    asked = Sample(prompt="What is 2x + 3x?")
    assert is_left_open(asked, read("5x"), "2x + 3x")
    assert not is_left_open(asked, read("5x"), "x + 4x")
