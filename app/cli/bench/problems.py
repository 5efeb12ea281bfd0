"""Problems with answers that are right and answers that are wrong, by task."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

_LETTERS = "ABCD"
_FRAME = {"frame": "thousand"}
"""What coordinates count: no picture is needed to read them."""
_WORDS = ("harbour", "lantern", "meadow", "copper", "violin", "granite", "orchard", "compass")


@dataclass(frozen=True, slots=True)
class Problem:
    """A question, its reference, and answers as a policy would write them."""

    question: str
    reference: object
    right: Sequence[str]
    wrong: Sequence[str]
    metadata: Mapping[str, object] = field(default_factory=dict)
    transcript: bool = False
    """Whether all that is not thinking is the answer, and a box would be read as a part of it."""

    def written(self, answer: str, thoughts: str, *, thinks: bool) -> str:
        """A completion: thoughts, then the answer in the form that the recipe pays for."""
        if thinks:
            return f"<think>{thoughts}</think><answer>{answer}</answer>"
        if self.transcript:
            return f"<think>{thoughts}</think>{answer}"
        return f"{thoughts}\n\nThe answer is \\boxed{{{answer}}}."


def _math(rng: random.Random) -> Problem:
    return rng.choice((_sum, _fraction, _factored, _root))(rng)


def _sum(rng: random.Random) -> Problem:
    a, b = rng.randint(10, 999), rng.randint(10, 999)
    return Problem(f"What is {a} + {b}?", str(a + b), [str(a + b)], [str(a + b + 1), str(a - b)])


def _fraction(rng: random.Random) -> Problem:
    a, b = rng.randint(1, 40), rng.choice((2, 4, 5, 8))
    right = [f"\\frac{{{a}}}{{{b}}}", f"{a / b:g}", f"\\frac{{{3 * a}}}{{{3 * b}}}"]
    return Problem(f"Divide {a} by {b}.", f"{a}/{b}", right, [f"\\frac{{{a + 1}}}{{{b}}}", "-1"])


def _factored(rng: random.Random) -> Problem:
    a, b = rng.randint(1, 30), rng.randint(31, 60)
    expanded = f"x^2 - {b - a}x - {a * b}" if b - a > 1 else f"x^2 - x - {a * b}"
    right, wrong = f"(x+{a})(x-{b})", f"(x-{a})(x+{b})"
    return Problem(f"Factor {expanded}.", expanded, [right, expanded], [wrong, f"x^2 - {a * b}"])


def _root(rng: random.Random) -> Problem:
    a, b = rng.randint(2, 20), rng.choice((2, 3, 5, 7))
    right = [f"{a}\\sqrt{{{b}}}", f"\\sqrt{{{a * a * b}}}"]
    return Problem(
        f"Simplify the square root of {a * a * b}.",
        f"\\sqrt{{{a * a * b}}}",
        right,
        [f"{a + 1}\\sqrt{{{b}}}", f"{b}\\sqrt{{{a + 11}}}"],
    )


def _numeric(rng: random.Random) -> Problem:
    value = rng.randint(100, 99_999) / 100
    question = f"A pump moves {value:.2f} litres a minute. How many in one minute?"
    return Problem(question, f"{value:.2f}", [f"{value:.2f}"], [f"{value * 2:.2f}", "0"])


def _count(rng: random.Random) -> Problem:
    n = rng.randint(2, 60)
    right, wrong = str(n), [str(n + 1), str(n - 1)]
    return Problem(f"How many {rng.choice(_WORDS)}s are there?", right, [right], wrong)


def _choice(rng: random.Random) -> Problem:
    options = rng.sample(_WORDS, 4)
    right = rng.choice(_LETTERS)
    listed = " ".join(f"({letter}) {word}" for letter, word in zip(_LETTERS, options, strict=True))
    wrong = [letter for letter in _LETTERS if letter != right]
    return Problem(
        f"Which one is it, number {rng.randint(1, 10**6)}? {listed}", right, [right], wrong
    )


def _yes_no(rng: random.Random) -> Problem:
    n = rng.randint(10, 10**6)
    right, wrong = ("yes", "no") if n % 2 == 0 else ("no", "yes")
    return Problem(f"Is {n} even?", right, [right], [wrong])


def _chart(rng: random.Random) -> Problem:
    value = rng.randint(20, 9000)
    question = f"What was the value for the {rng.choice(_WORDS)}?"
    return Problem(question, str(value), [str(value)], [str(value * 2), "0"])


def _words(rng: random.Random) -> Problem:
    text = " ".join(rng.choices(_WORDS, k=3)) + f" {rng.randint(1, 10**6)}"
    return Problem("What does it say?", text, [text], ["nothing", "zzz"], transcript=True)


def _box(rng: random.Random) -> Problem:
    x, y, side = rng.randint(0, 400), rng.randint(0, 400), rng.randint(40, 200)
    right = f"[{x}, {y}, {x + side}, {y + side}]"
    wrong = f"[{x + 2 * side}, {y}, {x + 3 * side}, {y + side}]"
    box = [x, y, x + side, y + side]
    return Problem(f"Where is the {rng.choice(_WORDS)}?", box, [right], [wrong], _FRAME)


def _point(rng: random.Random) -> Problem:
    x, y, side = rng.randint(0, 400), rng.randint(0, 400), rng.randint(40, 200)
    right, wrong = f"({x + side // 2}, {y + side // 2})", f"({x + 2 * side}, {y + 2 * side})"
    box = [x, y, x + side, y + side]
    return Problem(f"Point at the {rng.choice(_WORDS)}.", box, [right], [wrong], _FRAME)


PROBLEMS: Mapping[str, Callable[[random.Random], Problem]] = {
    "math": _math,
    "numeric": _numeric,
    "count": _count,
    "choice": _choice,
    "yes_no": _yes_no,
    "chart": _chart,
    "ocr": _words,
    "vqa": _words,
    "text": _words,
    "bbox": _box,
    "point": _point,
}
"""By the task words of `rule.by_task`."""
