"""A grammar of completions: what extraction and maths look for, nested, cut, repeated, hidden."""

from __future__ import annotations

import random
from collections.abc import Callable

Rule = Callable[[random.Random, int], str]

ATOMS = [
    *"0123456789", "-1", "3.14", "1e9", "1e-9", "1e400", "0.1", "1,000", "½", "²", "٣", "５", "x",
    "y", "\\pi", "e", "i", "\\infty", "5\\%", "5 cm", "5 m/s^2", "30^\\circ", "\\$5", "A", "(B)",
    "yes", "no", "Paris", "2024-01-01", "12:30", "[0.1, 0.1, 0.2, 0.2]", "(0.15, 0.15)",
    '{"a": 1}', "null", "NaN", "答案", "ответ", "", " ", "\n", "\u200b", "\u202e", "\ue000",
    "\U0001f600", "\ufdfa", "a\u0301\u0301", "\x00", "\u2028", "\\", "{", "}", "$", "<", ">",
    "%", "&", "#",
]  # fmt: skip
CUES = [
    "the answer is ", "The final answer: ", "so ", "therefore ", "not ", "maybe ", "about ",
    "at most ", "or ", "and ", "答案是", "I am unsure: ", "Answer: ", "**", "__", "- ", "1. ", "> ",
    "```\n",
]  # fmt: skip
FRAMES = [
    "\\boxed{%s}", "\\fbox{%s}", "<answer>%s</answer>", "<think>%s</think>", "$%s$", "$$%s$$",
    "\\(%s\\)", "\\[%s\\]", "{%s}", "(%s)", "[%s]", "\\{%s\\}", "\\text{%s}", "\\mathrm{%s}",
    "\\frac{%s}{7}", "\\frac{1}{%s}", "\\sqrt{%s}", "\\sqrt[3]{%s}", "%s^{2}", "2^{%s}", "|%s|",
    "-%s", "%s!", "\\sin %s", "\\log_{2} %s", "%s \\pm 1", "x = %s", "%s \\le x",
    "\\begin{pmatrix} %s \\\\ 1 \\end{pmatrix}", "**%s**", "`%s`", "```json\n%s\n```", '"%s"',
    "%s.", "%s cm", "%s\\%%", "<answer>%s", "\\boxed{%s", "<think>%s", "%s</think>",
    "%s</answer>", "%s}", "$%s",
]  # fmt: skip
JOINS = [
    "", " ", ", ", " = ", "+", "-", "\\cdot ", "/", "^", "_", "\n\n", " or ", " and ", ";", "\\\\",
]  # fmt: skip
MAX_DEPTH = 6


def text(draw: random.Random, depth: int = 0) -> str:
    """One completion, of at most some thousand characters."""
    choice = draw.random()
    if depth >= MAX_DEPTH or choice < 0.25:
        written = draw.choice(ATOMS)
    elif choice < 0.6:
        written = draw.choice(FRAMES).replace("%s", text(draw, depth + 1)).replace("%%", "%")
    elif choice < 0.9:
        parts = [text(draw, depth + 1) for _ in range(draw.randint(2, 4))]
        written = draw.choice(JOINS).join(parts)
    else:
        written = draw.choice(CUES) + text(draw, depth + 1)
    return mutated(draw, written)[:4000] if depth == 0 else written[:4000]


def mutated(draw: random.Random, written: str) -> str:
    """A text, often as it is, sometimes cut, repeated, turned round or with a character amiss."""
    match draw.randint(0, 11):
        case 0:
            return written[: draw.randint(0, len(written))]
        case 1:
            return written[draw.randint(0, len(written)) :]
        case 2:
            return written * draw.randint(2, 30)
        case 3:
            return written[::-1]
        case 4:
            place = draw.randint(0, len(written))
            return written[:place] + draw.choice(ATOMS) + written[place:]
        case 5:
            return "".join(character * draw.choice((1, 1, 2)) for character in written)
        case _:
            return written
