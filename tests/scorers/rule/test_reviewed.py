"""What hostile reviews found in the rules, by kind: paid and wrong, or right and refused."""

from __future__ import annotations

import pytest

from harmo import Sample
from harmo.scorers import registry
from harmo.scorers.reading.extract import view

PROMPT = "Which?\nA. cat\nB. dog\nC. bird\nD. fish"
# Scorer, reference, what is said of every text, texts.
WRONG = [
    ("rule.math", "12", "digits with a mark or a gap between them are two",
     ["\\boxed{1_2}", "\\boxed{1₂}", "\\boxed{1\\text{ }2}", "\\boxed{1\\mathrm{ }2}",
      "\\boxed{1\\hspace{1em}2}", "\\boxed{1\n2}", "\\boxed{{1}{2}}", "\\boxed{_12}"]),
    ("rule.math", "4", "words that make another number of it, or take it back",
     ["\\boxed{4 \\text{ doubled}}", "\\boxed{4 \\text{ tens}}", "\\boxed{4 \\text{ rejected}}",
      "\\boxed{4 \\text{ point five}}", "\\boxed{\\text{near } 4}", "\\boxed{\\text{until } 4}",
      "\\boxed{\\text{one of } 4}"]),
    ("rule.math", "7", "an answer that is called wrong, a bound, a list",
     ["The wrong answer is 7", "Answer: > 7", "Answer: 7; 8"]),
    ("rule.math", "3+4i", "an accent makes another number", ["\\boxed{\\overline{3+4i}}"]),
    ("rule.math", "z", "a conjugate", ["\\boxed{\\bar z}", "\\boxed{\\overline{z}}"]),
    ("rule.choice", "B", "an answer that is called wrong, denied or left open",
     ["The wrong answer is B", "The incorrect option is B.", "A common wrong answer is B.", "~B",
      "B if barking, else A", "The answer is B if it's small, C otherwise", "Answer: B or not"]),
    ("rule.choice", "B", "struck out, or a comment",
     ["~~B~~", "<!-- \\boxed{dog} -->", "~~dog~~", "~~\\boxed{B}~~"]),
    ("rule.exact", "Paris", "called wrong, asked, or with a sign",
     ["The wrong answer is Paris", "Paris?", "-\\boxed{Paris}"]),
    ("rule.exact", "5", "a bound", ["\\boxed{> 5}", "\\boxed{\\ge 5}"]),
    ("rule.vqa", "2", "another sign", ["\\boxed{-2}", "\\boxed{> 2}"]),
    ("rule.count", "5", "denied, or a part of another number",
     ["none of the 5", "there are no 5", "everything but 5", "5 is wrong", "half of 5",
      "twice five", "5 tens"]),
    ("rule.count", "1", "an equation of mere numbers says none of them", ["1=1"]),
    ("rule.yes_no", "no", "struck out, or a comment", ["~~no~~", "% no", "<!-- \\boxed{no} -->"]),
    ("rule.chart_relaxed", "100", "another number", ["100 squared", "\\boxed{100 squared}"]),
]  # fmt: skip
RIGHT = [
    ("rule.math", "7", "special tokens that ended the turn are no text",
     ["\\boxed{7}<|im_end|>", "$\\boxed{7}$<|endoftext|>", "\\boxed{7}</s>",
      "\\boxed{7}<|eot_id|>\n", "\\boxed{7}<｜end▁of▁sentence｜>"]),
    ("rule.math", "5", "harmless words beside a box",
     ["The minimum value is \\boxed{5}, attained when x = 2 or x = -2.", "\\boxed{5} if x = 2.",
      "\\boxed{5}. It is not prime.", "Perhaps surprisingly, the answer is \\boxed{5}.",
      "So \\(x = \\boxed{5}\\) is the answer, not 8.", "\\boxed{5} — no other value works."]),
    ("rule.math", "0.5", "the same again in another form", ["\\boxed{0.5} (or $\\frac12$)"]),
    ("rule.math", "1; 2", "a list goes on", ["**Answer:** 1; 2"]),
    ("rule.math", "Rs. 15", "a point that ends no sentence", ["The final answer is Rs. 15"]),
    ("rule.math", "\\overline{AB}", "a segment by its name alone", ["\\boxed{AB}"]),
    ("rule.math", "3\\hat{i}+4\\hat{j}", "unit vectors", ["\\boxed{3i+4j}"]),
    ("rule.choice", "B", "special tokens, or decisions",
     ["B<|eot_id|>", "dog (option B)", "It is dog, not cat."]),
    ("rule.yes_no", "yes", "a special token", ["Yes</s>"]),
    ("rule.exact", "Paris", "a special token", ["Paris<end_of_turn>"]),
    ("rule.count", "5", "a number word in a box", ["\\boxed{\\text{five}}"]),
    ("rule.chart_relaxed", "$25", "the reference itself, its sign escaped", ["\\boxed{\\$25}"]),
]  # fmt: skip


def value(scorer: str, reference: str, completion: str) -> float | None:
    registry.load()
    bound = registry.bind(scorer, {})
    prompt = PROMPT if scorer == "rule.choice" else "What is it?"
    sample = Sample(prompt=prompt, reference=reference, completion=completion)
    return bound.spec.fn(view(sample, part="answer", reference=None)).value


@pytest.mark.parametrize(("scorer", "reference", "why", "texts"), WRONG)
def test_what_was_paid_is_wrong(scorer: str, reference: str, why: str, texts: list[str]) -> None:
    paid = {text: value(scorer, reference, text) for text in texts}
    assert paid == dict.fromkeys(texts, 0.0), why


@pytest.mark.parametrize(("scorer", "reference", "why", "texts"), RIGHT)
def test_what_was_refused_is_right(scorer: str, reference: str, why: str, texts: list[str]) -> None:
    refused = {text: value(scorer, reference, text) for text in texts}
    assert refused == dict.fromkeys(texts, 1.0), why
