"""What a policy does on a screen, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.types import Image, Reason, Sample

BOX = {"action": "click", "box": [100, 40, 120, 60]}
POINT = {"action": "click", "point": [100, 50]}
TYPED = {"action": "type", "text": "red running shoes"}
PIXELS = {"frame": "pixels"}
NEAR = {"frame": "pixels", "distance": 10}
ROWS = [
    (BOX, "click(110, 50)", PIXELS, 1, "in the box"),
    (BOX, "click(100, 40)", PIXELS, 1, "on its border"),
    (BOX, "click(99, 50)", PIXELS, 0, "beside it"),
    (BOX, '{"action": "click", "point": [110, 50]}', PIXELS, 1, "as JSON"),
    (BOX, "CLICK <point>[[550, 500]]</point>", {"frame": "thousand", "reference_frame": "pixels"},
     1, "in thousandths, against pixels"),
    (BOX, "click(0.55, 0.5)", {"frame": "unit", "reference_frame": "pixels"}, 1, "in shares"),
    ({**BOX, "frame": "thousand"}, "click(110, 50)", {}, 1, "the reference says the frame"),
    (BOX, "double_click(110, 50)", PIXELS, 0, "another kind"),
    (BOX, "type('x')", PIXELS, 0, "another kind, without a place"),
    (BOX, "click()", PIXELS, 0, "no place"),
    (BOX, "click(point=[100, 40, 120, 60])", PIXELS, 0, "a box is no point"),
    (BOX, "click(100, 40, 120, 60)", PIXELS, 0, "nor are four numbers"),
    (BOX, "I would click(110, 50)", PIXELS, 0, "prose"),
    (BOX, "click(110, 50)\nclick(10, 10)", PIXELS, 0, "two actions"),
    (BOX, "<action>click(110, 50)</action><action>wait()</action>", PIXELS, 0, "two elements"),
    (BOX, "", PIXELS, 0, "nothing"),
    (BOX, "click(1e999, 50)", PIXELS, 0, "no number"),
    (BOX, "click(999999999, 50)", PIXELS, 0, "far outside"),
    (BOX, '{"action": "click", "x": 110, "y": 50}', PIXELS, 1, "x and y by name"),
    (BOX, '{"action": "click", "point": [110, 50], "x": 9, "y": 9}', PIXELS, 0, "two places"),
    ({"action": "click", "bbox": [100, 40, 120, 60], "point": [110, 50]}, "click(119, 59)", PIXELS,
     1, "a box comes before a point"),
    ({"action": "click", "boxes": [[0, 0, 9, 9], [100, 40, 120, 60]]}, "click(110, 50)", PIXELS, 1,
     "one of two boxes"),
    ([BOX, {"action": "wait"}], "wait()", PIXELS, 1, "one of two that are accepted"),
    ("[{'action': 'click', 'coordinate': [100, 40, 120, 60]}]",
     "[{'action': 'click', 'coordinate': [110, 50]}]", PIXELS, 1, "UI-R1's solution"),
    ('{"action": "click", "gt_bbox": [100, 40, 120, 60], "input_text": "no input text"}',
     "[{'action': 'click', 'point': [110, 50], 'input_text': 'no input text'}]", PIXELS, 1,
     "GUI-R1's"),
    (POINT, "click(106, 58)", NEAR, 1, "at the very distance"),
    (POINT, "click(107, 58)", NEAR, 0, "further off"),
    (POINT, "click(0.53, 0.58)", {"frame": "unit", "reference_frame": "pixels", "distance": 10}, 1,
     "the distance counts what the reference counts"),
    (TYPED, "type('red running shoes')", {}, 1, "the same text"),
    (TYPED, "TYPE [Red running  shoes]", {}, 1, "case and blanks"),
    (TYPED, "type('red shoes')", {}, 4 / 5, "F1 of its words"),
    (TYPED, "type('red shoes')", {"text": "exact"}, 0, "not exact"),
    (TYPED, "type('red running shoes')", {"text": "exact"}, 1, "exact"),
    (TYPED, "type('re')", {}, 0, "part of a word"),
    (TYPED, "type()", {}, 0, "no text"),
    (TYPED, "red running shoes", {}, 0, "no action"),
    ({"action": "type", "text": "!?"}, "type('!?')", {}, 1, "signs alone"),
    ({"action": "type", "text": "!?"}, "type('?!')", {}, 0, "other signs"),
    ({"action": "input_text"}, "type('whatever')", {}, 1, "what is not said is not asked"),
    ({"action": "scroll", "direction": "down"}, "pyautogui.scroll(-3)", {}, 1, "down"),
    ({"action": "scroll", "direction": "down"}, "SCROLL [UP]", {}, 0, "up"),
    ({"action": "scroll", "direction": "down"}, "scroll()", {}, 0, "nowhere"),
    ({"action": "scroll", "direction": "in"}, "scroll(direction='out')", {}, 0, "other words"),
    ({"action": "scroll", "gt_bbox": [-100, -100], "input_text": "down"}, "SCROLL [DOWN]", PIXELS,
     1, "GUI-R1 has no place for it"),
    ("[{'action': 'scroll', 'coordinate': [0,0,0,0]}]", "scroll()", PIXELS, 1, "nor has UI-R1"),
    ({"action": "hotkey", "keys": ["ctrl", "c"]}, "hotkey(key='c control')", {}, 1, "keys"),
    ({"action": "hotkey", "keys": ["ctrl", "c"]}, "press('c')", {}, 0, "one of them"),
    ({"action": "PRESS_BACK"}, "navigate_back()", {}, 1, "a key by its other name"),
    ({"action": "PRESS_BACK"}, "PRESS_HOME", {}, 0, "another key"),
    ({"action": "open_app", "app": "Clock"}, "OPEN_APP [Clock]", {}, 1, "an app"),
    ({"action": "open_app", "app": "Clock"}, "OPEN_APP [Maps]", {}, 0, "another"),
    ({"action": "drag", "point": [10, 10], "end": [90, 10]}, "drag(12, 10, 90, 15)", NEAR, 1,
     "a drag"),
    ({"action": "drag", "point": [10, 10], "end": [90, 10]}, "drag(12, 10, 50, 15)", NEAR, 0,
     "it ends elsewhere"),
    ({"action": "finish"}, "finished(content='bought')", {}, 1, "done"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, reference, completion, params, value, why):
    score = scored("rule.gui_action", reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


UNREADABLE = Reason.UNREADABLE_REFERENCE


@pytest.mark.parametrize(
    ("reference", "params", "reason", "why"),
    [
        (None, PIXELS, Reason.NO_REFERENCE, "none"),
        ("", PIXELS, UNREADABLE, "empty"),
        ([], PIXELS, UNREADABLE, "no action"),
        ("click the button", PIXELS, UNREADABLE, "prose"),
        ({"box": [1, 2, 3, 4]}, PIXELS, UNREADABLE, "no kind"),
        ({"action": "click"}, PIXELS, UNREADABLE, "a click without a place"),
        ({"action": "click", "box": [0, 0, 0, 0]}, PIXELS, UNREADABLE, "an empty box"),
        ({"action": "click", "box": [9, 9, 1, 1]}, PIXELS, UNREADABLE, "corners turned round"),
        ({"action": "click", "boxes": ["here"]}, PIXELS, UNREADABLE, "no box"),
        (POINT, PIXELS, UNREADABLE, "a point without a distance"),
        (BOX, {}, UNREADABLE, "no frame declared"),
        ([BOX, {"action": "click"}], PIXELS, UNREADABLE, "one of two"),
        ([BOX] * 65, PIXELS, UNREADABLE, "too many"),
    ],
)
def test_no_action_to_compare_with_is_no_verdict(scored, reference, params, reason, why):
    assert scored("rule.gui_action", reference, "click(1, 1)", params=params).reason is reason, why


@pytest.mark.parametrize("distance", [0, -1])
def test_a_distance_is_more_than_nothing(distance):
    with pytest.raises(registry.ScorerParamsError, match="distance"):
        registry.bind("rule.gui_action", {"distance": distance})


def value(reference: object, completion: str, **params: object) -> float:
    bound = registry.bind("rule.gui_action", params)
    image = Image(content=b"", media_type="image/png", width=200, height=100)
    sample = Sample(reference=reference, completion=completion, images=(image,))
    return bound.spec.fn(sample, **bound.params).value


SIDES = st.integers(0, 100)


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_click_is_right_exactly_in_its_box(x, y, left, top):
    box = [left, top, left + 40, top + 20]
    inside = left <= x <= left + 40 and top <= y <= top + 20

    assert value({"action": "click", "box": box}, f"click({x}, {y})", frame="pixels") == inside


@given(SIDES, SIDES)
def test_an_action_beside_the_right_one_takes_it_all(x, y):
    reference = {"action": "click", "box": [0, 0, 101, 101]}
    said = f"<action>click({x}, {y})</action>"

    assert value(reference, said, frame="pixels") == 1.0
    assert value(reference, said + "<action>scroll(direction='up')</action>", frame="pixels") == 0.0


WORDS = st.lists(st.sampled_from(["red", "blue", "shoes", "hat"]), min_size=1, max_size=6)


@given(WORDS, WORDS)
def test_typed_text_is_in_range_and_goes_both_ways(one, other):
    def typed(wanted: list[str], said: list[str]) -> float:
        reference = {"action": "type", "text": " ".join(wanted)}
        return value(reference, f"type(content='{' '.join(said)}')")

    assert 0.0 <= typed(one, other) <= 1.0
    assert typed(one, other) == pytest.approx(typed(other, one))
    assert typed(one, one) == 1.0
    assert typed(one, [*one, "newt"]) < 1.0
