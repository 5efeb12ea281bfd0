"""What rule.math calls equal and what it does not: one row, one reason."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math import inline, math
from harmo.scorers.types import Reason, Sample, Score

ROWS = r"""
5 ¦ $7 = 5$ ¦ 0 ¦ a contradiction answers nothing, whatever stands on its right
5 ¦ $x=4=5$ ¦ 0 ¦ a chain that contradicts itself
5 ¦ $5=7$ ¦ 0 ¦ the same, the other way round
5 ¦ $2+3=5$ ¦ 1 ¦ a true calculation ends in its value
5 ¦ $a+b=5$ ¦ 0 ¦ an equation in two unknowns is no number
5 ¦ $3x=5$ ¦ 0 ¦ an equation still to be solved
5 ¦ $xy=5$ ¦ 0 ¦ a product is no label
5 ¦ $AB=5$ ¦ 1 ¦ a segment is one
C ¦ **(C)** ¦ 1 ¦ a letter as rule.choice reads it
C ¦ C is wrong. D is right. ¦ 0 ¦ a rejected letter
(B) -2 ¦ \boxed{2} ¦ 0 ¦ an option's text keeps its sign
(B) -2 ¦ \boxed{-2} ¦ 1 ¦ an option's text alone
(D) \frac{1}{2} ¦ \boxed{0.5} ¦ 1 ¦ an option's value in another form
isosceles ¦ The triangle is isosceles. ¦ 1 ¦ a word as predicate
isosceles ¦ The triangle could be isosceles. ¦ 0 ¦ a doubt
parallel ¦ The lines are perpendicular and the planes are parallel. ¦ 0 ¦ said of something else
Yes ¦ Yes, but no. ¦ 0 ¦ both
42 ¦ Ans: 24, not 42 ¦ 0 ¦ a short cue
260 ¦ The distance left is 260 miles after 3 hours. ¦ 1 ¦ a stated number
3 ¦ The value is 3 more than 5. ¦ 0 ¦ part of a calculation
3 ¦ The length is 2√3. ¦ 0 ¦ under the radical
5 ¦ x is 4 or x is 5 ¦ 0 ¦ alternatives with words between
$(2,3)$ ¦ $2\mathbf{i}+3\mathbf{j}$ ¦ 1 ¦ unit vectors
$(2,3)$ ¦ $2\mathbf{i}-3\mathbf{j}$ ¦ 0 ¦ another sign
$(2,3)$ ¦ $2i+3$ ¦ 0 ¦ a complex number is no pair
$2k\pi$ ¦ $2n\pi$ ¦ 1 ¦ a whole number by another name
$2k\pi$ ¦ $n\pi$ ¦ 0 ¦ twice as many
1010_2 ¦ $1010_{\text{two}}$ ¦ 1 ¦ a base in words
5 ¦ \boxed{4} or \boxed{5} ¦ 0 ¦ different boxes hedge
5 ¦ \boxed{4 \text{ or } 5} ¦ 0 ¦ hedging in one box
5 ¦ $x \ne 5$ ¦ 0 ¦ the opposite of the answer
5 ¦ $x<5$ ¦ 0 ¦ an inequality is no number
5 ¦ I tried 3, 4, and 5 ¦ 0 ¦ an enumeration is no choice
6 ¦ The answer is 5 apples or 6 apples ¦ 0 ¦ hedging with words between
5 ¦ maybe 6, or 5 ¦ 0 ¦ hedging in prose
5 ¦ Answer: 6. (not 5) ¦ 0 ¦ the denied number does not count
6 ¦ Answer: 6. (not 5) ¦ 1 ¦ the announced one does
5 ¦ The answer is not 5 ¦ 0 ¦ a denial answers nothing
$\frac{1}{2^{99}}$ ¦ $\frac{1}{2^{98}}$ ¦ 0 ¦ tiny numbers differ by their ratio
$\frac{1}{2004!}$ ¦ $\frac{1}{2006!}$ ¦ 0 ¦ tinier ones too
$0.0000001$ ¦ $0$ ¦ 0 ¦ small is not zero
$0.0000001$ ¦ $0.0000003$ ¦ 0 ¦ no absolute rounding
$10^{-7}$ ¦ 0.0000001 ¦ 1 ¦ a power written out
$0$ ¦ $\sin(\pi)$ ¦ 1 ¦ zero up to rounding is zero
$0$ ¦ $e^{-100}$ ¦ 0 ¦ small but no rounding error
$12^{10^{7}}+1$ ¦ $12^{10^{7}}$ ¦ 0 ¦ beyond our digits nothing is called equal
$3.14$ ¦ $\pi$ ¦ 1 ¦ the exact number of a rounded reference
$\pi$ ¦ $3.14$ ¦ 0 ¦ rounded to three digits
$\pi$ ¦ $3.142$ ¦ 1 ¦ rounded to four
$\pi$ ¦ $3.15$ ¦ 0 ¦ rounded wrongly
$33.3$ ¦ $\frac{100}{3}$ ¦ 1 ¦ the exact number of a rounded reference
$\frac13$ ¦ $0.33$ ¦ 0 ¦ two digits are too few
$1000000.4$ ¦ $1000000.5$ ¦ 0 ¦ as many digits, others
3.5 ¦ 3.52 ¦ 0 ¦ two digits do not make a rounding
$50$ ¦ $50\%$ ¦ 0 ¦ a percentage is a hundredth
$50\%$ ¦ $0.5$ ¦ 1 ¦ the same value
$\frac{3}{4}$ ¦ 75% ¦ 1 ¦ the same value
$28\%$ ¦ \boxed{28} percent ¦ 1 ¦ the sign may stand behind the box
$5 \text{ cm}$ ¦ $5 \text{ m}$ ¦ 0 ¦ another unit
$5$ ¦ $5 \text{ km}$ ¦ 1 ¦ a unit where the reference has none
$5\text{ m}$ ¦ $500 \text{ cm}$ ¦ 1 ¦ converted
36 km/h ¦ 10 m/s ¦ 1 ¦ converted, compound
36 km/h ¦ 10 m ¦ 0 ¦ another dimension
20\text{ minutes} ¦ 1200 s ¦ 1 ¦ an abbreviation
100^\circ\text{C} ¦ 212^\circ\text{F} ¦ 1 ¦ units with an offset
$15\mbox{ cm}^2$ ¦ 15 square centimeters ¦ 1 ¦ a unit in words
12 apples ¦ 12 oranges ¦ 0 ¦ other things
12 apples ¦ 12 ¦ 1 ¦ the thing left out
$\$16,386.17$ ¦ 16386.17 dollars ¦ 1 ¦ money
$72^\circ$ ¦ $72$ ¦ 1 ¦ the degree sign left out
$\frac{\pi}{4}$ ¦ 45^\circ ¦ 1 ¦ degrees against radians
$(1,2)$ ¦ $[1,2]$ ¦ 0 ¦ an open interval is not the closed one
$(1,2)$ ¦ $\{1,2\}$ ¦ 0 ¦ a pair is not a set
$\{1,2\}$ ¦ $(2,1)$ ¦ 0 ¦ nor a set a pair
$(1,2,3)$ ¦ $(3,2,1)$ ¦ 0 ¦ tuples are ordered
$\{1,2,3\}$ ¦ $\{3,2,1\}$ ¦ 1 ¦ sets are not
$1,2,3$ ¦ 3, 2 and 1 ¦ 1 ¦ nor are lists
(0,100) ¦ 0 < x < 100 ¦ 1 ¦ a comma in brackets separates
(1,234) ¦ (1,235) ¦ 0 ¦ there it makes no thousands
(1,234, 5) ¦ (1234, 5) ¦ 1 ¦ unless the separators have blanks
100,200 ¦ 100, 200 ¦ 1 ¦ a list, though it looks like thousands
$1,2,3$ ¦ 1, 2 ¦ 0 ¦ a part is missing
$6,8$ ¦ \boxed{6 \text{ and } 8} ¦ 1 ¦ a list, not the decimal comma
$x=1$ ¦ $y=1$ ¦ 0 ¦ another unknown
$x=1$ ¦ $1$ ¦ 1 ¦ the name left out
$x=2, y=3$ ¦ $(2,3)$ ¦ 1 ¦ named parts in order
$x=2, y=3$ ¦ $(3,2)$ ¦ 0 ¦ named parts out of order
$x = 2 \text{ or } x=3$ ¦ $\{3, 2\}$ ¦ 1 ¦ solutions in any order
$\pm 3$ ¦ $3, -3$ ¦ 1 ¦ two signs, two numbers
$\pm 3$ ¦ 3 ¦ 0 ¦ one of two
$2,4$ ¦ \boxed{2} and \boxed{4} ¦ 1 ¦ the parts in boxes of their own
$5$ ¦ $\boxed{\frac{10}{2}} = \boxed{5}$ ¦ 1 ¦ one value in two forms
3*x-1*y+13=0 ¦ 3x + 4y + 14=0 ¦ 0 ¦ equations without LaTeX
$2x+4y-3=0$ ¦ $y=-\frac{1}{2}x+\frac{3}{4}$ ¦ 1 ¦ one line, two equations
$y=\frac{1}{x}$ ¦ $xy=1$ ¦ 1 ¦ no constant factor, the same zeros
$y=2x+1$ ¦ $2x-y-1=0$ ¦ 0 ¦ a parallel
$y=2x+1$ ¦ $2x+1$ ¦ 1 ¦ the right side
$7 = 11a+c$ ¦ $11a+c$ ¦ 0 ¦ half an equation
$x < 1$ ¦ $-x > -1$ ¦ 1 ¦ turned round
$x>2$ ¦ $(2,\infty)$ ¦ 1 ¦ an inequality as its interval
$x>2$ ¦ $[2,\infty)$ ¦ 0 ¦ the end belongs or does not
-3 < x \le 4 ¦ (-3, 4] ¦ 1 ¦ a double inequality
$0<f(x)<1$ ¦ $(0,1)$ ¦ 1 ¦ of a function
$\mathbb{R}\setminus\{2\}$ ¦ $(-\infty,2)\cup(2,\infty)$ ¦ 1 ¦ all but one
$(-\infty,2)\cup(2,\infty)$ ¦ $x\ne 2$ ¦ 1 ¦ the same, as an inequality
$1:2$ ¦ $2:4$ ¦ 1 ¦ ratios are cancelled
1:2:3 ¦ 2:4:5 ¦ 0 ¦ ratios of three
$12:30$ ¦ $1:30$ ¦ 0 ¦ times are not ratios
3:30 pm ¦ 15:30 ¦ 1 ¦ one time, two clocks
3:30 pm ¦ 3:30 am ¦ 0 ¦ the other half of the day
March 5, 2024 ¦ 2024-03-05 ¦ 1 ¦ one date, two spellings
March 5, 2024 ¦ March 6, 2024 ¦ 0 ¦ another day
$0$ ¦ $0 \cdot \heartsuit$ ¦ 0 ¦ nothing times something unknown is unanswered
$x^2$ ¦ $y^2$ ¦ 0 ¦ another letter
$1 \frac{1}{2}$ ¦ $\frac{3}{2}$ ¦ 1 ¦ a mixed number
1 1/2 ¦ 1.5 ¦ 1 ¦ a mixed number without LaTeX
1 1/2 ¦ 11/2 ¦ 0 ¦ blanks between digits are never deleted
$1,234$ ¦ $1234$ ¦ 1 ¦ thousands
1000.99 ¦ 1000,99 ¦ 1 ¦ a decimal comma
1000 ¦ 1.000,00 ¦ 1 ¦ both, the European way
$\text{Evelyn}$ ¦ Evelyn ¦ 1 ¦ words in LaTeX
$\text{(A)}$ ¦ $A$ ¦ 1 ¦ a letter in brackets
Paris ¦ \boxed{London} ¦ 0 ¦ another word
二分之一 ¦ 1/2 ¦ 1 ¦ Chinese numerals
$5$ ¦ 答案是５ ¦ 1 ¦ full-width digits after a Chinese cue
$5$ ¦ 答案：$5$元 ¦ 1 ¦ a unit in another script
2/3 ¦ two thirds ¦ 1 ¦ number words
3 ¦ drei ¦ 1 ¦ number words of other languages
21 ¦ twenty-two ¦ 0 ¦ number words that differ
$\frac{1}{2}$ ¦ ½ ¦ 1 ¦ a fraction character
$10^3$ ¦ 1e3 ¦ 1 ¦ e-notation
$6.02\times10^{23}$ ¦ 6.02e22 ¦ 0 ¦ another power of ten
$\infty$ ¦ ∞ ¦ 1 ¦ the glyph
$\infty$ ¦ -∞ ¦ 0 ¦ the other end
73 ¦ Thus the number of residents who own all is **73**. ¦ 1 ¦ emphasis in prose
$x^2+2x+1$ ¦ $(x+1)^2$ ¦ 1 ¦ expanded
$x^2+2x+1$ ¦ $(x-1)^2$ ¦ 0 ¦ another polynomial
$\sqrt{8}$ ¦ $2\sqrt2$ ¦ 1 ¦ a root simplified
$\tan^2(y)+1$ ¦ $\sec^2(y)$ ¦ 1 ¦ an identity
$x$ ¦ $|x|$ ¦ 0 ¦ negative numbers tell
$2+3i$ ¦ $2-3i$ ¦ 0 ¦ conjugates differ
$e^{i\pi}$ ¦ $-1$ ¦ 1 ¦ complex arithmetic
\begin{pmatrix}1&2\\3&4\end{pmatrix} ¦ \begin{bmatrix}1&2 \\ 3&4\end{bmatrix} ¦ 1 ¦ brackets
$\begin{pmatrix}1&2\\3&4\end{pmatrix}$ ¦ \begin{pmatrix}1&2\\3&5\end{pmatrix} ¦ 0 ¦ one cell differs
$\begin{pmatrix}1\\2\end{pmatrix}$ ¦ $(1,2)$ ¦ 1 ¦ a column as a tuple
H_2O ¦ \boxed{\text{H}_2\text{O}} ¦ 1 ¦ a chemical formula
CO_2 ¦ CO ¦ 0 ¦ another one
$0.1\overline{6}$ ¦ 1/6 ¦ 1 ¦ a repeating decimal
204_5 ¦ 204 ¦ 1 ¦ the base left out
204_5 ¦ 54 ¦ 0 ¦ converted where it was not asked
5 ¦ \boxed{5 ¦ 0 ¦ an unclosed box may have become 53
20 dollars ¦ \boxed{20 cents} ¦ 0 ¦ coins are not notes
\$2 ¦ \boxed{200 cents} ¦ 1 ¦ a hundred of them are
€15 ¦ \boxed{$15} ¦ 0 ¦ another currency
30^\circ ¦ \boxed{30 \text{ radians}} ¦ 0 ¦ radians are not degrees
180^\circ ¦ \boxed{\pi \text{ radians}} ¦ 1 ¦ unless converted
2^{n+1} ¦ \boxed{2^{n}+1} ¦ 0 ¦ braces that group are not typesetting
2 ¦ \boxed{x^2=2} ¦ 0 ¦ an equation that is not solved
1 hour 30 minutes ¦ \boxed{90 minutes} ¦ 1 ¦ a duration in parts
]1,2[ ¦ \boxed{(1,2)} ¦ 1 ¦ the French open interval
\{\} ¦ empty set ¦ 1 ¦ a symbol in words
A(1,2) ¦ \boxed{(1,2)} ¦ 1 ¦ a named point
NH_4^+ ¦ \boxed{\ce{NH4+}} ¦ 1 ¦ a charge
Cl^- ¦ \boxed{Cl} ¦ 0 ¦ a charge left out
C ¦ <answer>C. 12 cm</answer> ¦ 1 ¦ an option with its text
12 cm ¦ <answer>The side measures 12 cm</answer> ¦ 1 ¦ an answer in a sentence
3 ¦ <answer>There are 3 or 4 cubes.</answer> ¦ 0 ¦ hedging in a sentence
3 ¦ We conclude that it has exactly three components. ¦ 1 ¦ one number word in prose
5 ¦ So $2x=10$ and $x=5$. ¦ 1 ¦ a step before the result
1.5 billion ¦ 1500000000 ¦ 1 ¦ a number with its scale
28\% ¦ \boxed{28} ¦ 1 ¦ the sign of a percentage left out
$14916$ ¦ the final answer is $14 {, }916$. I hope it is correct. ¦ 1 ¦ spaced thousands
""".strip().split("\n")


def scored(reference: object, completion: str, **fields: object) -> Score:
    """As the service does it: in-process where that settles it, else what a worker runs."""
    sample = Sample(reference=reference, completion=completion, **fields)
    return inline(sample) or math(sample)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split(" ¦ ")[3])
def test_verdict(row):
    reference, completion, value, why = row.split(" ¦ ")

    assert scored(reference, completion).value == float(value), why


@pytest.mark.parametrize("row", ROWS[::5], ids=lambda row: row.split(" ¦ ")[3])
def test_in_process_and_worker_agree(row):
    reference, completion, *_ = row.split(" ¦ ")
    sample = Sample(reference=reference, completion=completion)
    quick = inline(sample)

    assert quick is None or quick.value == math(sample).value


@pytest.mark.parametrize(
    ("reference", "completion", "pair"),
    [
        ("1/2", "0.5", "num-decimal"),
        ("1/2", "2/4", "num-num"),
        ("x+1", "1+x", "expr-expr"),
        ("(1,2)", "(1,3)", "struct-struct"),
        ("5 m", "6 m", "quantity"),
        ("5", "", "no_answer"),
        ("5", "\\boxed{4}\\boxed{5}", "conflict"),
        ("5", "9^{9^{9^{9}}}", "screened"),
        ("Paris", "London", "phrase"),
    ],
)
def test_detail_names_the_kind_of_pair(reference, completion, pair):
    assert scored(reference, completion).detail["pair"] == pair


def test_any_accepted_reference_is_enough():
    assert scored(["1/3", "0.25"], "\\boxed{\\frac14}").value == 1.0


def test_percentage_asked_for_needs_no_sign():
    assert scored("50", "\\boxed{50\\%}", prompt="What percent of 8 is 4?").value == 1.0


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, Reason.NO_REFERENCE),
        ("", Reason.UNREADABLE_REFERENCE),
        (" ", Reason.UNREADABLE_REFERENCE),
        ([], Reason.UNREADABLE_REFERENCE),
        ({"a": 1}, Reason.UNREADABLE_REFERENCE),
        ("\\frac{", Reason.UNREADABLE_REFERENCE),
    ],
)
@pytest.mark.parametrize("completion", ["5", "\\boxed{x+1}", "\\frac{1}{"])
def test_bad_reference_abstains_for_every_completion(reference, reason, completion):
    score = scored(reference, completion)

    assert (score.value, score.reason) == (None, reason)


def test_answer_of_a_worked_reference_is_extracted():
    solution = "We add. " * 40 + "So the answer is $\\boxed{7}$."

    assert scored(solution, "7").value == 1.0


def test_the_prompt_may_ask_for_a_sum():
    answer = r"\boxed{m+n=204}"

    assert math(Sample(prompt="Find m+n.", reference="204", completion=answer)).value == 1.0
    assert math(Sample(prompt="Here m+n=204.", reference="204", completion=answer)).value == 0.0


def test_a_number_picked_from_prose_is_a_pair_of_its_own():
    score = math(Sample(reference="30", completion="Tom has 30 marbles, 5 more than Ann."))

    assert score.detail["pair"] == "num-num/prose"


@pytest.mark.parametrize("references", [["7"] * 65, ["7" * 60_000, "8" * 60_000]])
def test_too_many_references_cannot_be_read(references):
    score = inline(Sample(reference=references, completion="7"))

    assert score.reason is Reason.UNREADABLE_REFERENCE
