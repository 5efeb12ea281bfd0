"""What holds for references of every form: no universal answer, no bought abstention, itself.

By default a part of the products below, the same at every run; HARMO_ALL_REFERENCES=1 runs all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

import pytest

from harmo.scorers.rule.math import inline, math, reference_fault
from harmo.scorers.types import Sample, Score
from tests.scorers.rule.math.references import Reference, references

T = TypeVar("T")
ALL = bool(os.environ.get("HARMO_ALL_REFERENCES"))
REFERENCES = references()


def some(items: Sequence[T], step: int, start: int = 0) -> Sequence[T]:
    """All items where all are asked for, else one in so many."""
    return items if ALL else items[start % step :: step]


def verdict(reference: str, completion: str) -> Score:
    sample = Sample(reference=reference, completion=completion)
    return inline(sample) or math(sample)


def test_the_corpus_has_references_of_every_form():
    kinds = {each.kind for each in REFERENCES}

    assert len(REFERENCES) >= 2000
    assert len(kinds) >= 50
    assert len({each.text for each in REFERENCES}) == len(REFERENCES)


def test_every_reference_can_be_read():
    unread = [each.text for each in REFERENCES if reference_fault(each.text) is not None]

    assert unread == []


# What is no formula stands in no formula: words, dates, and chemistry that is set as words.
NO_FORMULA = {"words", "date", "time", "money", "chemistry"}
# Where the sentence ends, or a clause of it, is for the extraction to find.
CUT_SHORT = re.compile(r"Rs\. \d+|\d+; \d+|Mr\. Smith|does not exist")


def said(reference: Reference) -> Iterator[str]:
    """A reference as a completion gives it: as it is, boxed, in a sentence."""
    yield reference.text
    yield f"\\boxed{{{reference.text}}}"
    if CUT_SHORT.fullmatch(reference.text):
        return
    yield f"The answer is {reference.text}."
    if reference.kind not in NO_FORMULA and "\\$" not in reference.text:
        yield f"So we get ${reference.text.strip('$')}$."


def test_every_reference_is_answered_by_itself():
    other = {
        completion: score.value
        for each in REFERENCES
        for completion in said(each)
        if (score := verdict(each.text, completion)).value != 1.0 or "fault" in score.detail
    }

    assert other == {}


NOTHING = (
    "", "?", "...", "\\ldots", "|", "||", "=", "<", "%", "\\%", "\\$", "()", "[]", "\\_", "\\star",
    "\\int", "\\sum", "\\lim", "\\text{}", "\\begin{pmatrix}\\end{pmatrix}", "\\frac{0}{0}",
    "\\frac{1}{0}", "nan", "1=2", "7=5", "0=1", "2<1", "1<2", "x<x", "x \\ne x", "a=b", "x=y",
    "x=-x", "y=f(x)", "f(x)", "x=x=x", "\\sqrt{x}", "\\log 0", "0 \\cdot x", "x^0", "\\forall x",
    "\\pm x", "x,y", "(x,y)", "\\{1=2\\}", "\\{x|1=1\\}", "\\{x \\mid 1=2\\}", "1=1,1=2", "cm",
    "\\operatorname{f}(x)", "\\bigcup_k S_k", "\\prod_{k=1}^{0} k = 2", "41|42", "41c=42c",
)  # fmt: skip
"""Texts that are no answer to any reference of the corpus: none may pay."""
ZERO = ("0", "0=0", "x=0", "\\{0\\}", "0+0", "0.0")
ONE = ("1", "1=1", "x=1", "1=1=1", "(1=1)", "\\{1=1\\}", "\\{1\\}", "1.0", "\\cos 0")
EMPTY = {"\\{\\}", "\\emptyset", "\\varnothing", "no solution", "\\text{no solution}"}
REALS = {"\\mathbb{R}", "(-\\infty, \\infty)", "all real numbers", "\\text{all real numbers}"}
INFINITY = {"\\infty", "+\\infty", "infinity", "x \\to \\infty"}
NAMED = {
    "x": {"x"}, "(x)": {"x"}, "\\{x\\}": {"x"}, "x=x": {"x"}, "n": {"n"}, "\\pi": {"\\pi"},
    "i": {"i"}, "\\alpha": {"\\alpha"}, "e": {"e", "E"}, "yes": {"yes"}, "none": {"none"},
    "True": {"True"}, "False": {"False"}, "undefined": {"undefined"}, "A": {"A", "(A)"},
    "C": {"C", "\\text{(C)}", "(C) 12"}, "\\mathbb{Z}": {"\\mathbb{Z}"}, "\\{\\}": EMPTY,
    "\\emptyset": EMPTY, "\\varnothing": EMPTY, "\\mathbb{R}": REALS, "x \\in \\mathbb{R}": REALS,
    "(-\\infty,\\infty)": REALS, "\\infty": INFINITY, "inf": INFINITY,
}  # fmt: skip
"""Texts to the references that are the same by their very name."""
CHANCE: dict[str, frozenset[str]] = {
    **{text: frozenset() for text in NOTHING},
    **{text: frozenset(each.text for each in REFERENCES if each.value == 0) for text in ZERO},
    **{text: frozenset(each.text for each in REFERENCES if each.value == 1) for text in ONE},
    **{text: frozenset(those) for text, those in NAMED.items()},
}
"""What a fixed text may be paid for: the references that it truly equals, and no others.

Nothing of ours reads these: a number's are those whose form computes that value in Python, a name's
are listed. `x = 1` and `1 = 1` are worth what 1 is.
"""


@pytest.mark.parametrize("text", CHANCE)
def test_no_fixed_text_earns_more_than_chance(text):
    tried = some(REFERENCES, 3, start=len(text))
    paid = {each.text for each in tried if verdict(each.text, f"\\boxed{{{text}}}").value == 1.0}

    assert paid <= CHANCE[text]
    assert len(CHANCE[text]) <= len(REFERENCES) / 100


ODD = (
    "1=1", "x=y", "x=x", "\\sqrt{x}=1", "\\log x=x", "\\{\\}", "\\frac{1}{0}", "0^{-1}", "\\log 0",
    "\\sqrt{-1}", "x!", "(-1)!", "9^{9^9}", "10^{-99999}", "1e999", "\\arcsin 2",
    "\\tan 90^\\circ", "\\gcd(0.5,x)", "\\binom{x}{-1}", "5 \\mod 0", "\\sum_{k=1}^{10^9} k",
    "\\sum_{k=x}^{0} k", "\\prod_{i=1}^{i} i", "\\int_0^1 x dx", "\\lim_{x \\to 0} x",
    "\\begin{pmatrix}1&2\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}^{-1}",
    "\\begin{cases}x&x\\end{cases}", "i^i", "\\infty", "\\infty-\\infty", "(\\infty,-\\infty)",
    "[x,y)", "x>i", "i<1", "|x|<-1", "1<x<i", "\\{i,1\\}", "a \\mid b", "f(f(f(x)))", "f^{-1}(x)",
    "x_{x_x}", "3F2_{16}", "12_{1}", "19_{8}", "5_{x}", "\\operatorname{tr}(\\emptyset)",
    "\\dot{x}=x", "A \\subset A", "5 cm", "5 °C", "5 m^{99}", "5\\%", "1,234,5", "12:99",
    "2024-13-45", "H_2 \\to", "\\to", "x \\in", "\\mathbb{Q}", "\ud83d\ude00", "\x00", "\u202e5",
    "\\boxed{", "}{", "\\\\", "&", "#1", "#", "\\{x \\mid x\\}", "\\pm\\pm 1",
)  # fmt: skip
"""Answers that divide by zero, order complex numbers, ask for a value of nothing, and the like."""


@pytest.mark.parametrize("answer", ODD)
def test_no_odd_answer_buys_an_abstention_or_makes_anything_raise(answer):
    tried = some(REFERENCES, 7, start=ODD.index(answer))
    odd = {
        each.text: score
        for each in tried
        if (score := verdict(each.text, f"\\boxed{{{answer}}}")).value is None
        or "fault" in score.detail
    }

    assert odd == {}


# What says the same with another digit: a power of one, a common factor, an option's text, the
# digits of an approximation behind the number itself.
SAME_VALUE = re.compile(
    r"\\gcd|\\min|\\max|lcm|\\lfloor|\\varphi|\^\{?0|1\^|^\(?[BCD][).] ?|\\cdots|\\approx"
)


def test_no_reference_is_answered_by_itself_with_a_digit_changed():
    equal = {}
    for each in some(REFERENCES, 3):
        for digit in list(re.finditer(r"\d", each.text))[:4]:
            other = str((int(digit[0]) + 1) % 10)
            text = each.text[: digit.start()] + other + each.text[digit.end() :]
            one = SAME_VALUE.search(each.text) or SAME_VALUE.search(text)
            if not one and verdict(each.text, f"\\boxed{{{text}}}").value != 0.0:
                equal[each.text] = text

    assert equal == {}


BETWEEN = "|?→⇒;:\u8a9e\u00a6\u2016\u2026\u2194&#@_~'\"!^\\/<>=≠≈±·°§¶†‡©\u200b\u0301"


def test_two_numbers_with_anything_between_are_not_the_second():
    """Math-Verify reads 42 in `41|42`."""
    equal = [
        f"41{left}{mark}{right}42"
        for mark in BETWEEN
        for left in ("", " ", "c")
        for right in ("", " ", "c=")
        if verdict("42", f"\\boxed{{41{left}{mark}{right}42}}").value == 1.0
    ]

    assert equal == []
