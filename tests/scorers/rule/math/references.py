r"""References of our own in every form that data sets of mathematics use: templates times values.

Every text is written here and none is taken from a data set; each run makes the same ones. In a
template `<a>` to `<d>` stand for the numbers of one row of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from math import gcd
from typing import NamedTuple


class Reference(NamedTuple):
    """One reference and what is known of it."""

    kind: str
    text: str
    value: Fraction | None = None
    """The one number that it gives, its name or modulus aside; None where that is not said."""


Row = tuple[int, ...]
Value = Callable[..., Fraction]
ONE = tuple((n,) for n in (2, 3, 5, 7, 8, 12, 36, 97, 144))
FEW = ((2,), (3,), (5,), (11,), (40,))
TWO = ((1, 2), (2, 3), (3, 4), (5, 8), (7, 9), (4, 15), (11, 12), (13, 21))
THREE = ((1, 2, 3), (2, 5, 7), (3, 4, 8), (5, 6, 11), (2, 9, 13), (7, 8, 12))
FOUR = ((1, 2, 3, 4), (2, 7, 1, 9), (5, 3, 8, 6), (4, 9, 11, 2), (3, 10, 7, 12))


def _first(a: int, *_: int) -> Fraction:
    return Fraction(a)


def _second(_: int, b: int) -> Fraction:
    return Fraction(b)


def _ratio(a: int, b: int, *_: int) -> Fraction:
    return Fraction(a, b)


def _minus_ratio(a: int, b: int, *_: int) -> Fraction:
    return Fraction(-a, b)


class Form(NamedTuple):
    """Templates of one kind and the rows of values that they are filled with."""

    kind: str
    rows: tuple[Row, ...]
    templates: tuple[str, ...]
    value: Value | None = None


FORMS = (
    Form("integer", (*ONE, (0,), (1,), (1024,), (2187,), (40320,)), (
        "<a>", "$<a>$",
    ), _first),
    Form("negative", (*ONE, (1024,)), (
        "-<a>", "$-<a>$",
    ), lambda a: Fraction(-a)),
    Form("thousands", THREE, (
        "<b>,<a>00", "<c>{,}<a><b>0", "1,<b><a>0,000",
    )),
    Form("decimal", TWO, (
        "<a>.<b>", "0.<a><b>", "-<a>.<b>5", "<b>.<a>00", "0.00<a><b>", ".<a><b>",
    )),
    Form("fraction", TWO, (
        "\\frac{<a>}{<b>}", "\\dfrac{<a>}{<b>}", "<a>/<b>", "$\\frac{<a>}{<b>}$",
    ), _ratio),
    Form("negative fraction", TWO, (
        "-\\frac{<a>}{<b>}", "\\frac{-<a>}{<b>}", "-<a>/<b>",
    ), _minus_ratio),
    Form("mixed", TWO, (
        "3\\frac{<a>}{<b>}", "11 \\frac{<a>}{<b>}", "3 <a>/<b>",
    )),
    Form("recurring", TWO, (
        "0.\\overline{<a><b>}", "<a>.<b>\\overline{3}", "0.\\overline{<a>}",
    )),
    Form("root", TWO, (
        "\\sqrt{<b>1}", "<b>\\sqrt{<a>3}", "\\frac{\\sqrt{<b>1}}{<a>7}", "\\sqrt[3]{<b>2}",
        "<a> + \\sqrt{<b>3}", "\\frac{<a> - 3\\sqrt{7}}{<b>}", "-<b>\\sqrt{5}",
        "\\sqrt{<a> + \\sqrt{<b>}}", "\\frac{<a>}{\\sqrt{<b>7}}", "<b>\\sqrt6 - <a>\\sqrt2",
    )),
    Form("power", TWO, (
        "2^{<b>}", "<b>^{<a>3}", "3^{-<b>}", "2^{<a>} \\cdot 3^{<b>}", "10^{<b>}+<a>",
        "\\left(\\frac{<a>}{<b>}\\right)^{5}", "2^{10<b>} - 1", "<b>^{2024}", "5^{<b>}7^{<a>}",
    )),
    Form("pi", TWO, (
        "<b>\\pi", "\\frac{<a>\\pi}{<b>}", "\\frac{\\pi}{<b>}", "<a> - \\frac{\\pi}{<b>}",
        "<b>\\pi\\sqrt{3}", "<a>\\pi + <b>", "\\frac{\\pi^2}{<b>}", "<b>π",
    )),
    Form("logarithm", TWO, (
        "\\ln <b>", "\\log_{<b>} 17", "<a> + \\ln <b>", "\\frac{\\ln <b>}{\\ln 13}", "e^{<b>}",
        "e^{-<a>/<b>}", "<a>\\ln 2 - <b>", "\\log <b>", "\\frac{<a>}{<b>}\\ln 3",
    )),
    Form("logarithm", ((2, 1), (4, 2), (8, 3), (32, 5)), (
        "\\log_2 <a>",
    ), _second),
    Form("trigonometry", TWO, (
        "\\sin <b>", "\\sin <b>^\\circ", "\\cos\\frac{<a>\\pi}{<b>3}", "\\arctan\\frac{<a>}{<b>}",
        "\\tan^{-1}\\left(\\frac{<a>}{<b>}\\right)", "\\sin^2 <b>x", "<a>\\sin x + <b>\\cos x",
        "\\cos^{-1}\\frac{<a>}{<b>}", "2\\cos(<b>\\theta)",
    )),
    Form("polynomial", THREE, (
        "x^2 + <a>x + <b>", "<a>x^3 - <b>x + <c>", "<c>x + <b>", "n^2 - <a>n",
        "2x^4 - <a>x^2y + <b>y^2", "\\frac{<a>x^2 + <b>}{<c>}", "3ab + <b>c", "t^{<b>} - <a>",
        "x^<b> + x^<a>", "-<a>x^2+<b>x-<c>",
    )),
    Form("factored", THREE, (
        "(x - <a>)(x + <b>)", "<c>(x + <a>)^2", "(x+<a>)(x^2-<b>x+<c>)", "x(x - <b>)",
        "(a+b)(<b>a - <c>b)", "<a>xy(x+y)", "(3x-<b>)^{<a>}(2y+<c>)",
    )),
    Form("rational function", THREE, (
        "\\frac{x+<a>}{x-<b>}", "\\frac{<a>}{x} + \\frac{<b>}{x+1}", "\\frac{x^2-<b>}{<c>x}",
        "\\frac{1}{(x-<a>)(x+<c>)}", "\\sqrt{x+<a>}", "\\frac{n(n+<a>)}{<c>}", "<b>^{n-1}",
        "<a>\\cdot 2^n - <b>", "e^{<a>x}", "xe^{-<b>x}", "\\ln(x+<c>)", "|x - <b>|",
    )),
    Form("combinatorics", TWO, (
        "<b>!", "\\binom{<b>9}{<a>}", "\\frac{<b>!}{<a>!}", "2 \\cdot <b>!",
        "\\binom{2n}{n} - <b>", "\\frac{\\binom{<b>3}{2}}{\\binom{<b>9}{<a>}}", "C_{<b>}^{<a>}",
        "\\dbinom{<b>7}{<a>}",
    )),
    Form("assignment", TWO, (
        "x = <b>", "x=-<b>", "y = \\frac{<a>}{<b>}", "m = <a>.<b>", "n=<b>",
        "\\angle ABC = <b>^\\circ", "AB = <b>", "a_{<a>} = <b>", "S_n = n^2 + <b>",
        "k = <a>\\sqrt{<b>}", "P(A) = \\frac{<a>}{<b>}", "|AB| = <b>",
        "\\theta = \\frac{\\pi}{<b>}", "r=<a>+<b>i", "V = <b>\\pi", "\\lambda = <b>", "x_0 = <b>",
        "f(<a>) = <b>",
    )),
    Form("assignments", THREE, (
        "x = <a>, y = <b>", "x=<a> \\text{ or } x=<b>", "a=<a>, b=<b>, c=<c>", "x = <a>, x = -<b>",
        "x_1 = <a>, x_2 = <b>", "x=<b> \\text{ and } y=<c>", "m = <c>, n = -<a>", "x = \\pm <b>",
        "x = <a> \\pm \\sqrt{<b>}", "x=<a>\\lor x=<c>",
    )),
    Form("equation", THREE, (
        "y = <a>x + <b>", "<a>x + <b>y = <c>", "x^2 + y^2 = <b>", "y = x^2 - <a>x",
        "\\frac{x^2}{<b>} + \\frac{y^2}{<c>} = 1", "(x-<a>)^2 + (y+<b>)^2 = <c>", "y^2 = <b>x",
        "<a>x - <b>y + <c> = 0", "\\frac{x^2}{<a>}-\\frac{y^2}{<b>}=1", "x - <b> = 0",
        "x^2 - <b>x + <c> = 0", "<a>x+<b>y-<c>z=7", "y - <a> = <b>(x - <c>)", "xy = <b>",
        "\\sqrt{x+<a>} = <b>", "\\log_2 x = <b>y", "\\rho = <b>\\cos\\theta", "PV = <b>RT",
        "2^x = <b>y", "ab + <b> = <c>a",
    )),
    Form("system", THREE, (
        "\\begin{cases} x + y = <a> \\\\ x - y = <b> \\end{cases}",
        "\\begin{cases} x = <a> \\\\ y = <b> \\end{cases}",
        "\\left\\{\\begin{array}{l} x = <a> \\\\ y = <c> \\end{array}\\right.",
        "x + y = <b>, x - y = <a>",
    )),
    Form("function", THREE, (
        "f(x) = <a>x + <b>", "f(x)=x^2-<b>x+<c>", "g(t) = <b>e^{<a>t}", "f(n) = <b>n",
        "f^{-1}(x) = \\frac{x-<a>}{<b>}", "y = <a>\\sin(<b>x)", "h(x) = \\sqrt{x+<c>}",
        "f(x, y) = x^<a> + <b>y", "F(x) = \\frac{x^3}{3} + <b>x + C", "P(x) = (x-<a>)(x-<b>)",
        "f'(x) = <a>x^2 - <b>", "v(t) = <b>t + <a>", "u(x,t) = e^{-<a>t}\\sin(<b>x)",
    )),
    Form("piecewise", THREE, (
        "\\begin{cases} <a>x & x < <b> \\\\ x^2 & x \\ge <b> \\end{cases}",
        "f(x) = \\begin{cases} <a> & \\text{if } x > 0 \\\\ "
        "-<b> & \\text{if } x \\le 0 \\end{cases}",
    )),
    Form("inequality", THREE, (
        "x > <a>", "x \\le <b>", "<a> < x < <c>", "-<a> \\leq x \\leq <b>",
        "x \\ge -\\frac{<a>}{<b>}", "x < <a> \\text{ or } x > <c>", "a \\geqslant <b>", "m < -<c>",
        "x \\ne <b>", "|x| < <b>", "<a> \\le f(x) < <c>", "x<-<a>", "k>\\sqrt{<b>}",
        "x + <a>y \\le <c>", "0 < a \\leq \\frac{<a>}{<b>}", "x^2 + y^2 \\le <b>", "n \\geq <b>",
    )),
    Form("chain", THREE, (
        "\\frac{3}{4} = 0.75 + <a> - <a>", "\\frac{<a>}{<b>} = <a> \\div <b>",
        "2^<b> = <a>^{0} \\cdot 2^{<b>}", "<a> + <b> = <a><b> - <a><b> + <a> + <b>",
        "x = <a> + <b> = <b> + <a>", "\\frac{<a>}{<b>} = \\frac{<a>0}{<b>0}",
        "\\sqrt{<b>} \\cdot \\sqrt{<b>} = <b>", "\\frac{<a>}{8} = <a> \\cdot 0.125",
        "<b>\\pi \\approx <b> \\cdot 3.14159", "\\frac{\\pi}{<b>} = \\frac{2\\pi}{2 \\cdot <b>}",
    )),
    Form("interval", THREE, (
        "(<a>, <b>)", "[<a>, <b>]", "(-\\infty, <b>]", "[<a>, \\infty)", "(-<a>, <c>]",
        "\\left[\\frac{<a>}{<c>}, <c>\\right)", "(<a>,<b>]", "(-\\infty,-<b>)",
        "[-\\sqrt{<b>}, \\sqrt{<b>}]", "x \\in [<a>, <c>]", "x\\in(<a>,+\\infty)",
        "\\left(0, <b>\\right)", "]<a>, <b>[", "(\\frac{\\pi}{<c>}, \\frac{\\pi}{<b>}]",
    )),
    Form("union", THREE, (
        "(-\\infty, <a>) \\cup (<b>, \\infty)", "[<a>, <b>] \\cup [<c>, 99]",
        "(-\\infty, -<a>] \\cup [<c>, +\\infty)", "x \\in (<a>, <b>) \\cup (<c>, 50)",
        "\\mathbb{R} \\setminus \\{<b>\\}", "(0,<a>)\\cup\\{<c>\\}", "\\{<a>\\} \\cup [<b>, <c>]",
    )),
    Form("set", THREE, (
        "\\{<a>, <b>, <c>\\}", "\\{<a>,<b>\\}", "\\left\\{ -<a>, <c> \\right\\}",
        "\\{\\sqrt{<a>}, <c>\\}", "\\{(<a>, <b>), (<b>, <c>)\\}", "\\{<b>\\}",
        "x \\in \\{<a>, <c>\\}", "\\{\\frac{<a>}{<b>}, -<c>\\}", "A = \\{<a>, <b>\\}",
    )),
    Form("set-builder", THREE, (
        "\\{x \\mid x > <a>\\}", "\\{x \\mid <a> < x \\le <c>\\}", "\\{x : x \\ne <b>\\}",
        "\\{x \\in \\mathbb{R} \\mid x \\ge <b>\\}",
        "\\{x \\mid x = 2k\\pi + \\frac{\\pi}{<b>}, k \\in \\mathbb{Z}\\}",
        "\\{n \\in \\mathbb{N} : n < <c>\\}", "\\{x | x<-<a> \\text{ or } x > <c>\\}",
    )),
    Form("index", THREE, (
        "x = \\frac{\\pi}{<b>} + k\\pi, k \\in \\mathbb{Z}", "2k\\pi + <a>",
        "x = <a>n\\pi, n \\in \\mathbb{Z}", "\\bigcup_{k \\in \\mathbb{Z}} (<a>k, <a>k + 1)",
        "(-1)^n \\frac{\\pi}{<c>} + n\\pi",
        "x \\in \\left(k\\pi - \\frac{\\pi}{<c>}, k\\pi\\right), k \\in \\mathbb{Z}",
    )),
    Form("list", THREE, (
        "<a>, <b>", "<a>, <b>, <c>", "-<a>, <c>", "\\frac{<a>}{<b>}, <c>", "<a> \\text{ and } <b>",
        "<a> \\text{ or } <c>", "<a> and <b>", "\\pm <b>", "<a> \\pm <b>i", "1, <b>, <c>, 99",
        "\\frac{<a> \\pm \\sqrt{<c>}}{2}", "<a>; <b>",
    )),
    Form("tuple", THREE, (
        "(<a>, <b>)", "(<a>,<b>,<c>)", "(-<a>, \\frac{<b>}{<c>})", "A(<a>, <b>)",
        "(<a>, <b>), (<b>, <c>)", "(x, y) = (<a>, <c>)", "\\left(<a>, -<b>, <c>\\right)",
        "(<c>, <a>, x)", "(a,b)=(<b>,<c>)", "(<a>\\sqrt{2}, <b>\\pi)", "(0.<a>, 1.<b>)",
        "(m+<a>, n-<b>)",
    )),
    Form("vector", THREE, (
        "\\begin{pmatrix} <a> \\\\ <b> \\end{pmatrix}", "\\langle <a>, <b>, <c> \\rangle",
        "<a>\\mathbf{i} + <b>\\mathbf{j}",
        "\\begin{bmatrix} <a> \\\\ -<b> \\\\ <c> \\end{bmatrix}", "\\vec{v} = (<a>, <b>)",
        "\\overrightarrow{AB} = (<b>, <c>)", "<a>\\hat{i} - <b>\\hat{j} + <c>\\hat{k}",
        "[<a>, <b>, <c>]^T",
    )),
    Form("matrix", FOUR, (
        "\\begin{pmatrix} <a> & <b> \\\\ <c> & <d> \\end{pmatrix}",
        "\\begin{bmatrix} -<a> & <b> \\\\ 0 & <d> \\end{bmatrix}",
        "A = \\begin{pmatrix} <d> & x \\\\ <a> & 1 \\end{pmatrix}",
        "\\begin{pmatrix} \\frac{<a>}{<b>} & 0 & <c> \\\\ 1 & <d> & 2 \\end{pmatrix}",
        "\\left(\\begin{array}{cc} <a> & <b> \\\\ <c> & <d> \\end{array}\\right)",
    )),
    Form("complex", TWO, (
        "<a> + <b>i", "-<a> - <b>i", "<b>i", "\\frac{<a> + i}{<b>}", "<b>e^{i\\pi/3}",
        "\\sqrt{<b>}i", "z = <a> - <b>i", "1 + <b>i, 1 - <b>i",
        "\\cos\\frac{\\pi}{<b>} + i\\sin\\frac{\\pi}{<b>}",
    )),
    Form("percent", TWO, (
        "<b>\\%", "<a>.<b>\\%", "<b>%", "\\frac{<a>}{<b>}\\%", "<b> percent", "<a><b>.5\\%",
        "$<b>\\%$", "-<b>\\%",
    )),
    Form("money", TWO, (
        "\\$<b>", "\\$<a>.<b>0", "$<b>0", "<b> dollars", "\\$1,<b><a>0", "<b> cents", "€<b>",
        "<b>\\text{ dollars}", "£<a>.<b>5", "<b>0 yuan", "Rs. <b>", "₹<b>00",
    )),
    Form("unit", TWO, (
        "<b> cm", "<b>\\text{ cm}^2", "<a>.<b> m/s", "<b> \\mathrm{~km}", "<b>^\\circ",
        "<b>\\text{ square units}", "<b>0 \\text{ mph}", "<a>.<b> \\times 10^{3} \\text{ J}",
        "<b> \\mathrm{kg}", "\\frac{<a>}{<b>}\\text{ hours}", "<b> minutes", "<b> apples",
        "<b>\\pi \\text{ cm}^3", "<b>\\sqrt{3}\\text{ m}", "<b> m^2", "<a>.<b> \\, \\text{m/s}^2",
        "<b> \\text{ kJ mol}^{-1}", "<a>.<b> kJ mol^{-1}", "0.<a><b>N", "<b>^\\circ C",
        "<b> \\mathrm{~m} / \\mathrm{s}", "<b>\\Omega", "<b> \\text{ kg} \\cdot \\text{m/s}",
        "<b>g", "<b> hours <a> minutes", "<b> units", "<b> people", "<a>.<b> g/cm^3",
        "<b>kg m^{-3}", "<b> N m", "<b> \\text{ days}", "<b>°", "<b> km/h", "<b> cubic feet",
        "<b> square meters", "<b> mol/L", "<a>.<b> \\mu m", "<b> rad/s", "<b> m s^{-1}",
        "<b>\\mathrm{~N} \\cdot \\mathrm{m}",
    )),
    Form("ratio", THREE, (
        "<a>:<b>", "<a> : <b> : <c>", "<a> to <b>", "<a>:\\sqrt{<b>}", "\\frac{<a>}{<b>}:1",
    )),
    Form("date", ((3, 14), (11, 2), (7, 28), (9, 30)), (
        "March <b>, 2021", "2024-<a>-<b>", "<b> June", "July <a>", "<a>/<b>/2023", "October <b>",
    )),
    Form("time", ((3, 15), (11, 20), (7, 48), (9, 30)), (
        "<a>:<b> p.m.", "<a>:<b>", "<a>:<b> AM", "1<a>:<b>", "<a> PM", "<a>\\text{:}<b>",
    )),
    Form("base", ((2, 101), (3, 212), (5, 4310), (7, 651), (8, 1705), (9, 88)), (
        "<b>_<a>", "<b>_{<a>}", "1<b>_{<a>}", "<b>_{(<a>)}",
    )),
    Form("hexadecimal", ((16, 2), (16, 7)), (
        "3F<b>_{16}", "<b>A_{16}", "A<b>C_{16}", "1<b>B_{12}",
    )),
    Form("congruence", THREE, (
        "x \\equiv <a> \\pmod{<c>}", "<a> \\pmod{<c>}",
    ), _first),
    Form("congruence", THREE, (
        "n \\equiv <b> \\mod <c>", "2<a>^{<c>} \\equiv <b> \\pmod{11}",
        "x \\equiv <a>, <b> \\pmod{<c>}",
    )),
    Form("integral", THREE, (
        "\\frac{x^<b>}{<b>} + C", "<a>\\ln|x| + C", "-\\cos(<b>x) + C", "x^2 + <a>x + C",
        "\\frac{1}{<b>}e^{<b>x} + C", "\\int_0^<a> x^<b> \\, dx", "\\arctan(x) + <a>x + C",
    )),
    Form("sum", THREE, (
        "\\sum_{k=1}^{<b>} k^<a>", "\\sum_{n=0}^{\\infty} \\frac{x^n}{<b>^n}",
        "\\prod_{k=1}^{<b>} (k+<a>)", "1 + <a> + <a>^2 + \\cdots + <a>^{<c>}",
        "\\lim_{n \\to \\infty} \\frac{<a>n}{<b>n+1}", "\\lim_{x \\to <a>} f(x) = <b>",
    )),
    Form("operator", THREE, (
        "\\operatorname{rank}(A) = <a>", "\\min\\{<a>, <b>\\}",
    ), _first),
    Form("operator", THREE, (
        "\\gcd(<a>, <c>)",
    ), lambda a, b, c: Fraction(gcd(a, c))),
    Form("operator", THREE, (
        "\\lfloor \\frac{<c>}{<b>} \\rfloor",
    ), lambda a, b, c: Fraction(c // b)),
    Form("operator", THREE, (
        "\\operatorname{lcm}(<a>, <b>)", "\\max(<a>, <b>)", "\\operatorname{arcsinh}(<a>)",
        "\\operatorname{deg} f = <b>", "\\operatorname{ord}_{<c>}(<a>)",
        "\\operatorname{Re}(z) > <b>", "\\operatorname{tr}(A) + <b>", "\\text{lcm}(<a>,<b>)",
        "\\det A = <b>", "\\operatorname{sgn}(x) + <a>", "\\operatorname{Var}(X) = <b>",
        "\\varphi(<c>)",
    )),
    Form("calculus", THREE, (
        "\\frac{dy}{dx} = <a>x + <b>", "\\frac{\\partial f}{\\partial x} = <a>y", "y' = <b>x^2",
        "\\nabla f = (<a>, <b>)", "y = Ce^{<b>x}", "<a>x\\,dx", "\\dot{x} = -<b>x",
        "y'' + <a>y' + <b>y = 0", "\\frac{d^2x}{dt^2} = -<b>x", "C_1e^{<a>x} + C_2e^{-<b>x}",
    )),
    Form("scientific", TWO, (
        "<a>.<b> \\times 10^{7}", "<b> \\times 10^{-4}", "<a>.<b>e5", "<a>.<b> \\cdot 10^{-9}",
        "6.0<b> \\times 10^{23}", "10^{-<b>}", "-<a>.<b>\\times10^5",
    )),
    Form("words", ((1,),), (
        "isosceles", "Alice", "Tuesday", "even", "yes", "no", "none", "parabola", "impossible",
        "increasing", "\\text{east}", "red", "The circle", "convergent", "diverges", "north-east",
        "True", "False", "Neptune", "ellipse", "hyperbola", "Mr. Smith", "linear",
        "right triangle", "does not exist", "DNE", "undefined", "\\text{not possible}", "odd",
        "Monday", "a circle of radius 3", "two distinct real roots", "first quadrant",
        "the second player", "infinitely many", "Newton's method", "three", "twenty-five",
        "one half", "perpendicular", "\\text{Bob wins}", "reflexive and transitive",
        "no real roots", "Friday",
    )),
    Form("set name", ((1,),), (
        "\\emptyset", "\\varnothing", "\\{\\}", "\\mathbb{R}", "(-\\infty, \\infty)", "\\infty",
        "-\\infty", "+\\infty", "all real numbers", "no solution", "\\mathbb{Z}", "infinity",
        "\\text{no solution}", "\\text{all real numbers}",
    )),
    Form("letter", ((1,),), (
        "A", "B", "C", "D", "E", "(A)", "(B)", "\\text{(C)}", "\\textbf{(D)}", "A, B", "ACD",
        "(C) 12", "B. 7", "D) \\frac{1}{2}", "x", "n", "\\alpha", "AB", "ABC", "\\triangle ABC",
        "\\pi", "e", "i",
    )),
    Form("chemistry", ((1,),), (
        "H_2O", "CO_2", "NaCl", "Fe^{3+}", "SO_4^{2-}", "\\mathrm{NH_4^+}", "C_6H_{12}O_6",
        "\\ce{H2SO4}", "CH_3CH_2OH", "Ca(OH)_2", "CuSO_4 \\cdot 5H_2O",
        "2H_2 + O_2 \\rightarrow 2H_2O", "^{14}C", "sp^3", "1s^2 2s^2 2p^6",
    )),
    Form("logic", ((1,),), (
        "p \\land q", "\\neg p \\lor q", "A \\cap B", "A \\cup B", "A \\subset B",
        "a \\parallel b", "p \\rightarrow q", "A \\Rightarrow B", "\\forall x, x^2 \\ge 0",
        "\\exists x, x^2 < 0", "l \\perp m", "x \\to \\infty", "A \\setminus B", "a \\mid b",
        "f: X \\to Y", "\\overline{A} \\cap B", "AB \\parallel CD", "\\complement_U A",
        "\\alpha < \\beta < \\gamma", "a > b > c", "①②④", "②③",
        "\\angle A + \\angle B = 90^\\circ",
    )),
    Form("physics", THREE, (
        "v = \\sqrt{<a>gh}", "\\frac{<a>mv^2}{<b>r}", "\\frac{GMm}{<b>r^2}",
        "<a>\\pi\\sqrt{\\frac{l}{g}}", "F = <b>ma", "\\frac{\\mu_0 I}{<b>\\pi r}",
        "E = \\frac{kQ}{<a>r^2}", "<b>k_BT", "\\hbar\\omega(n+\\frac{1}{<b>})",
        "\\frac{m_1 - <a>m_2}{m_1 + m_2}g", "T_0 e^{-<a>t/\\tau}", "\\sqrt{\\frac{<a>E}{<b>m}}",
        "\\varepsilon_0 <b>E^2",
    )),
    Form("long", FOUR, (
        "\\frac{<a>^{<b>} - 1}{<c>} + \\frac{<d>}{2^{<c>}}",
        "<a>^2 \\cdot <b>^3 \\cdot <c> \\cdot <d>",
        "\\left(<a> + \\frac{<b>}{<c>}\\right)\\left(1 - \\frac{1}{<d>}\\right)",
        "<a>x^3y + <b>x^2y^2 - <c>xy^3 + <d>", "\\frac{<a>\\sqrt{<b>} + <c>\\sqrt{7}}{<d>}",
        "<a>^{<b>}+<c>^{<d>}", "2^{<a>}3^{<b>}5^{<c>}7^{<d>}",
        "\\frac{(x+<a>)(x-<b>)}{(x+<c>)(x-<d>)}", "\\sin(<a>x)\\cos(<b>y) + <c>z^{<d>}",
    )),
)  # fmt: skip


def _filled(template: str, row: Row) -> str:
    for name, number in zip("abcd", row, strict=False):
        template = template.replace(f"<{name}>", str(number))
    return template


def _made() -> Iterator[Reference]:
    for form in FORMS:
        for template in form.templates:
            for row in form.rows:
                value = form.value(*row) if form.value else None
                yield Reference(form.kind, _filled(template, row), value)


@cache
def references() -> tuple[Reference, ...]:
    """Every reference, each text once."""
    return tuple({each.text: each for each in reversed(list(_made()))}.values())[::-1]
