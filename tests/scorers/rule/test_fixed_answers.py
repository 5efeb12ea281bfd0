"""Documents, lists and screens: what is said of every reference pays like a guess, itself in full.

References are drawn at random, in the forms that data sets have.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean

import pytest

from harmo.scorers import registry
from harmo.scorers.reading.extract import view
from harmo.scorers.types import Sample

DRAWS = 200
WORDS = ["oak", "elm", "ash", "fir", "yew", "box", "bay", "fig", "hop", "ivy", "rye", "tea"]
WRAPPERS = ("{}", "<answer>{}</answer>", "\\boxed{{{}}}", "So the answer is {}")


@dataclass(frozen=True)
class Drawn:
    """How a rule's references are drawn, what says them, and what may be said of them all."""

    rule: str
    draw: Callable[[random.Random], object]
    say: Callable[[object], str]
    fixed: tuple[str, ...]
    mean: float
    """The most that any of these may earn, on the whole."""
    params: Mapping[str, object] = field(default_factory=dict)


def a_table(some: random.Random) -> str:
    columns = some.randint(2, 6)
    rows = [[some.choice(WORDS) + str(some.randint(0, 99)) for _ in range(columns)]
            for _ in range(some.randint(2, 8))]  # fmt: skip
    if some.random() < 0.5:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([lines[0], "|" + "---|" * columns, *lines[1:]])
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


ATOMS = [
    "x",
    "y_{ij}",
    "\\alpha",
    "2",
    "\\frac{a}{b}",
    "\\sqrt{z}",
    "e^{-t}",
    "\\mathbf{v}",
    "(p+q)",
]


def a_formula(some: random.Random) -> str:
    terms = [some.choice(ATOMS) for _ in range(some.randint(3, 7))]
    return f"{terms[0]} = " + some.choice([" + ", " - ", " \\cdot "]).join(terms[1:])


def an_order(some: random.Random) -> list[str]:
    return some.sample(WORDS[:5], 5)


def some_labels(some: random.Random) -> list[str]:
    return some.sample(WORDS, some.randint(1, 4))


def a_click(some: random.Random) -> dict[str, object]:
    x, y = some.randint(0, 900), some.randint(0, 900)
    return {"action": "click", "box": [x, y, x + some.randint(20, 100), y + some.randint(20, 100)]}


def the_middle(reference: object) -> str:
    x1, y1, x2, y2 = reference["box"]
    return json.dumps({"action": "click", "point": [(x1 + x2) / 2, (y1 + y2) / 2]})


def a_text(some: random.Random) -> dict[str, object]:
    return {"action": "type", "text": " ".join(some.sample(WORDS, some.randint(2, 4)))}


def typing(reference: object) -> str:
    return f"TYPE [{reference['text']}]"


GRID = "<table>" + ("<tr>" + "<td></td>" * 4 + "</tr>") * 5 + "</table>"
GUESS = " ".join(WORDS)
THOUSAND = {"frame": "thousand"}
CLICKS = ("click(500, 500)", "click(0, 0)", "click([0, 0, 1000, 1000])", "scroll()", "wait()")
TABLES = (GRID, GRID.replace("<td>", "<td>oak1"), "", "|a|\n|-|")
FORMULAS = ("x", "x = y + z", "=", "\\frac{}{}", "{}", "x = 2 + x")
DRAWN = [
    Drawn("rule.table", a_table, str, TABLES, 0.32),
    Drawn("rule.formula", a_formula, str, FORMULAS, 0.3),
    Drawn("rule.order", an_order, ", ".join, (", ".join(WORDS[:5]), "", "oak"), 0.2),
    Drawn("rule.order", an_order, json.dumps, (", ".join(WORDS[:5]),), 0.02, {"metric": "exact"}),
    Drawn("rule.labels", some_labels, ", ".join, (", ".join(WORDS), "oak", "", "oak, elm"), 0.2),
    Drawn("rule.gui_action", a_click, the_middle, CLICKS, 0.03, THOUSAND),
    Drawn("rule.gui_action", a_text, typing, (f"TYPE [{GUESS}]", "TYPE []", "TYPE [oak]"), 0.45),
]
NAMED = pytest.mark.parametrize("drawn", DRAWN, ids=lambda drawn: f"{drawn.rule} {drawn.mean}")


def value(drawn: Drawn, reference: object, completion: str) -> float:
    bound = registry.bind(drawn.rule, drawn.params)
    sample = Sample(reference=reference, completion=completion)
    read = view(sample, part=bound.spec.reads, reference=None)
    score = bound.spec.fn(read, **bound.params).value
    assert score is not None
    return score


def references(drawn: Drawn) -> list[object]:
    some = random.Random(7)
    return [drawn.draw(some) for _ in range(DRAWS)]


@NAMED
def test_a_fixed_text_earns_no_more_than_a_guess(drawn: Drawn) -> None:
    drawings = references(drawn)
    for text in (*drawn.fixed, "I do not know", "{}", "[]", "1=1", "yes"):
        values = [value(drawn, each, text) for each in drawings]
        assert fmean(values) <= drawn.mean, text
        assert sum(each == 1.0 for each in values) <= 0.03 * DRAWS


@NAMED
def test_another_references_answer_earns_no_more(drawn: Drawn) -> None:
    drawings = references(drawn)
    others = [drawn.say(each) for each in drawings[1:]]
    values = [value(drawn, *pair) for pair in zip(drawings, others, strict=False)]
    assert fmean(values) <= drawn.mean + 0.06


@NAMED
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_reference_answered_by_itself_is_equal(drawn: Drawn, wrapper: str) -> None:
    wrong = [each for each in references(drawn)[:60]
             if value(drawn, each, wrapper.format(drawn.say(each))) != 1.0]  # fmt: skip
    assert wrong == []
