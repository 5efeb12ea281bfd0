"""The tokens of a formula: what is printed, not how it is typed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.rule.documents.tokens import MAX_CHARS, MalformedError, formula_tokens
from tests.security.pump import grown


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("x^{2}", "x^2", "braces round one token"),
        ("{{{x}}}", "x", "braces in braces"),
        ("\\frac12", "\\frac{1}{2}", "arguments of one token"),
        ("\\dfrac{a}{b}", "\\tfrac{a}{b}", "sizes of fractions"),
        ("x_i^2", "x^2_i", "the order of scripts"),
        ("x^{a^2_1}_{b}", "x_b^{a_1^2}", "scripts in scripts"),
        ("f'", "f^{\\prime}", "a prime"),
        ("f''", "f^{\\prime\\prime}", "two primes"),
        ("\\mathrm{d}x", "d x", "a font"),
        ("\\text{if}\\;x", "\\mathrm{if}~x", "text, and blanks of TeX"),
        ("{\\bf x}", "x", "an old font"),
        ("\\operatorname{Tr} A", "\\mathrm{Tr}A", "an operator's name"),
        ("x^\\mathrm{ab}", "x^{ab}", "a font's braces that a script needs"),
        ("x^{\\mathrm{ab}}", "x^{ab}", "the same, twice"),
        ("\\left( x \\right)", "\\bigl(x\\bigr)", "sizes of brackets"),
        ("\\left. x \\right|_0", "x|_0", "a bracket that is not there"),
        ("a\\le b", "a \\leq b", "two names"),
        ("a≤b", "a\\leq b", "a sign and its name"),
        ("E=mc^2 % energy", "E=mc^2", "a comment"),
        ("x \\tag{3.1}", "x", "a tag"),
        ("x\\label{eq:x}\\nonumber", "x", "a label"),
        ("\\begin{equation*}x\\end{equation*}", "x", "an environment that prints nothing"),
        ("\\begin{aligned}a&=b\\\\&=c\\end{aligned}", "a=b\\\\=c", "alignment"),
        ("\\begin{array}{cc}a&b\\end{array}", "\\begin{array}{ll}a&b\\end{array}", "columns"),
        ("\\boxed{x+y}", "x+y", "a box"),
        ("x + y.", "x+y", "a full stop at the end"),
        ("x\u200b+\u2062y", "x+y", "invisible characters"),
        ("\uff11", "1", "NFKC"),
        ("\\color{white}{x}", "x", "a colour: what is there counts, seen or not"),
    ],
)
def test_the_same_print_has_the_same_tokens(one: str, other: str, why: str) -> None:
    assert formula_tokens(one) == formula_tokens(other), why


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("x", "X", "case"),
        ("\\gamma", "\\Gamma", "case of a command"),
        ("x^{ab}", "x^ab", "what is raised"),
        ("\\frac{ab}{c}", "\\frac{a}{bc}", "what is divided"),
        ("\\begin{pmatrix}a\\end{pmatrix}", "\\begin{bmatrix}a\\end{bmatrix}", "brackets"),
        ("\\begin{matrix}a&b\\end{matrix}", "\\begin{matrix}ab\\end{matrix}", "a column more"),
        ("a,b", "ab", "a comma"),
        ("\\cdots", "\\ldots", "dots"),
        ("\\%5", "% 5", "a sign and a comment"),
        ("\\phantom{x}", "x", "what is not printed"),
        ("x_{i^2}", "x_i^2", "what stands on what"),
        ("\\bar{x}", "\\hat{x}", "accents"),
    ],
)
def test_another_print_has_other_tokens(one: str, other: str, why: str) -> None:
    assert formula_tokens(one) != formula_tokens(other), why


@pytest.mark.parametrize(
    ("latex", "why"),
    [
        ("\\frac{1}{2", "a brace never closes"),
        ("x}", "a brace closes nothing"),
        ("\\begin{matrix}a", "an environment never closes"),
        ("a\\end{matrix}", "an environment closes nothing"),
        ("\\begin{matrix}a\\end{pmatrix}", "another one closes"),
        ("\\begin matrix", "an environment without a name"),
        ("\\tag{x", "an argument never closes"),
        ("\\def\\x{1}\\x", "a macro"),
        ("\\newcommand{\\x}{1}\\x", "a command"),
        ("\\let\\x=y", "another name"),
        ("\\input{/etc/passwd}", "a file"),
        ("\\csname x\\endcsname", "a name that is put together"),
        ("x" * (MAX_CHARS + 1), "too long"),
        ("{" * 50_000 + "}" * 50_000, "100,000 braces"),
        ("\ufdfa" * 10_000, "what grows eighteen times"),
    ],
)
def test_what_could_not_be_printed_is_refused(latex: str, why: str) -> None:
    with pytest.raises(MalformedError):
        formula_tokens(latex)


def test_deep_nesting_is_read() -> None:
    assert formula_tokens("{" * 9_000 + "x" + "}" * 9_000) == ("x",)
    assert len(formula_tokens("x^{a" * 4_000 + "}" * 4_000)) > 4_000


PIECES = [
    "{",
    "}",
    "\\",
    "x^",
    "x^{a",
    "{}",
    "\\begin{",
    "\\begin{a}",
    "\\tag{",
    "\\text{",
    "%",
    "\\%",
]
PIECES += ["^_", "x_i^2", "^\\prime", "&", "\\left.", "\\a", "\\{"]


@pytest.mark.parametrize("piece", PIECES)
def test_reading_takes_time_in_proportion(piece: str) -> None:
    def read(text: str) -> None:
        with suppress(MalformedError):
            formula_tokens(text)

    assert grown(read, lambda size: piece * (size // len(piece))) is None


@given(st.lists(st.sampled_from([*PIECES, "}", "\\end{a}", "y", " "]), max_size=30).map("".join))
def test_tokens_of_tokens_are_the_same(latex: str) -> None:
    try:
        tokens = formula_tokens(latex)
    except MalformedError:
        return
    again = " ".join(tokens)
    assert formula_tokens(again) == tokens
