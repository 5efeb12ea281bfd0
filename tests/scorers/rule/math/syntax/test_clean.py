"""LaTeX and plain text to one spelling."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.syntax.clean import clean, compact

ROWS = [
    ("$x$", "x", "delimiters"),
    ("\\dfrac{1}{2}", "\\frac{1}{2}", "one command for fractions"),
    ("\\left( 1 \\right)", "( 1 )", "sizes of brackets"),
    ("\\mathbf{x}", "{x}", "bold"),
    ("2 \\quad 3", "2 3", "spacing commands"),
    ("1{,}234", "1234", "LaTeX thousands"),
    ("a\nb", "a b", "line breaks"),
    ("\\\\frac{1}{2}", "\\frac{1}{2}", "a doubled backslash"),
    ("\\begin{pmatrix}1\\\\in\\end{pmatrix}", "\\begin{pmatrix}1\\\\in\\end{pmatrix}",
     "but not the row break of a matrix"),
    ("{1 \\over 2}", "\\frac{1 }{ 2}", "TeX's own fraction"),
    ("{5 \\choose 2}", "\\binom{5 }{ 2}", "TeX's own binomial"),
    ("{}^5C_2", "\\binom{5}{2}", "a choice of two from five"),
    ("{}_{12}C_{3}", "\\binom{12}{3}", "with both below"),
    ("5C2", "\\binom{5}{2}", "as on a calculator"),
    ("{}^5P_2", "\\frac{5!}{(5-2)!}", "an order of two"),
    ("x^5C_2", "x^5C_2", "a power and a letter"),
    ("{}^{14}_6C", "{}^{14}_6C", "an isotope"),
    ("0.1\\overline{6}", "\\frac{15}{90}", "a repeating decimal"),
    ("x = 1 \\Rightarrow x = 2", "x = 2", "the conclusion of a chain"),
    ("41 \\Rightarrow 42", "41 \\Rightarrow 42", "but not of a number"),
    ("1'000", "1000", "Swiss thousands"),
    ("#### 72", "72", "the mark of a heading"),
    ("5\\\\", "5", "a line's end"),
    ("(1011)_2", "1011_2", "brackets before a base"),
    ("1011 base 2", "1011_{2}", "a base in words"),
    ("1011 (base two)", "1011_{2}", "spelled"),
    ("\\left\\{\\begin{array}{l}x=1\\\\y=2\\end{array}\\right.",
     "\\begin{cases}x=1\\\\y=2\\end{cases}", "a system with its brace alone"),
    ("5 \\pmod{7}", "5", "the modulus"),
    ("3 x 4", "3*4", "a letter x between numbers multiplies"),
    ("3e5", "3\\times10^{5}", "e-notation"),
    ("]1,2[", "(1,2)", "the French open interval"),
    ("[1,2]^T", "[1,2]", "a transposed row"),
    (f"({'1000,' * 20}7)^T", f"[{'1000,' * 20}7]", "one whose first comma is far from the middle"),
    ("(12)^T", "(12)^T", "no row"),
    ("101_{\\text{two}}", "101_{2}", "a base in words"),
    ("30^o", "30^\\circ", "a degree sign made of a letter"),
    ("50\\text{ percent}", "50%", "a percent sign in words"),
    ("½", "1/2", "a fraction character"),
    ("答案是5", "5", "words of another script before a number"),
    ("\\$5", "5", "a currency sign"),
    ("5.", "5", "the full stop of a sentence"),
    ("**5**", "5", "emphasis"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cleaned", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_cleaned(text, cleaned, why):
    assert clean(text) == cleaned, why


@pytest.mark.parametrize(
    ("left", "right", "same", "why"),
    [
        ("x^{2}", "x^2", True, "braces around one character"),
        ("\\text{cm}", "cm", True, "a text command"),
        ("x_{10}", "x_10", True, "all of a subscript"),
        ("a b", "ab", True, "blanks"),
        ("2^{n+1}", "2^{n}+1", False, "braces that group"),
        ("\\{1\\}", "1", False, "braces of a set"),
    ],
)
def test_compact_drops_what_only_typesets(left, right, same, why):
    assert (compact(left) == compact(right)) is same, why
