"""Hostile completions: settled at once or refused, never executed, never a bonus."""

from __future__ import annotations

import importlib.util
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers.rule.math import inline, math
from harmo.scorers.rule.math.syntax.clean import clean
from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.types import Sample, Score

DATA = Path(__file__).parents[5] / "shared" / "data" / "adversarial_math.py"

OWN = [
    ("5", "\\boxed{" + "(" * 5000 + "5" + ")" * 5000 + "}", "deep brackets in a box"),
    ("5", "$" + "{" * 900 + "5" + "}" * 900 + "$", "deep braces"),
    ("5", "\\boxed{" + "x*" * 400 + "x}", "a product as high as it is long"),
    ("5", "\\boxed{5" + "!" * 300 + "}", "factorials upon factorials"),
    ("5", "\\boxed{" + "-" * 900 + "4}", "a row of signs"),
    ("5", "\\boxed{" + "x^" * 400 + "x}", "a tower of symbols"),
    ("5", "\\boxed{" + "\\sqrt" * 150 + "4}", "a chain of roots"),
    ("5", "\\boxed{" + "1\\pm\\{" * 60 + "2" + "\\}" * 60 + "}", "signs that double at each level"),
    ("5", "\\boxed{" + "\\{" * 30 + "1\\pm2," * 30 + "}", "unclosed sets of signs"),
    ("5", "\\boxed{\\binom{10^9}{5 \\cdot 10^8}}", "a binomial of a billion"),
    ("5", "\\boxed{((10^6)!)!}", "a factorial of a factorial"),
    ("5", "\\boxed{\\sin(10^{10^{10}})}", "a sine of something huge"),
    ("5", "\\boxed{\\lfloor e^{10^{12}} \\rfloor}", "a floor of something huge"),
    ("5", "\\boxed{\\gcd(2^{60000}, 2^{60001}-1)}", "a divisor of huge numbers"),
    ("5", "\\boxed{" + "9" * 2000 + " \\mod 7}", "a number beyond the digit limit"),
    ("5", "\\boxed{0x10}", "a number in program notation"),
    ("5", "\\boxed{{5}}}}}}" + "\\boxed{6}", "closing braces that close nothing"),
    ("5", "\\text{" * 300 + "5" + "}" * 300, "texts in texts"),
    ("5", "the answer is " * 2000 + "6", "cues without end"),
    ("5", "1/" * 4000 + "0", "fractions without end"),
    ("5", "\\boxed{{}.__class__.__mro__[1].__subclasses__()}", "a Python object's insides"),
    ("5", "\\boxed{lambda: 5}", "a Python function"),
    ("5", "\\boxed{%d%s%n{0.__class__}}", "format strings"),
    ("5", "\\boxed{\\input{/etc/passwd}}", "a TeX file inclusion"),
    ("5", "\\boxed{\\def\\x{\\x\\x}\\x}", "a TeX macro bomb"),
    ("5", "\\begin{pmatrix}" + "1&" * 5000 + "\\end{pmatrix}", "a matrix of one endless row"),
    ("5", "<answer>" * 3000 + "4", "answer elements that never close"),
    ("5", "<answer>4</answer>" * 40 + "<answer>5</answer>", "every answer but one wrong"),
]


def scored(reference: object, completion: str) -> Score:
    sample = Sample(reference=reference, completion=completion)
    return inline(sample) or math(sample)


@pytest.mark.parametrize(("reference", "completion", "why"), OWN, ids=[row[2] for row in OWN])
def test_hostile_text_is_wrong(reference, completion, why):
    assert scored(reference, completion).value == 0.0, why


# True as mathematics or as text, whatever its author meant by it.
RIGHT = {
    "10^10^10_gold_same",
    "2^(10^7)-2^(10^7)+5",
    "u:10^10^7-10^10^7+5",
    "expand (a+b+c+d)^200 vs",
    "c:(10^8)!/(10^8-1)!",
    "c:expr (9**9**9)/(9**9**9)",
    "dollar amounts prose 3k",
    "null bytes",
    "unicode fullwidth digits",
    "unicode arabic digits",
    "unicode superscript",
    "lone surrogate",
    "rtl override",
}
# References longer than any answer may be.
ABSTAINS = {"set 300 elems vs 300 sqrt", "set 3000 elems vs 3000"}


def _shared_cases() -> dict[str, tuple[object, object]]:
    if not DATA.exists():
        return {}
    spec = importlib.util.spec_from_file_location("adversarial_math", DATA)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CASES


CASES = _shared_cases()


@pytest.mark.skipif(not CASES, reason="../shared/data is not here")
@pytest.mark.parametrize("name", sorted(CASES))
def test_shared_adversarial_pair(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reference, completion = (side() if callable(side) else side for side in CASES[name])

    score = scored(reference, completion)

    expected = None if name in ABSTAINS else float(name in RIGHT)
    assert score.value == expected
    assert not list(tmp_path.iterdir()), "nothing a completion says is ever run"


PIECES = st.sampled_from(
    [
        *"0123456789xyzabi+-*/^_!=<>|()[]{},.:;%$& ",
        "\\frac", "\\sqrt", "\\boxed{", "\\{", "\\}", "\\pm", "\\cup", "\\text{",
        "\\begin{pmatrix}", "\\end{pmatrix}", "\\\\", "\\infty", "\\le", "\\sin", "\\log",
        "^\\circ", " cm", "e9", "½", "²", "答案是", "the answer is ", "</think>", "<answer>",
        "</answer>", "\n",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_text_makes_it_raise(text):
    for reference in ("5", "x^2", "(1,2]", "\\{1,2\\}", "x>3", "Paris"):
        score = inline(Sample(reference=reference, completion=text))
        assert score is None or score.value in {0.0, 1.0}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_parser_reads_or_refuses(text):
    with suppress(UnreadableError):
        parse(clean(text))


def test_long_exact_numbers_are_left_to_the_worker_and_wrong_there():
    answer = "+".join(f"1.{10**20 + i}^{{900}}" for i in range(25))
    sample = Sample(reference="5", completion=f"\\boxed{{{answer}}}")
    assert inline(sample) is None
    assert math(sample).value == 0.0
