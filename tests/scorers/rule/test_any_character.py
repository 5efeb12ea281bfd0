"""No character anywhere in an answer buys an abstention, whatever the reference is.

Characters of every Unicode category, before, inside and after what would be right, against every
kind of reference that the rules read.
"""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.reading.extract import view
from harmo.scorers.rule.math.forms import units
from harmo.scorers.types import Image, Reason, Sample, Score

IMAGE = Image(content=b"", media_type="image/png", width=640, height=480)
PER_CATEGORY = 100


def _characters() -> list[str]:
    """At most a hundred of every category but the surrogates', which no request can hold."""
    every: dict[str, list[str]] = defaultdict(list)
    for character in map(chr, range(0x110000)):
        every[unicodedata.category(character)].append(character)
    some = random.Random(9)
    return [
        character
        for category, members in sorted(every.items())
        if category != "Cs"
        for character in some.sample(members, min(len(members), PER_CATEGORY))
    ]


CHARACTERS = _characters()


class Kind(NamedTuple):
    """A reference, an answer that is right for it, and how it is judged."""

    scorer: str
    reference: object
    right: str
    params: Mapping[str, object] = MappingProxyType({})


KINDS = [
    *(
        Kind("rule.math", each, each)
        for each in (
            "42", "-7", "3.14", "1/2", "\\frac{3}{4}", "2\\frac{1}{3}", "1.5e10", "5!", "\\pi",
            "5 cm", "5 m/s", "5 m^2", "2 hours 30 minutes", "90^\\circ", "\\$5", "50\\%", "2:3",
            "101_2", "x = 5", "x^2 + 1 = 0", "x > 3", "(1, 2)", "[0, 5)", "\\{1, 2, 3\\}", "1, 2",
            "A \\cup B", "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "\\sqrt{2}", "x^2 y",
            "f(x) = x", "\\vec{AB}", "H_2O", "C", "(C) 12", "March 3, 2020", "3:30 pm", "isosceles",
            "\\infty", "no solution", "10^{9999}", "\\nabla f",
        )
    ),
    Kind("rule.numeric", "42", "42"),
    Kind("rule.numeric", "0.5", "50%"),
    Kind("rule.numeric", "25", "5^2"),
    Kind("rule.count", "3", "three", {"partial": True}),
    Kind("rule.chart_relaxed", "12.5", "12.5"),
    Kind("rule.chart_relaxed", "blue", "blue"),
    Kind("rule.choice", "B", "B"),
    Kind("rule.choice", "B. blue", "blue"),
    Kind("rule.choice", "AB", "A, B", {"multi_select": True}),
    Kind("rule.yes_no", True, "yes"),
    Kind("rule.exact", "Paris", "Paris"),
    Kind("rule.exact", "Paris", "Paris", {"case_sensitive": True}),
    Kind("rule.contains", "red fox", "a red fox runs"),
    Kind("rule.token_f1", "red fox", "red fox"),
    Kind("rule.anls", "coca cola", "coca cola"),
    Kind("rule.ocr", "some text", "some text"),
    Kind("rule.vqa", ["red", "red", "two"], "red"),
    Kind("rule.regex", "a+b", "aab", {"whole": True}),
    Kind("rule.bbox_iou", [10, 20, 110, 220], "[10, 20, 110, 220]"),
    Kind("rule.bbox_set", [[10, 20, 110, 220]], "[[10, 20, 110, 220]]"),
    Kind("rule.point_in_box", [10, 20, 110, 220], "(50, 60)"),
    Kind("rule.temporal_iou", [12.5, 17], "12.5 to 17 s"),
    Kind("rule.temporal_iou", "1:02:03 - 1:02:10", '{"start": "1:02:03", "end": "1:02:10"}'),
    Kind("rule.detection", [{"bbox_2d": [10, 20, 110, 220], "label": "dog"}],
         '[{"bbox_2d": [10, 20, 110, 220], "label": "dog"}]'),
    Kind("rule.polygon_iou", [[10, 20], [110, 20], [60, 220]], "[[10, 20], [110, 20], [60, 220]]"),
    Kind("rule.polygon_iou", {"size": [9, 9], "counts": [9, 72]},
         '{"size": [9, 9], "counts": [9, 72]}'),
    Kind("rule.keypoints", {"keypoints": [[10, 20], [30, 40]], "area": 900},
         '{"keypoints": [[10, 20], [30, 40]]}', {"sigmas": [0.1, 0.1]}),
    Kind("rule.json_schema", {"a": "5 cm"}, '{"a": "5 cm"}', {"fields": {"a": "rule.math"}}),
    Kind("rule.table", "|a|b|\n|-|-|\n|1|2|", "|a|b|\n|-|-|\n|1|2|"),
    Kind("rule.table", "<table><tr><td>a<td>b</table>", "<table><tr><td>a<td>b</table>"),
    Kind("rule.formula", "\\frac{1}{2} x_i^2", "\\frac{1}{2} x_i^2"),
    Kind("rule.order", ["red", "fox", "owl"], "red, fox, owl"),
    Kind("rule.labels", ["red", "fox"], "red, fox"),
    Kind("rule.gui_action", {"action": "click", "box": [10, 20, 110, 220]}, "click(50, 60)"),
    Kind("rule.gui_action", {"action": "type", "text": "red fox"}, "type(content='red fox')"),
]  # fmt: skip
WRAPPERS = ("{}", "\\boxed{{{}}}", "<answer>{}</answer>", "The answer is {}")


def verdicts(kind: Kind, completion: str) -> list[Score]:
    """What the quick attempt, where there is one, and the rule itself say."""
    bound = registry.bind(kind.scorer, kind.params)
    sample = view(
        Sample(
            completion=completion,
            reference=kind.reference,
            metadata={"frame": "pixels"},
            images=(IMAGE,),
        ),
        part=bound.spec.reads,
        reference=None,
    )
    tries = [bound.spec.inline, bound.spec.fn] if bound.spec.inline else [bound.spec.fn]
    said = [score for attempt in tries if (score := attempt(sample, **bound.params)) is not None]
    assert said, "the worker always has a verdict"
    return said


def spoiled(right: str, character: str, place: int) -> str:
    """An answer with a character before it, in it, after it or after a blank behind it."""
    at = place % (len(right) + 2)
    if at > len(right):
        return f"{right} {character}"
    return right[:at] + character + right[at:]


def test_the_table_has_every_rule_that_judges_by_itself() -> None:
    ours = [spec for spec in registry.all_specs() if spec.origin.startswith("harmo.")]
    rules = {spec.name for spec in ours if spec.family == "rule"}
    assert rules == {kind.scorer for kind in KINDS} | {"rule.code", "rule.by_task"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.scorer} {kind.reference}")
def test_no_character_buys_an_abstention(kind: Kind) -> None:
    place = KINDS.index(kind)
    null = {}
    for turn, character in enumerate(CHARACTERS[place % 29 :: 29]):
        answer = WRAPPERS[turn % len(WRAPPERS)].format(spoiled(kind.right, character, turn + place))
        for score in verdicts(kind, answer):
            if score.value is None:
                null[answer] = score
    assert null == {}


@pytest.mark.parametrize(
    ("right", "every"),
    [
        ("5 cm{}", 1),
        ("5 c{}m", 4),
        ("5 {}", 4),
        ("5 m{}/s", 4),
        ("5{} m", 4),
        ("5 km{}^2", 6),
        ("5\\text{{ c{}m}}", 6),
    ],
)
def test_no_character_by_a_unit_makes_a_conversion_fail(right: str, every: int) -> None:
    """pint's parser asserts, and its tokenizer raises, for what is no name."""
    kind = Kind("rule.math", "5 m", right)
    faulty = {
        character: score
        for character in CHARACTERS[every - 1 :: every]
        for score in verdicts(kind, f"\\boxed{{{right.format(character)}}}")
        if score.value is None or "fault" in score.detail
    }
    assert faulty == {}


@pytest.mark.parametrize("unit", ["m\u2015", "\u0fd1 cm", "cm\U0001f600", "m\u0300", "__class__"])
def test_what_is_no_unit_converts_to_nothing(unit: str) -> None:
    assert units.conversion(unit, "m") is None


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.integers(0, 40),
    st.sampled_from(WRAPPERS),
)
def test_no_text_in_an_answer_buys_an_abstention(kind, text, place, wrapper) -> None:
    for score in verdicts(kind, wrapper.format(spoiled(kind.right, text, place))):
        assert score.value is not None, score


@pytest.mark.parametrize(
    ("scorer", "reference", "reason"),
    [
        ("rule.numeric", "10^{9999}", Reason.UNREADABLE_REFERENCE),
        ("rule.count", "10^{9999}", Reason.UNREADABLE_REFERENCE),
        ("rule.math", "9" * 10_000, Reason.UNREADABLE_REFERENCE),
        ("rule.math", "10^{9999}", None),
        ("rule.math", "10^{9999} cm", None),
        ("rule.chart_relaxed", "10^{9999}", None),
    ],
)
@pytest.mark.parametrize("answer", ["5", "5 m", "9" * 10_000, "10^{9998}", "1e9999999"])
def test_a_huge_reference_is_wrong_for_all_others_or_unreadable(scorer, reference, reason, answer):
    """It is the request's fault where it is one; where it can be compared, all others are wrong."""
    for score in verdicts(Kind(scorer, reference, reference), f"\\boxed{{{answer}}}"):
        assert (score.value, score.reason) == ((None if reason else 0.0), reason)
