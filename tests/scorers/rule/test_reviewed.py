"""What hostile reviews found in the rules, by kind: paid and wrong, or right and refused."""

from __future__ import annotations

import pytest

from harmo import Sample
from harmo.scorers import registry
from harmo.scorers.reading.extract import view

PROMPT = "Which?\nA. cat\nB. dog\nC. bird\nD. fish"
# Scorer, reference, what is said of every text, texts.
WRONG = [
    *[(scorer, "7", "what is announced, and then replaced or taken back",
       ["The answer is 7. Or 9.", "The answer is 7. Wait, no, it is 9.", "Answer: 7\nOr 9",
        "The answer is 7. Actually, 9.", "The answer is 7, which is wrong.",
        "The answer is 7.\n\nSorry, 9.", "The answer is 7. Just kidding."])
      for scorer in ("rule.math", "rule.numeric", "rule.count", "rule.chart_relaxed")],
    *[(scorer, "7", "words without blanks deny or doubt it",
       ["不是7", "可能是7"])
      for scorer in ("rule.math", "rule.numeric", "rule.count", "rule.chart_relaxed")],
    ("rule.math", "7", "the same, around a cue",
     ["答案不是7", "答案可能是7", "如果答案是7", "答えは7ではない", "정답은 7이 아니다"]),
    *[(scorer, "7", "a number that its sentence leaves in doubt",
       ["I doubt there are 7", "I don't think there are 7", "7 would be wrong", "none or 7",
        "If there were 7", "Suppose there are 7", "It is not clear whether there are 7",
        "7 but maybe more", "There are 7 dogs. Actually 8.", "There are 7 dogs. No, 8."])
      for scorer in ("rule.numeric", "rule.count", "rule.chart_relaxed")],
    ("rule.choice", "B", "another key beside it, in any script",
     ["\\boxed{B} or C", "\\boxed{B} / C", "B∨C", "答案是B或者C", "Ответ: B или C"]),
    ("rule.choice", "B", "denied, doubted or supposed, with no blank before it",
     ["可能是B", "答えはBではない", "정답은 B가 아니다", "B是错的", "Assume the answer is B."]),
    ("rule.yes_no", "yes", "left open or taken back by what follows",
     ["Yes... or no", "yes, maybe", "Yes, probably not", "The answer is yes, which is wrong.",
      "да или нет"]),
    ("rule.exact", "Paris", "another in its place",
     ["The answer is Paris. Actually, Lyon.", "The answer is Paris. Wait, no, Lyon."]),
    ("rule.chart_relaxed", "7", "a part of another number", ["7½", "7^2", "7 dozen"]),
    ("rule.math", "7", "a sign glued to it makes it another thing",
     ["Answer: 7+", "The answer is 7+.", "It is 7-", "Answer: !7", "Answer: ¬7", "\\boxed{¬7}",
      "Answer: 7...9", "Answer: 7!!", "There are 7+ of them."]),
    ("rule.math", "7", "a base that there is not", ["\\boxed{7_{1}}", "\\boxed{7_1}"]),
    ("rule.math", "7", "no reader sees it",
     ["<span hidden>\\boxed{7}</span>", "<script>\\boxed{7}</script>",
      "<template>\\boxed{7}</template>", "<style>\\boxed{7}</style>",
      '<span style="font-size:0">\\boxed{7}</span>', "[//]: # (\\boxed{7})",
      "[comment]: <> (\\boxed{7})"]),
    ("rule.math", "12", "digits with a mark or a gap between them are two",
     ["\\boxed{1_2}", "\\boxed{1₂}", "\\boxed{1\\text{ }2}", "\\boxed{1\\mathrm{ }2}",
      "\\boxed{1\\hspace{1em}2}", "\\boxed{1\n2}", "\\boxed{{1}{2}}", "\\boxed{_12}"]),
    ("rule.math", "4", "words that make another number of it, or take it back",
     ["\\boxed{4 \\text{ doubled}}", "\\boxed{4 \\text{ tens}}", "\\boxed{4 \\text{ rejected}}",
      "\\boxed{4 \\text{ point five}}", "\\boxed{\\text{near } 4}", "\\boxed{\\text{until } 4}",
      "\\boxed{\\text{one of } 4}"]),
    ("rule.math", "7", "an answer that is called wrong, a bound, a list",
     ["The wrong answer is 7", "Answer: > 7", "Answer: 7; 8"]),
    ("rule.math", "4", "another number or formula behind words",
     ["\\boxed{4 \\text{ people (5)}}", "\\boxed{4 \\text{ people } \\pi}",
      "\\boxed{4 \\text{ cm and five}}", "\\boxed{4 \\text{ people, 5}}", "\\boxed{4 apples [5]}",
      "<answer>4 apples or six</answer>", "\\boxed{4 \\text{ kg and a half}}",
      "\\boxed{4 \\text{ students}} and five", "The answer is 4 people (5)"]),
    ("rule.math", "4", "an answer that is only supposed, bounded, corrected, or one of two",
     ["Suppose the answer is 4.", "If the answer is 4", "Hypothetically, the answer is 4.",
      "≥4", "<4", "It's 4. Actually it's five.", "It is 5. Or 4.", "5 vs 4", "**5** **4**",
      "\\boxed{4 \\text{ (or none)}}", "\\boxed{4 \\text{ (5 if odd)}}", "Wrong = 4"]),
    ("rule.math", "4", "a number in words before it",
     ["\\boxed{\\text{ten times } 4}", "\\boxed{\\text{five or } 4}", "\\boxed{twenty 4}",
      "<answer>two dozen 4</answer>", "\\boxed{\\text{zehn mal } 4}", "ten times \\boxed{4}"]),
    ("rule.math", "12", "digits with something unseen between them are two numbers",
     ["\\boxed{1\\phantom{0}2}", "\\boxed{1\\cancel{0}2}", "\\boxed{1<!-- 0 -->2}",
      "\\boxed{1\\color{white}{0}2}", "\\boxed{1~~0~~2}"]),
    ("rule.math", "\\frac{12}{5}", "a gap inside a fraction",
     ["\\boxed{\\frac{1 2}{5}}", "\\boxed{\\frac{1\\,2}{5}}", "\\boxed{\\frac{1_2}{5}}"]),
    ("rule.math", "\\sqrt{12}", "a gap under a root", ["\\boxed{\\sqrt{1 2}}"]),
    ("rule.math", "7", "a label, an assumption, lines of values",
     ["page 7", "<answer>Step 7</answer>", "By Theorem 7.", "Assume x = 7", "Let $x = 7$.",
      "if x = 7", "8\n7", "$8$\n\n$7$", "x = 8\nx = 7", "<answer>8 | 7</answer>"]),
    ("rule.math", "x", "a letter may be negative",
     ["\\boxed{\\sqrt{x^2}}", "\\boxed{\\max(x, -x)}", "\\boxed{(x^2)^{1/2}}"]),
    ("rule.math", "5", "two quantities, two values",
     ["\\boxed{5} minutes, or 6 minutes", "\\boxed{5} minutes or 5 hours",
      "\\boxed{5} or 300 seconds",
      "\\boxed{5 \\text{ or } 6}", "\\boxed{5 \\text{ (or } 6)}"]),
    ("rule.math", "q", "an implication names nothing", ["\\boxed{p \\to q}"]),
    ("rule.math", "1/4", "a fraction in words, denied or altered",
     ["It is not a quarter.", "Maybe it is a quarter.", "It is twice a quarter.",
      "Is it a quarter?"]),
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
    ("rule.math", "7", "marks of a sentence are no signs",
     ["The answer is 7!", "The answer is 7...", "The total is 7…", "It is 7 - a lucky number."]),
    ("rule.math", "7", "what follows says more of it",
     ["\\boxed{7}. No other number below 10 works.", "The answer is 7. No number below 3 does.",
      "Done. $\\boxed{7}$ No further steps are needed.", "The answer is 7, which is prime.",
      "The answer is 7.\n\nThis is less than 9.", "答案是7，不是9。", "所以一共有7个苹果。",
      '<span style="font-size:0.9em">\\boxed{7}</span>']),
    ("rule.math", "9", "a no to what was said before",
     ["The answer is 7. Wait, no, the answer is 9.", "Wait, no, the answer is \\boxed{9}."]),
    ("rule.choice", "B", "what stands beside it leaves it alone",
     ["\\boxed{B} or dog", "答案是B。", "정답은 B입니다."]),
    ("rule.yes_no", "yes", "a correction, a reason", ["No wait, yes.", "Yes, which is true."]),
    ("rule.yes_no", "no", "a soft no, and more of it", ["No, probably not.", "No, it is not."]),
    ("rule.exact", "Paris", "more of the answer",
     ["The answer is Paris. Actually, Paris.", "The answer is Paris. It is on the Seine."]),
    ("rule.numeric", "-3", "a sign in words", ["minus three", "negative three"]),
    ("rule.numeric", "7000000", "a scale", ["7 million"]),
    ("rule.math", "7", "special tokens that ended the turn are no text",
     ["\\boxed{7}<|im_end|>", "$\\boxed{7}$<|endoftext|>", "\\boxed{7}</s>",
      "\\boxed{7}<|eot_id|>\n", "\\boxed{7}<｜end▁of▁sentence｜>"]),
    ("rule.math", "5", "harmless words beside a box",
     ["The minimum value is \\boxed{5}, attained when x = 2 or x = -2.", "\\boxed{5} if x = 2.",
      "\\boxed{5}. It is not prime.", "Perhaps surprisingly, the answer is \\boxed{5}.",
      "So \\(x = \\boxed{5}\\) is the answer, not 8.", "\\boxed{5} — no other value works."]),
    ("rule.math", "0.5", "the same again in another form", ["\\boxed{0.5} (or $\\frac12$)"]),
    ("rule.math", "\\frac{1}{2}", "one value in two forms",
     ["\\boxed{\\frac12 \\text{ or } 0.5}", "\\boxed{0.5 \\text{ (or } \\frac12)}",
      "<answer>1/2, i.e. 0.5</answer>", "\\boxed{\\frac12 \\text{ (} 0.5 \\text{)}}"]),
    ("rule.math", "3,5", "solutions, however they are listed",
     ["\\boxed{x \\in \\{3,5\\}}", "\\boxed{x_1=3, x_2=5}", "x = 3 and x = 5",
      "The solutions are x = 3 and x = 5.", "Hence x ∈ {3, 5}."]),
    ("rule.math", "4", "words beside it that say what it is, or what it is not",
     ["\\boxed{\\text{Total} = 4}", "\\boxed{\\text{four people}}", "\\boxed{4 \\text{ (four)}}",
      "\\boxed{4 \\text{ people (not 5)}}", "\\boxed{4 \\text{ because two are equal}}",
      "\\boxed{4 \\text{ (to 3 s.f.)}}", "So it is $4$ (see Table 2).", "$x = 4$ by Theorem 3."]),
    ("rule.math", "7", "an exclamation", ["The answer is 7!", "The answer is $7$!", "答案是7！"]),
    ("rule.math", "5040", "a factorial", ["\\boxed{7!}", "The answer is $7!$"]),
    ("rule.math", "5", "one quantity in two units",
     ["\\boxed{5} minutes, or 300 seconds", "\\boxed{5} minutes (300 seconds)",
      "\\boxed{5} \\text{ minutes, or } 300 \\text{ seconds}"]),
    ("rule.math", "A \\cup B", "sets by name", ["\\boxed{B \\cup A}"]),
    ("rule.math", "3 m/s", "a fraction of units",
     ["\\boxed{3 \\frac{m}{s}}", "\\boxed{3\\,\\mathrm{\\frac{m}{s}}}"]),
    ("rule.math", "3/8", "a fraction in a sentence",
     ["It is three eighths.", "The probability is three-eighths."]),
    ("rule.math", "10:30", "a time in words", ["half past ten", "It is half past ten."]),
    ("rule.math", "10", "a choice", ["\\boxed{{}^5C_2}", "\\boxed{{}_5C_2}", "\\boxed{5C2}"]),
    ("rule.math", "4", "what it tends to", ["\\boxed{k \\to 4}", "\\boxed{\\lim a_n = 4}"]),
    ("rule.math", "k \\to 4", "its end", ["\\boxed{4}"]),
    ("rule.math", "\\{-1, 0, 1\\}", "whole numbers by a property",
     ["\\boxed{\\{x \\in \\mathbb{Z} \\mid -2 < x < 2\\}}"]),
    ("rule.math", "\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "a determinant's value",
     ["\\boxed{-2}"]),
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
