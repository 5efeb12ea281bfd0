"""What rules cost grows no faster than the text, whatever it repeats.

Every construct that a reading looks for is repeated up to the longest completion that is accepted.
"""

from __future__ import annotations

import json
from functools import partial

import pytest

from harmo.scorers import registry
from harmo.scorers.reading import extract
from harmo.scorers.types import Image, Sample
from tests.growth import Work, cpu_s, hoarded, steep
from tests.security.constructs import (
    CONSTRUCTS,
    MAX_CHARS,
    WRAPPED,
    mixed,
    plain,
    repeated,
    wrapped,
)

registry.load()

IMAGE = Image(content=b"", media_type="image/png", width=640, height=480)
PIXELS = {"frame": "pixels"}
FIGURE = {"keypoints": [[10 * n, 20] for n in range(17)], "area": 900}
REFERENCES: dict[str, list[object]] = {
    "rule.anls": ["coca cola"],
    "rule.bbox_iou": [[10, 20, 110, 220]],
    "rule.bbox_set": [[[10, 20, 110, 220]]],
    "rule.chart_relaxed": ["12.5", "blue"],
    "rule.choice": ["B. blue"],
    "rule.contains": ["red fox"],
    "rule.count": ["3"],
    "rule.detection": [[{"bbox_2d": [10, 20, 110, 220], "label": "dog"}]],
    "rule.exact": ["Paris"],
    "rule.formula": ["\\frac{1}{2} m v^2"],
    "rule.gui_action": [{"action": "click", "box": [10, 20, 110, 220]}],
    "rule.json_schema": [{"a": 1, "b": "x"}],
    "rule.labels": [["red", "fox"]],
    "rule.keypoints": [FIGURE],
    "rule.math": ["42", "isosceles"],
    "rule.numeric": ["42"],
    "rule.ocr": ["the quick brown fox"],
    "rule.order": [["red", "fox", "owl"]],
    "rule.point_in_box": [[10, 20, 110, 220]],
    "rule.polygon_iou": [[[10, 20], [110, 20], [60, 220]], {"size": [9, 9], "counts": [9, 72]}],
    "rule.regex": ["(a|b)*c"],
    "rule.table": ["|red|fox|\n|-|-|\n|1|2|"],
    "rule.temporal_iou": ["0:12 to 0:17"],
    "rule.token_f1": ["the red fox"],
    "rule.vqa": [["red", "red", "blue"]],
    "rule.yes_no": ["yes"],
}
ELSEWHERE = {
    "rule.code": "its program runs in a sandbox; its reading is pumped below",
    "rule.by_task": "it picks one of the others",
}
CASES = [(name, reference) for name, each in REFERENCES.items() for reference in each]


def scoring(name: str, reference: object, prompt: str = "Find x.\nA. red\nB. blue") -> Work:
    """What the service's own process does with a completion: cut it, and the rule's attempt."""
    bound = registry.bind(name, {})
    quick = bound.spec.inline or bound.spec.fn

    def score(completion: str) -> object:
        sample = Sample(
            prompt=prompt,
            completion=completion,
            reference=reference,
            metadata=PIXELS,
            images=(IMAGE,),
        )
        return quick(extract.view(sample, part=bound.spec.reads, reference=None), **bound.params)

    return score


def test_every_rule_is_pumped() -> None:
    ours = [spec for spec in registry.all_specs() if spec.origin.startswith("harmo.")]
    rules = {spec.name for spec in ours if spec.family == "rule"}
    assert rules == REFERENCES.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize(("name", "reference"), CASES)
def test_a_rule_takes_time_in_proportion_to_its_text(name: str, reference: object) -> None:
    assert steep(scoring(name, reference), wrapped() | mixed(), MAX_CHARS) == {}


@pytest.mark.parametrize(("name", "reference"), CASES)
def test_a_rule_takes_memory_in_proportion_to_its_text(name: str, reference: object) -> None:
    score = scoring(name, reference)
    pieces = ["\ufdfa", "\\boxed{1}", "$1$, ", "{", "1 ", "[1,2,3,4]", "İ", "a"]
    texts = {piece: wrapped()[piece] for piece in pieces}
    held = {piece: hoarded(score, text_of, 100_000) for piece, text_of in texts.items()}
    assert {piece: peaks for piece, peaks in held.items() if peaks} == {}


ANSWER_CHARS = 1000
"""Within what is read of an answer: there the parser and the evaluator get all of it. An answer of
less than a quarter of it is read in more ways than that, so growth is told from the half."""
ANSWER_FLOOR_S = 0.015


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        *(
            ("rule.math", each)
            for each in ("42", "5 cm", "(1, 2)", "x^2 + 1", "\\{1, 2\\}", "x > 3")
        ),
        ("rule.numeric", "42"),
        ("rule.exact", "Paris"),
        ("rule.choice", "B. blue"),
    ],
)
def test_an_answer_that_is_read_whole_takes_time_in_proportion(name: str, reference: str) -> None:
    texts = {
        before + piece: partial(repeated, piece, before=before, after=after)
        for piece in CONSTRUCTS
        for before, after in WRAPPED[:2]
    }
    work = scoring(name, reference)
    assert steep(work, texts, ANSWER_CHARS, floor_s=ANSWER_FLOOR_S, shares=(2, 1)) == {}


SHORT = 72
"""Characters of answers that are read as something of their own: units, formulae, dates."""
AT_ONCE_S = 0.25
"""Of CPU: a hundred times what such an answer takes."""


@pytest.mark.parametrize("end", ["", "?", "1?", "H11?", " x"])
@pytest.mark.parametrize("reference", ["42", "H_2O", "5 cm", "12:30"])
def test_a_short_answer_takes_no_time_however_it_fails_to_match(reference: str, end: str) -> None:
    work = scoring("rule.math", reference)
    slow = {}
    for piece in [*CONSTRUCTS, "H1", "(H", "Na2+", "1:", "5 m "]:
        for times in range(4, SHORT // len(piece), 3):
            answer = f"\\boxed{{{piece * times}{end}}}"
            # Twice: the first unit of a process has all units read.
            if cpu_s(work, answer) > AT_ONCE_S and cpu_s(work, answer) > AT_ONCE_S:
                slow[piece] = times
                break
    assert slow == {}


REPEATED = ["1 ", "a ", "\\frac{1}{2}", "{", "\ufdfa", "1,234,", "(1,2),", "5 cm ", "\\text{"]


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_like_the_completion_takes_time_in_proportion(name: str) -> None:
    """The reference is the request's, and up to 100,000 characters are read of it."""

    def work(said: str) -> object:
        return scoring(name, said)(said)

    assert steep(work, plain(REPEATED), 100_000) == {}


IN_PROMPTS = ["A. red\n", " ", "\t", "1 * 2 ", "the product of 1,234 and ", "(", "= 5 "]


@pytest.mark.parametrize("name", ["rule.choice", "rule.math"])
def test_a_prompt_takes_time_in_proportion(name: str) -> None:
    def work(prompt: str) -> object:
        return scoring(name, REFERENCES[name][0], prompt)("\\boxed{x = 5\\%}")

    assert steep(work, plain(IN_PROMPTS), MAX_CHARS) == {}


def test_the_json_of_a_reference_is_read_in_proportion() -> None:
    texts = {
        "nested": lambda chars: '{"a":' * (chars // 10) + "1" + "}" * (chars // 10),
        "many": lambda chars: json.dumps({str(i): i for i in range(chars // 12)}),
    }
    assert steep(scoring("rule.json_schema", {"a": 1}), texts, MAX_CHARS) == {}


@pytest.mark.parametrize("many", [1, 20])
def test_constraints_take_time_in_proportion(many: int) -> None:
    """They are a data set's; what is too long is refused where the event loop reads it."""

    bound = registry.bind("aspect.ifeval", {})
    inline, checks = bound.spec.inline, bound.spec.checks
    assert inline is not None
    assert checks is not None

    def work(said: str) -> object:
        keywords = {"keywords": [said]}
        constraints = [{"instruction_id": "keywords:existence", "kwargs": keywords}] * many
        sample = Sample(completion="word " * 100, constraints=constraints)
        return inline(sample, **bound.params), checks(sample)

    assert steep(work, plain(REPEATED), 1_000_000) == {}
