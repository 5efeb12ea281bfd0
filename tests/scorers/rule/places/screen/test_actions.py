"""The parts of an action by their many names."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.places.screen.actions import (
    Action,
    NoActionError,
    action_of,
    kind_of,
    rolled,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Tap", "click"),
        ("left_double", "double_click"),
        (" TYPE ", "type"),
        ("swipe", "scroll"),
        ("PRESS_HOME", "key"),
        ("COMPLETE", "finish"),
        ("pinch", "pinch"),
    ],
)
def test_a_kind_by_its_name(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("parts", "action", "why"),
    [
        ({"place": "(1, 2)"}, Action("click", (1.0, 2.0)), "a place as text"),
        ({"place": [[1, 2]]}, Action("click", (1.0, 2.0)), "a list in a list"),
        ({"place": [1, 2, 3, 4]}, Action("click", (1.0, 2.0, 3.0, 4.0)), "a box stays one"),
        ({"text": "x"}, Action("click"), "a click has no text"),
    ],
)
def test_a_click_from_its_parts(parts: dict[str, object], action: Action, why: str) -> None:
    assert action_of("click", **parts) == action, why


@pytest.mark.parametrize(
    ("start", "end", "way"),
    [([5, 9], [5, 1], "up"), ([5, 1], [6, 9], "down"), ([9, 1], [1, 2], "left")],
)
def test_a_swipe_goes_one_way(start: list[int], end: list[int], way: str) -> None:
    assert action_of("swipe", place=start, end=end).direction == way


@pytest.mark.parametrize(
    ("name", "parts", "why"),
    [
        ("click", {"place": [True, 2]}, "a truth value"),
        ("click", {"place": {"x": 1}}, "a mapping"),
        ("click", {"place": "9" * 500}, "a long text"),
        ("click", {"end": [1, 2]}, "an end"),
        ("type", {"text": ["a"]}, "a list"),
        ("key", {"keys": 7}, "a number"),
    ],
)
def test_a_part_that_is_no_such(name: str, parts: dict[str, object], why: str) -> None:
    with pytest.raises(NoActionError):
        action_of(name, **parts)


@pytest.mark.parametrize(("pixels", "way"), [(3, "up"), (-0.5, "down"), (0, None), ("3", None)])
def test_a_wheel_turns(pixels: object, way: str | None) -> None:
    assert rolled(pixels) == way
