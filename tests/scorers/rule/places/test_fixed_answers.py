"""What is said of every reference is paid its overlap and no more; a reference by itself in full.

References are drawn at random, in the forms that data sets have.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean

import pytest

from harmo.scorers import registry
from harmo.scorers.reading.extract import view
from harmo.scorers.types import Sample

DRAWS = 100
WRAPPERS = (
    "{}", "<answer>{}</answer>", "<think>so</think>{}", "\\boxed{{{}}}", "So the answer is {}",
    "```json\n{}\n```",
)  # fmt: skip
WHOLE = [0, 0, 1000, 1000]
OUTLINE = [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]
EVERY_PIXEL = {"size": [50, 40], "counts": [0, 2000]}
LABELS = ("dog", "cat", "cow", "car")
EVERYWHERE = [
    {"bbox_2d": [x, y, x + 250, y + 250], "label": label}
    for x in range(0, 1000, 250)
    for y in range(0, 1000, 250)
    for label in LABELS
]
SIDE = 1000.0


@dataclass(frozen=True)
class Drawn:
    """How a rule's references are drawn, and what may be said of them all."""

    rule: str
    draw: Callable[[random.Random], object]
    fixed: tuple[object, ...]
    mean: float
    """The most that any of these may earn, on the whole."""
    params: Mapping[str, object] = field(default_factory=dict)
    say: Callable[[object], object] = lambda reference: reference

    def value(self, reference: object, said: str) -> float:
        bound = registry.bind(self.rule, {"frame": "thousand", **self.params})
        size = {"width": SIDE, "height": SIDE}
        sample = Sample(reference=reference, completion=said, metadata=size)
        score = bound.spec.fn(
            view(sample, part=bound.spec.reads, reference=None), **bound.params
        ).value
        assert score is not None
        return score


def a_box(some: random.Random) -> list[int]:
    x, y = some.randint(0, 700), some.randint(0, 700)
    return [x, y, x + some.randint(20, 300), y + some.randint(20, 300)]


def some_things(some: random.Random) -> list[dict[str, object]]:
    count = some.randint(1, 8)
    return [{"bbox_2d": a_box(some), "label": some.choice(LABELS)} for _ in range(count)]


def an_outline(some: random.Random) -> list[list[float]]:
    x, y, count = some.randint(200, 800), some.randint(200, 800), some.randint(3, 30)
    turns = [2 * math.pi * n / count for n in range(count)]
    radii = [some.randint(20, 190) for _ in turns]
    return [
        [round(x + r * math.cos(turn), 1), round(y + r * math.sin(turn), 1)]
        for r, turn in zip(radii, turns, strict=True)
    ]


def a_mask(some: random.Random) -> dict[str, object]:
    left = 50 * 40
    counts = [some.randint(0, left // 2)]
    for _ in range(some.randint(1, 12)):
        counts.append(some.randint(1, max((left - sum(counts)) // 4, 1)))
    return {"size": [50, 40], "counts": [*counts, left - sum(counts)]}


def a_figure(some: random.Random) -> dict[str, object]:
    x1, y1, x2, y2 = a_box(some)
    points = [[some.randint(x1, x2), some.randint(y1, y2)] for _ in range(17)]
    return {"keypoints": points, "area": 0.53 * (x2 - x1) * (y2 - y1)}


def some_times(some: random.Random) -> list[list[float]]:
    starts = sorted(some.sample(range(0, 600, 30), some.randint(1, 3)))
    return [[start + some.random() * 9, start + 10 + some.random() * 19] for start in starts]


def a_clock(some: random.Random) -> str:
    start = some.randint(0, 500)
    end = start + some.randint(5, 60)
    return f"{start // 60}:{start % 60:02} to {end // 60}:{end % 60:02}"


SECONDS = {"frame": "seconds"}
TIMES = ("0 to 600", [[n, n + 1] for n in range(600)], "0:00 - 10:00", "0 to 10000000")
DRAWN = [
    Drawn("rule.bbox_iou", a_box, (WHOLE, [250, 250, 750, 750]), 0.1),
    Drawn("rule.bbox_set", lambda some: [a_box(some) for _ in range(3)], ([WHOLE],), 0.02),
    Drawn("rule.point_in_box", a_box, (WHOLE, "(500, 500)"), 0.12,
          say=lambda box: f"({(box[0] + box[2]) / 2}, {(box[1] + box[3]) / 2})"),
    Drawn("rule.detection", some_things, (EVERYWHERE, []), 0.05),
    Drawn("rule.detection", some_things, (EVERYWHERE, []), 0.05, {"metric": "ap"}),
    Drawn("rule.detection", some_things, (EVERYWHERE, []), 0.05, {"metric": "iou"}),
    Drawn("rule.polygon_iou", an_outline, (OUTLINE, WHOLE, EVERY_PIXEL), 0.1),
    Drawn("rule.polygon_iou", a_mask, (OUTLINE, EVERY_PIXEL), 0.5),
    Drawn("rule.keypoints", a_figure, ([[500, 500]] * 17, WHOLE), 0.1),
    Drawn("rule.temporal_iou", some_times, TIMES, 0.11, SECONDS),
    Drawn("rule.temporal_iou", a_clock, TIMES, 0.11, SECONDS),
]  # fmt: skip
NAMED = pytest.mark.parametrize(
    "drawn", DRAWN, ids=[f"{drawn.rule} {number}" for number, drawn in enumerate(DRAWN)]
)


def text(said: object) -> str:
    return said if isinstance(said, str) else json.dumps(said)


def references(drawn: Drawn) -> list[object]:
    some = random.Random(7)
    return [drawn.draw(some) for _ in range(DRAWS)]


@NAMED
def test_a_fixed_text_earns_no_more_than_its_overlap(drawn: Drawn) -> None:
    drawings = references(drawn)
    for said in (*drawn.fixed, "I do not know", "{}", "[]", "[[]]", "1=1", "null"):
        values = [drawn.value(each, text(said)) for each in drawings]
        assert fmean(values) <= drawn.mean, said


@NAMED
def test_another_references_answer_earns_no_more(drawn: Drawn) -> None:
    drawings = references(drawn)
    others = [text(drawn.say(each)) for each in drawings[1:]]
    values = [drawn.value(*pair) for pair in zip(drawings, others, strict=False)]
    assert fmean(values) <= drawn.mean


@NAMED
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_reference_answered_by_itself_is_equal(drawn: Drawn, wrapper: str) -> None:
    wrong = [
        each
        for each in references(drawn)[:60]
        if drawn.value(each, wrapper.format(text(drawn.say(each)))) != 1.0
    ]
    assert wrong == []
