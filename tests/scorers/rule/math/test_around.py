"""What stands in and around an answer is part of it: honest decorations, and what says else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.reading.extract import view
from harmo.scorers.types import Sample, Score
from tests.scorers.rule.math.decorations import DISHONEST, HONEST

NUMBERS = ("7", "\\frac{3}{4}", "12.5", "-3", "1234")
FORMULAS = (*NUMBERS, "x^2+1", "(1, 2)", "2\\sqrt{3}", "[0, 5)", "\\{1, 2\\}")
REFERENCES = {
    "numbers": NUMBERS,
    "formulas": FORMULAS,
    "all": (*FORMULAS, "isosceles", "Paris"),
}


def scored(completion: str, reference: str, prompt: str = "") -> Score:
    bound = registry.bind("rule.math", {})
    sample = Sample(completion=completion, reference=reference, prompt=prompt)
    read = view(sample, part="answer", reference=None)
    quick = bound.spec.inline(read)
    return bound.spec.fn(read) if quick is None else quick


def rows(table):
    return [
        pytest.param(template, forms, why, id=template)
        for why, (forms, templates) in table.items()
        for template in templates
    ]


@pytest.mark.parametrize(("template", "forms", "why"), rows(HONEST))
def test_an_honest_decoration_leaves_an_answer_right(template, forms, why):
    for reference in REFERENCES[forms]:
        score = scored(template.replace("@", reference), reference)
        assert score.value == 1.0, (reference, why, score.detail)


@pytest.mark.parametrize(("template", "forms", "why"), rows(DISHONEST))
def test_what_denies_doubts_or_alters_an_answer_is_wrong(template, forms, why):
    for reference in REFERENCES[forms]:
        score = scored(template.replace("@", reference), reference)
        assert score.value == 0.0, (reference, why, score.detail)


def test_the_tables_are_large():
    assert sum(len(templates) for _, templates in HONEST.values()) >= 100
    assert sum(len(templates) for _, templates in DISHONEST.values()) >= 200


@pytest.mark.parametrize(
    ("reference", "completion", "why"),
    [
        ("-7", "-\\boxed{7}", "the sign is a part of the answer"),
        ("-7", "\\boxed{minus 7}", "a sign in words"),
        ("49", "\\boxed{7 squared}", "what the words say"),
        ("7/2", "\\boxed{7 halves}", "a fraction in words"),
        ("57", "5\ufe0f\u20e37\ufe0f\u20e3", "keycaps are digits, all of them"),
        ("57", "\\boxed{5\ufe0f\u20e37\ufe0f\u20e3}", "and so in a box"),
        ("7000000", "\\boxed{7} million", "a scale behind the box"),
        ("x > 7", "$x > \\boxed{7}$", "the inequality is the answer"),
        ("x \\ge 7", "$x \\ge \\boxed{7}$", "so is the bound"),
        ("50\\%", "$\\boxed{50}\\,\\%$", "the percent sign"),
        ("1011_2", "\\boxed{1011}_2", "the base"),
        ("90^\\circ", "$\\boxed{90}^\\circ$", "the degrees"),
        ("7 m", "\\boxed{700} cm", "the unit behind the box"),
        ("at least 7", "\\boxed{at least 7}", "a reference that is bounded"),
        ("\\{7, 8\\}", "\\boxed{7 or 8}", "a list of solutions"),
        ("7, 8", "x = \\boxed{7} or x = \\boxed{8}", "in two boxes"),
        ("1234", "\\boxed{1 234}", "thousands set apart"),
        ("3/2", "\\boxed{1 1/2}", "a mixed number"),
        ("\\frac{1}{2}", "\\boxed{\\frac12} or 0.5", "the same value again"),
    ],
)
def test_what_stands_around_a_box_is_read_with_it(reference, completion, why):
    assert scored(completion, reference).value == 1.0, why


@pytest.mark.parametrize(
    ("reference", "completion", "why"),
    [
        ("7 m", "\\boxed{7} km", "another unit behind the box"),
        ("12", "\\boxed{1 2}", "two numbers"),
        ("12", "\\boxed{1\\,2}", "a thin space is a gap, too"),
        ("12", "\\boxed{1\u00a02}", "and one that does not break"),
        ("1234", "\\boxed{12 34}", "no group of three"),
        ("7", "\\boxed{7} million", "a scale behind the box"),
        ("12", "\\boxed{1}\\boxed{2}", "two boxes"),
    ],
)
def test_what_stands_around_a_box_may_make_it_wrong(reference, completion, why):
    assert scored(completion, reference).value == 0.0, why


@pytest.mark.parametrize(
    "bound", ["at least \\boxed{7}", "$n \\ge \\boxed{7}$", "up to \\boxed{7}"]
)
def test_a_bound_answers_a_prompt_that_asks_for_one(bound):
    assert scored(f"So {bound} are needed.", "7", "What is the least number of moves?").value == 1.0
    assert scored(f"So {bound} are needed.", "7", "What is 3 + 4?").value == 0.0


GLUE = st.text(alphabet="+-*/^_=<>!?%.,:;()[]|~'8x \\", min_size=1, max_size=4)
LEADS = st.lists(st.sampled_from(["so", "the", "answer", "it", "is", "thus"]), max_size=4)
WORDS = st.sampled_from(
    ["not", "maybe", "or", "if", "at least", "but", "wrong", "is", "8", "twice", "no", "unless"]
)


@settings(max_examples=150, deadline=None)
@given(before=GLUE, after=GLUE, reference=st.sampled_from(["7", "-7", "\\frac{3}{4}", "x+1"]))
def test_whatever_is_glued_to_a_box_gets_a_score(before, after, reference):
    for text in (f"{before}\\boxed{{7}}{after}", f"${before}\\boxed{{7}}{after}$"):
        assert scored(text, reference).value in {0.0, 1.0}


@settings(max_examples=150, deadline=None)
@given(sign=st.sampled_from(["not", "never", "isn't", "cannot be", "maybe", "twice"]), lead=LEADS)
def test_no_words_before_a_denial_undo_it(sign, lead):
    assert scored(f"{' '.join(lead)} {sign} \\boxed{{7}}", "7").value == 0.0


@settings(max_examples=150, deadline=None)
@given(words=st.lists(WORDS, min_size=1, max_size=6), place=st.integers(0, 6))
def test_words_around_an_answer_never_make_another_right(words, place):
    words.insert(place, "\\boxed{7}")
    assert scored(" ".join(words), "9").value == 0.0


@settings(max_examples=100, deadline=None)
@given(
    operator=st.sampled_from(["+", "-", "\\cdot", "/", "^", "\\times", "\\pm"]),
    n=st.integers(2, 99),
)
def test_an_operand_is_no_answer(operator, n):
    assert scored(f"$\\boxed{{7}} {operator} {n}$", "7").value == 0.0
    assert scored(f"${n} {operator} \\boxed{{7}}$", "7").value == 0.0


FORMS = (
    "\\frac{3}{4}", "1\\frac{1}{2}", "0.75", "12,000.50", "50\\%", "5\\text{ cm}", "45^\\circ",
    "(1, 2)", "(-\\infty, 3)", "\\{1, 2, 3\\}", "(0,1)\\cup(2,3)", "x = 5", "y = 2x + 1", "x > 3",
    "-2 < x \\le 5", "1, 2 and 3", "x = 1 or x = 2", "2\\sqrt{3}", "3.0 \\times 10^8", "3+4i",
    "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "\\mathbb{R}", "3:30 p.m.", "March 5, 2021",
    "NH_4^+", "CaCO_3", "isosceles", "no solution", "does not exist", "not prime", "St. Louis",
    "red, white and blue", "Washington, D.C.", "at least 7", "between 3 and 5", "4:3", "2 to 3",
    "7 apples", "3 hours 20 minutes", "two thirds", "-\\frac{3}{4}", "\\pm 2", "n!", "x \\neq 2",
)  # fmt: skip
SENTENCES = (
    "The answer is @.", "So we get $@$.", "Therefore, @ is the answer", "Answer: @.",
    "\\boxed{@} is my final answer", "Thus, the value is $@$.", "Therefore, $@$ is the answer.",
)  # fmt: skip


@pytest.mark.parametrize("reference", FORMS)
def test_a_reference_answers_itself_in_a_sentence(reference):
    for sentence in SENTENCES:
        score = scored(sentence.replace("@", reference), reference)
        assert score.value == 1.0, (sentence, score.detail)
