"""What words deny or doubt is no answer, whatever a rule reads: boxes, tables, lists, actions."""

from __future__ import annotations

import pytest

from tests.scorers.rule.prose import value

BOX = "[10, 20, 110, 220]"
PIXELS = {"frame": "pixels", "metadata": {"width": 640, "height": 480}}
POSED = {**PIXELS, "sigmas": [0.1] * 2}
DOGS = '[{"bbox_2d": [10, 20, 110, 220], "label": "dog"}]'
OUTLINE = "[[10, 20], [110, 20], [110, 220]]"
POSE = '{"keypoints": [[10, 20], [30, 40]], "area": 5000}'
TABLE = "<table><tr><td>1</td><td>2</td></tr></table>"
CLICK = '{"action": "click", "box": [10, 20, 110, 220]}'
ASKED = [
    ("rule.bbox_iou", BOX, BOX, PIXELS),
    ("rule.bbox_iou", BOX, "(10,20),(110,220)", PIXELS),
    ("rule.bbox_set", f"[{BOX}]", f"[{BOX}]", PIXELS),
    ("rule.point_in_box", BOX, "(50, 100)", PIXELS),
    ("rule.detection", DOGS, DOGS, PIXELS),
    ("rule.polygon_iou", OUTLINE, OUTLINE, PIXELS),
    (
        "rule.keypoints",
        POSE,
        '{"keypoints": [[10, 20], [30, 40]]}',
        {**PIXELS, "sigmas": [0.1] * 2},
    ),
    ("rule.temporal_iou", "[3, 8]", "[3, 8]", {}),
    ("rule.temporal_iou", "[3, 8]", "3 to 8 seconds", {}),
    ("rule.order", ["red", "blue", "green"], "red, blue, green", {}),
    ("rule.labels", ["red", "blue"], "red, blue", {}),
    ("rule.table", TABLE, TABLE, {}),
    ("rule.table", TABLE, "| 1 | 2 |\n| - | - |", {}),
    ("rule.formula", "x^2+1", "$x^2+1$", {}),
]
DENIED = [
    "not {}", "Not {}", "It is not {}.", "The answer is not {}.", "I don't think it is {}.",
    "anything but {}", "It isn't {}", "never {}", "{} is wrong.", "{} is not the answer.",
    "I doubt it is {}.", "It cannot be {}", "maybe {}", "Perhaps it is {}.", "Is it {}?", "not\n{}",
    "<answer>not {}</answer>",
]  # fmt: skip
SAID = ["{}", "<answer>{}</answer>", "The answer is {}."]
IN_PROSE = [
    "It is {}", "Not the cat. {}", "I see no cat, so the answer is {}.", "Here it is: {}",
    "It is not easy to see, but the answer is {}.", "There is nothing else there. {}",
    "Answer: {}. It is not the one on the left.",
]  # fmt: skip
OF_WORDS = {"rule.order", "rule.labels", "rule.formula", "rule.table"}


@pytest.mark.parametrize(("name", "reference", "answer", "params"), ASKED)
def test_what_is_denied_is_not_said(name, reference, answer, params) -> None:
    for written in DENIED:
        assert value(name, reference, written.format(answer), **params) == 0.0, written


@pytest.mark.parametrize(("name", "reference", "answer", "params"), ASKED)
def test_what_is_said_is_said(name, reference, answer, params) -> None:
    markdown = answer.startswith("|")
    for written in SAID[: 1 if markdown else 3] + ([] if name in OF_WORDS else IN_PROSE):
        said = value(name, reference, written.format(answer), **params)
        assert said == pytest.approx(1.0), written


REVOKED = [
    "click(500, 400)\n```\nclick(50, 100)\n```", "I will not do this:\n```\nclick(50, 100)\n```",
    "```\nclick(50, 100)\n```\nActually, do not click.", "Do not do it: ```click(50, 100)```",
    "```\nclick(50, 100)\n```\nclick(400, 400)", "Never:\n```\nclick(50, 100)\n```",
    '```\nclick(50, 100)\n```\nNo, wait: {"action": "type", "text": "x"}',
    "type('hello')\n```\nclick(50, 100)\n```", "Not <action>click(50, 100)</action>",
    "Action: not click(50, 100)", "not click(50, 100)",
    'Do not <tool_call>{"name": "click", "arguments": {"x": 50, "y": 100}}</tool_call>',
    "<action>click(50, 100)</action> No, cancel that.",
]  # fmt: skip
DONE = [
    "```\nclick(50, 100)\n```", "I click the button:\n```python\nclick(50, 100)\n```",
    'Here is it.\n```json\n{"action": "click", "point": [50, 100]}\n```',
    "```\nclick(50, 100)\n```\nThis opens the menu.",
    "Thought: it is there.\nAction: click(50, 100)",
    "I do click(50, 100):\n```\nclick(50, 100)\n```", "<action>click(50, 100)</action>",
    "```\nclick(50, 100)\n```\nNo further action is needed.",
    "I will not cancel it.\n<action>click(50, 100)</action>",
]  # fmt: skip


@pytest.mark.parametrize("answer", REVOKED)
def test_an_action_that_is_revoked_or_one_of_two_is_none(answer) -> None:
    assert value("rule.gui_action", CLICK, answer, **PIXELS) == 0.0


@pytest.mark.parametrize("answer", DONE)
def test_an_action_with_words_around_it_is_one(answer) -> None:
    assert value("rule.gui_action", CLICK, answer, **PIXELS) == 1.0


@pytest.mark.parametrize("word", ["hello", "foo", "the", "yes", "x"])
def test_a_word_that_names_no_action_is_none(word) -> None:
    assert value("rule.gui_action", word, word) is None
    assert value("rule.gui_action", "wait", word) == 0.0


@pytest.mark.parametrize("word", ["wait", "PRESS_BACK", "finish", "CALL_USER", "IMPOSSIBLE"])
def test_a_word_that_names_an_action_is_one(word) -> None:
    assert value("rule.gui_action", word, word) == 1.0


@pytest.mark.parametrize("points", [
    '{"nose": [10, 20], "Nose": [500, 400], "left eye": [30, 40]}',
    '{"Nose": [500, 400], "nose": [10, 20], "left_eye": [30, 40]}',
    '{"nose": [10, 20], "left eye": [30, 40], "left_eye": [300, 400]}',
])  # fmt: skip
def test_a_keypoint_that_is_named_twice_is_no_figure(points) -> None:
    reference = '{"keypoints": {"nose": [10, 20], "left eye": [30, 40]}, "area": 5000}'
    for answer in (points, f'{{"keypoints": {points}}}'):
        assert value("rule.keypoints", reference, answer, **POSED) == 0.0
    named = '{"keypoints": {"NOSE": [10, 20], "Left-Eye": [30, 40]}}'
    assert value("rule.keypoints", reference, named, **POSED) == 1.0
