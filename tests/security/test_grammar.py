"""A grammar fuzz of extraction and rules: minutes by `HARMO_FUZZ_S`, seconds by default.

Growth with length is not looked for here: `test_patterns.py` and `test_pump.py` do that.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from harmo.app.settings import Settings
from harmo.scorers.reading import extract
from harmo.scorers.rule.math.syntax.clean import clean
from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import parse
from tests.app.serving import Serving
from tests.security import grammar
from tests.security.fuzzing import draws, told
from tests.security.target import RECIPES, group
from tests.security.test_text import REFERENCES

WRONG = {
    "math": "7919",
    "numeric": "7919",
    "choice": "D",
    "yes_no": "no",
    "count": "7",
    "text": "Rome",
}
"""An answer beside the right one, where an answer is one thing."""
TEXTS = 8
"""Completions of one group."""
PARTS = ("full", "think", "answer", "last_sentence")


def test_extraction_reads_anything() -> None:
    for number, draw in enumerate(draws()):
        text = grammar.text(draw)
        thought, answer = extract.parts(text)[:2]
        assert isinstance(thought, str), told(number, text)
        assert isinstance(answer, str), told(number, text)
        for part in PARTS:
            assert len(extract.cut(text, part).text) <= len(text), told(number, text)
        assert all(box in text for box in extract.boxes(text).contents), told(number, text)
        assert all(held in text for held in extract.elements(text, "answer")), told(number, text)


def test_maths_reads_or_refuses_anything() -> None:
    for number, draw in enumerate(draws()):
        text = grammar.text(draw)
        try:
            parse(clean(text))
        except UnreadableError:
            continue
        except ValueError as error:
            pytest.fail(f"{error!r} at {told(number, text)}")


def asked(texts: dict[str, list[str]]) -> dict[str, Any]:
    groups = [
        group(*texts[task], id=task, task=task, reference=reference)
        for task, (reference, _) in REFERENCES.items()
    ]
    return {"recipe": "answer", "groups": groups}


async def verdicts(http: httpx.AsyncClient, texts: dict[str, list[str]]) -> dict[str, list[float]]:
    """The rule's verdict on every text; none may be missing, since every reference can be read."""
    response = await http.post("/score", json=asked(texts))
    assert response.status_code == 200, response.text
    found: dict[str, list[float]] = {}
    for scored in response.json()["groups"]:
        task = scored["id"]
        for completion, text in zip(scored["completions"], texts[task], strict=True):
            (score,), (reason,) = completion["scores"], completion["reasons"]
            assert score is not None, f"{task} abstains with {reason} on {text!r}"
            assert 0.0 <= score <= 1.0, f"{task} gives {score} for {text!r}"
            found.setdefault(task, []).append(score)
    return found


async def test_no_text_makes_a_rule_abstain_or_waver(tmp_path: Any) -> None:
    recipe = tmp_path / "answer.yaml"
    recipe.write_text(f"name: answer\n{RECIPES['answer']}")
    async with Serving(Settings(workers=1, recipes=(str(recipe),))) as http:
        for number, draw in enumerate(draws(least=4)):
            wild = [grammar.text(draw) for _ in range(TEXTS)]
            first = await verdicts(http, dict.fromkeys(REFERENCES, wild))
            again = await verdicts(http, dict.fromkeys(REFERENCES, wild))
            assert first == again, told(number, wild)
            await require_the_answer_part_counts(http, wild, number)
            await require_two_answers_are_wrong(http, wild, number)


async def require_the_answer_part_counts(
    http: httpx.AsyncClient, wild: list[str], number: int
) -> None:
    """Whatever was thought, what follows the last `</think>` is judged as if it stood alone."""
    right = {task: f"<answer>{answer}</answer>" for task, (_, answer) in REFERENCES.items()}
    thought = {task: [f"{w}</think>{a}" for w in wild] for task, a in right.items()}
    scores = await verdicts(http, thought)
    assert all(set(row) == {1.0} for row in scores.values()), told(number, (wild, scores))


async def require_two_answers_are_wrong(
    http: httpx.AsyncClient, wild: list[str], number: int
) -> None:
    """Of different tagged answers none counts, in whichever order, whatever was thought before."""
    wrong = {task: f"<answer>{WRONG[task]}</answer>" for task in WRONG}
    right = {task: f"<answer>{REFERENCES[task][1]}</answer>" for task in WRONG}
    texts = {
        task: [f"{w}</think>{a} {b}" for w in wild for a, b in (two, two[::-1])]
        for task in WRONG
        if (two := (right[task], wrong[task]))
    }
    others = {task: ["x"] for task in REFERENCES if task not in WRONG}
    scores = await verdicts(http, texts | others)
    assert all(max(scores[task]) < 0.5 for task in WRONG), told(number, (wild, scores))
