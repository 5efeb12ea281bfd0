"""An action on a screen in the one form that is compared, and the names of its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_KINDS = {
    "click": "click tap left_click leftclick single_click",
    "double_click": "double_click doubleclick double_tap left_double",
    "right_click": "right_click rightclick right_single",
    "middle_click": "middle_click middleclick",
    "long_press": "long_press longpress long_click press_and_hold",
    "hover": "hover move moveto move_to mouse_move",
    "type": "type write typewrite input input_text type_text text_input enter_text set_text",
    "select": "select select_option",
    "scroll": "scroll swipe vscroll",
    "drag": "drag dragto drag_to left_click_drag drag_and_drop",
    "key": "key press hotkey keypress key_press press_key keydown system_button",
    "open": "open open_app openapp launch launch_app",
    "wait": "wait sleep",
    "finish": "finish finished complete completed done terminate task_complete",
    "answer": "answer back_information",
    "ask": "ask call_user ask_user request_help",
    "impossible": "impossible infeasible fail failed task_impossible",
}
_KIND = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_SINGLE_KEYS = {
    "press_back": "back", "navigate_back": "back", "go_back": "back", "back": "back",
    "press_home": "home", "navigate_home": "home", "go_home": "home", "home": "home",
    "press_enter": "enter", "enter": "enter", "press_recent": "recent",
}  # fmt: skip
"""Actions that are one key: `PRESS_BACK`."""
_KEY_NAMES = {
    "control": "ctrl", "return": "enter", "escape": "esc", "del": "delete", "command": "cmd",
    "option": "alt", "windows": "win", "super": "win", "meta": "win", "spacebar": "space",
    "page_down": "pagedown", "page_up": "pageup", "pgdn": "pagedown", "pgup": "pageup",
}  # fmt: skip
MOVES = frozenset({"drag", "scroll"})
_NO_TEXT = "no input text"
"""What GUI-R1's data set writes where an action has none."""
WITH_TEXT = frozenset({"type", "select", "open", "answer", "finish"})
_DIRECTIONS = {"top": "up", "bottom": "down"}

_POINT_TAGS = re.compile(r"</?point>|<\|box_(?:start|end)\|>|[\[\](),]|\s")
_PLACE = re.compile(r"[-+]?(?:[0-9]{1,9}+(?>(?:\.[0-9]{0,20}+)?)|\.[0-9]{1,20}+)")


class NoActionError(ValueError):
    """A text or mapping is no action; the message says why."""


@dataclass(frozen=True, slots=True)
class Action:
    """What is done, where, and with what; each None where it is not said."""

    kind: str
    place: tuple[float, ...] | None = None
    """The numbers that name it, as written: two for a point."""
    end: tuple[float, ...] | None = None
    text: str | None = None
    direction: str | None = None
    keys: frozenset[str] | None = None


def action_of(
    name: str,
    *,
    place: object = None,
    end: object = None,
    text: object = None,
    direction: object = None,
    keys: object = None,
) -> Action:
    """An action in the one form that is compared; a `ValueError` for a part that is no such."""
    kind = kind_of(name)
    word = name.strip().lower()
    where, until = _numbers(place), _numbers(end)
    if until is not None and kind not in MOVES:
        raise NoActionError(f"{kind} with an end")
    if kind == "scroll" and direction is None:
        # GUI-R1 has the direction where other actions have their text.
        direction, text = text, None
    word_for_way = "" if direction is None else str(direction)[:40].strip().lower()
    way = _DIRECTIONS.get(word_for_way, word_for_way) or None
    if kind == "scroll" and way is None and where and until and len(where) == len(until) == 2:
        way = _way(where, until)
    return Action(
        kind=kind,
        place=where,
        end=until if kind == "drag" else None,
        text=_text(text) if kind in WITH_TEXT else None,
        direction=way,
        keys=frozenset({_SINGLE_KEYS[word]}) if word in _SINGLE_KEYS else _keys(keys),
    )


def kind_of(name: str) -> str:
    """The kind of an action by one of its names; the name itself for what has no other."""
    word = name.strip().lower()
    return "key" if word in _SINGLE_KEYS else _KIND.get(word, word)


def is_known(name: str) -> bool:
    """True for a name of an action, no word that only stands where one might."""
    word = name.strip().lower()
    return word in _KIND or word in _SINGLE_KEYS


def _text(text: object) -> str | None:
    if text == _NO_TEXT or text is None:
        return None
    if isinstance(text, str):
        return text
    if isinstance(text, bool) or not isinstance(text, int | float):
        raise NoActionError(f"no text: {type(text).__name__}")
    return f"{text:g}"


def _numbers(place: object) -> tuple[float, ...] | None:
    """The numbers of a place, whatever brackets and tags are round them."""
    if place is None:
        return None
    if isinstance(place, str):
        return _numbers_said(place)
    if isinstance(place, list | tuple) and len(place) == 1 and isinstance(place[0], list | tuple):
        place = place[0]
    if not isinstance(place, list | tuple) or len(place) > 4:
        raise NoActionError("no place")
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in place):
        raise NoActionError("a place that is no number")
    return tuple(map(float, place))


def _numbers_said(text: str) -> tuple[float, ...]:
    words = _POINT_TAGS.sub(" ", text[:400]).split()
    if len(text) > 400 or len(words) > 4 or not all(map(_PLACE.fullmatch, words)):
        raise NoActionError("no place")
    return tuple(map(float, words))


def _keys(keys: object) -> frozenset[str] | None:
    if keys is None:
        return None
    listed = re.split(r"[\s+,]", keys) if isinstance(keys, str) else keys
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) for each in listed):
        raise NoActionError("keys that are no names")
    names = (each.strip().lower() for each in listed)
    return frozenset(_KEY_NAMES.get(name, name) for name in names if name)


def _way(start: Sequence[float], end: Sequence[float]) -> str:
    """The way from one point to another, the longer of its two parts."""
    right, down = end[0] - start[0], end[1] - start[1]
    if abs(right) > abs(down):
        return "right" if right > 0 else "left"
    return "down" if down > 0 else "up"


def rolled(pixels: object) -> str | None:
    """Which way a wheel turns that is given a number."""
    if isinstance(pixels, bool) or not isinstance(pixels, int | float) or not pixels:
        return None
    return "up" if pixels > 0 else "down"
