"""The action on a screen that a text names, in the formats that GUI agents write.

A mapping (`{"action": "click", "point": [x, y]}`, also as a tool call), a call
(`click(x=1, y=2)`, `pyautogui.click(1, 2)`), a word with its argument (`CLICK <point>[[x, y]]`,
`TYPE [text]`), or an `<action>` element with others beside it. One action and nothing else: an
action that prose mentions is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmo.scorers.reading.extract import boxes, elements
from harmo.scorers.reading.json_answer import read_json
from harmo.scorers.rule.places.literals import MAX_CHARS, Call, read_literal

_KINDS = {
    "click": "click tap left_click leftclick single_click press_point",
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
_PLACES = (
    "point", "coordinate", "coordinates", "position", "start_box", "start_point", "start",
    "box", "bbox", "gt_bbox", "boxes",
)  # fmt: skip
_ENDS = ("end_box", "end_point", "coordinate2", "end", "to")
_TEXTS = ("text", "content", "input_text", "value", "app_name", "app", "status")
_MOVES = frozenset({"drag", "scroll"})
_NO_TEXT = "no input text"
"""What GUI-R1's data set writes where an action has none."""
_WITH_TEXT = frozenset({"type", "select", "open", "answer", "finish"})
_DIRECTIONS = {"up": "up", "down": "down", "left": "left", "right": "right", "top": "up"}
_DIRECTIONS["bottom"] = "down"

_MARKER = re.compile(r"^[\s*#]{0,8}+actions?\s{0,4}+:[\s*]{0,8}+", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]{1,40}+")
_POINT_TAGS = re.compile(r"</?point>|<\|box_(?:start|end)\|>|[\[\](),]|\s")
_PLACE = re.compile(r"[-+]?(?:[0-9]{1,9}+(?:\.[0-9]{0,12}+)?+|\.[0-9]{1,12}+)")


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


def actions_said(text: str) -> tuple[Action, ...]:
    """The different actions that a text names, none of them where one cannot be read."""
    pieces = _pieces(text)
    try:
        return tuple(dict.fromkeys(read_action(piece) for piece in pieces))
    except ValueError:
        return ()


def _pieces(text: str) -> Sequence[str]:
    """Where actions stand in a text: in elements, a block, behind a marker, or all of it."""
    text = text.strip()
    if "<action>" in text:
        actions = elements(text, "action")
        if len(actions) == 1 and actions[0].replace("_", "").isalpha():
            return [_joined(text, actions[0])]
        return actions
    if "<tool_call>" in text:
        return elements(text, "tool_call")
    if contents := boxes(text).contents:
        return contents
    blocks = text.split("```", 4)
    if len(blocks) == 3:
        first, newline, rest = blocks[1].partition("\n")
        return [rest if newline and first.strip().isalpha() else blocks[1]]
    return [piece for piece in _MARKER.split(text)[1:] if piece.strip()] or [text]


def _joined(text: str, kind: str) -> str:
    """A mapping of `<action>` and the elements beside it: `<point>[1, 2]</point>`."""
    fields = [f'"action": {kind}']
    for name in (*_PLACES, *_ENDS, *_TEXTS, "direction", "key", "keys"):
        found = elements(text, name)
        if len(found) > 1:
            return ""
        if found:
            said = found[0].replace("\\", "\\\\").replace('"', '\\"')
            fields.append(f'"{name}": "{said}"')
    return "{" + ", ".join(fields) + "}"


def read_action(said: object) -> Action:
    """The one action that a text or mapping is; a `ValueError` says why it is none."""
    if isinstance(said, list | tuple):
        if len(said) != 1:
            raise NoActionError(f"{len(said)} actions")
        return read_action(said[0])
    if isinstance(said, Mapping):
        return _of_fields(dict(said))
    if isinstance(said, Call):
        return _of_call(said)
    if not isinstance(said, str):
        raise NoActionError(f"no action: {type(said).__name__}")
    if len(said) > MAX_CHARS:
        raise NoActionError(f"more than {MAX_CHARS} characters")
    text = _code(said)
    if text[:1] in ("{", "["):
        return read_action(_mapping(text))
    word = _WORD.match(text)
    rest = text[word.end() :].strip() if word else ""
    if word and rest[:1] in ("", "[", "<"):
        return _of_words(word[0], rest)
    value = read_literal(text)
    if not isinstance(value, Call):
        raise NoActionError("no call")
    return _of_call(value)


def _code(text: str) -> str:
    """A text without the lines of a program that do nothing on the screen."""
    lines = [line for line in text.splitlines() if not line.startswith(("import ", "from ", "#"))]
    return "\n".join(lines).strip()


def _mapping(text: str) -> object:
    try:
        value = read_json(text)
    except ValueError:
        value = read_literal(text)
    if isinstance(value, str):
        raise NoActionError("a text in brackets")
    return value


def _of_fields(fields: dict[str, object]) -> Action:
    """The action of a mapping; a tool call has it in its arguments."""
    inner = fields.get("arguments")
    if isinstance(inner, Mapping):
        named = {"action": fields.get("name"), **inner}
        return _of_fields(named)
    name = next((fields[key] for key in ("action", "action_type", "type") if key in fields), None)
    if isinstance(name, str) and "(" in name:
        return read_action(name)
    if isinstance(name, Mapping | Call):
        return read_action(name)
    if not isinstance(name, str):
        raise NoActionError("no action is named")
    if "x" in fields and "y" in fields:
        fields.setdefault("point", [fields["x"], fields["y"]])
    return _action(
        name,
        place=_first(fields, _PLACES),
        end=_first(fields, _ENDS),
        text=_first(fields, _TEXTS),
        direction=_first(fields, ("direction",)) or _rolled(fields.get("pixels")),
        keys=_first(fields, ("keys", "key", "button")),
    )


def _first(fields: Mapping[str, object], names: Sequence[str]) -> object:
    """What the fields of these names hold; a `ValueError` where they say different things."""
    said = [fields[name] for name in names if fields.get(name) is not None]
    if any(each != said[0] for each in said):
        raise NoActionError(f"different values of {names[0]}")
    return said[0] if said else None


def _rolled(pixels: object) -> str | None:
    """Which way a wheel turns that is given a number."""
    if isinstance(pixels, bool) or not isinstance(pixels, int | float) or not pixels:
        return None
    return "up" if pixels > 0 else "down"


def _of_call(call: Call) -> Action:
    """The action of a call; its arguments without a name are a place, a text or keys."""
    name = call.name.rpartition(".")[2]
    fields: dict[str, object] = {**call.keywords, "action": name}
    numbers = [each for each in call.arguments if isinstance(each, float)]
    words = [each for each in call.arguments if isinstance(each, str)]
    lists = [each for each in call.arguments if isinstance(each, list)]
    if len(numbers) + len(words) + len(lists) < len(call.arguments):
        raise NoActionError("an argument that is no text and no number")
    kind = _kind(name)
    if kind == "click" and "button" in fields:
        button = str(fields.pop("button")).lower()
        fields["action"] = "click" if button == "left" else f"{button}_click"
    if kind == "key":
        fields["keys"] = [*words, *(each for listed in lists for each in listed)] or fields.get(
            "keys"
        )
    elif kind == "scroll" and len(numbers) == 1 and not words and not lists:
        fields["pixels"] = numbers[0]
    else:
        fields |= _placed(kind, numbers, lists)
        if words:
            key = "direction" if kind == "scroll" else "text" if kind in _WITH_TEXT else "point"
            fields[key] = words[0] if len(words) == 1 else words
    return _of_fields(fields)


def _placed(kind: str, numbers: list[float], lists: Sequence[object]) -> dict[str, object]:
    """Start and end of what a call's arguments name; four numbers are both only for a movement."""
    if len(numbers) == 4 and kind in _MOVES:
        return {"point": numbers[:2], "end": numbers[2:]}
    named: list[object] = [*([numbers] if numbers else []), *lists]
    return dict(zip(("point", "end"), named, strict=False))


def _of_words(name: str, rest: str) -> Action:
    """The action of a word and its argument: `CLICK <point>[[1, 2]]</point>`, `TYPE [hello]`."""
    if rest.startswith("["):
        if not rest.endswith("]"):
            raise NoActionError("] is missing")
        inside = rest[1:-1].strip()
        kind = _kind(name)
        if kind == "scroll":
            return _action(name, direction=inside)
        if kind == "key":
            return _action(name, keys=inside)
        if kind in _WITH_TEXT:
            return _action(name, text=inside)
    return _action(name, place=rest or None)


def _action(
    name: str,
    *,
    place: object = None,
    end: object = None,
    text: object = None,
    direction: object = None,
    keys: object = None,
) -> Action:
    """An action in the one form that is compared; a `ValueError` for a part that is no such."""
    kind = _kind(name)
    word = name.strip().lower()
    where, until = _numbers(place), _numbers(end)
    if until is not None and kind not in _MOVES:
        raise NoActionError(f"{kind} with an end")
    if kind == "scroll" and direction is None:
        # GUI-R1 has the direction where other actions have their text.
        direction, text = text, None
    way = None if direction is None else _DIRECTIONS.get(str(direction).strip().lower(), "")
    if kind == "scroll" and way is None and where and until and len(where) == len(until) == 2:
        way = _way(where, until)
    return Action(
        kind=kind,
        place=where,
        end=until if kind == "drag" else None,
        text=_text(text) if kind in _WITH_TEXT else None,
        direction=way,
        keys=frozenset({_SINGLE_KEYS[word]}) if word in _SINGLE_KEYS else _keys(keys),
    )


def _kind(name: str) -> str:
    word = name.strip().lower()
    return "key" if word in _SINGLE_KEYS else _KIND.get(word, word)


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
