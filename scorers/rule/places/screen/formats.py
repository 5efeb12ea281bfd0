"""The action on a screen that a text names, in the formats that GUI agents write.

A mapping (`{"action": "click", "point": [x, y]}`, also as a tool call), a call
(`click(x=1, y=2)`, `pyautogui.click(1, 2)`), a word with its argument (`CLICK <point>[[x, y]]`,
`TYPE [text]`), or an `<action>` element with others beside it. One action and nothing else: an
action that prose mentions is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from harmo.scorers.reading.around.spans import denied
from harmo.scorers.reading.decision import stance
from harmo.scorers.reading.decision.sentences import breaks, sentences
from harmo.scorers.reading.extract import boxes, elements
from harmo.scorers.reading.json_answer import read_json
from harmo.scorers.reading.prose import cued
from harmo.scorers.rule.places.screen.actions import (
    MOVES,
    WITH_TEXT,
    Action,
    NoActionError,
    action_of,
    is_known,
    kind_of,
    rolled,
)
from harmo.scorers.rule.places.screen.literals import MAX_CHARS, Call, read_literal

_PLACES = (
    "point", "coordinate", "coordinates", "position", "start_box", "start_point", "start",
    "box", "bbox", "gt_bbox", "boxes", "xy",
)  # fmt: skip
_ENDS = ("end_box", "end_point", "coordinate2", "end", "to")
_TEXTS = ("text", "content", "input_text", "value", "app_name", "app", "status")
_MARKER = re.compile(r"^[\s*#]{0,8}+actions?\s{0,4}+:[\s*]{0,8}+", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]{1,40}+")
_WRITTEN = re.compile(r"\{[^{}\n]{2,200}+\}|([A-Za-z_]{3,20}+)\([^()\n]{0,120}+\)")
"""A mapping or call in running text."""
_REVOKED = frozenset({"not", "don't", "never", "no", "cancel", "ignore", "undo", "instead"})
_NO_MORE = frozenset({"other", "further", "more", "need"})


def actions_said(text: str) -> tuple[Action, ...]:
    """The different actions that a text names, none of them where one cannot be read.

    Words before or behind an element or block that deny it leave none: `Do not:`, `No, wait`.
    """
    found = _read(_pieces(text))
    if not found and (said := cued(text)):
        found = _read([said])
    return found


def _read(pieces: Sequence[str]) -> tuple[Action, ...]:
    try:
        return tuple(dict.fromkeys(map(read_action, pieces)))
    except ValueError:
        return ()


def _pieces(text: str) -> Sequence[str]:
    """Where actions stand in a text: in elements, a block, behind a marker, or all of it."""
    text = text.strip()
    for opening, closing in (("<action>", "</action>"), ("<tool_call>", "</tool_call>")):
        if opening in text:
            if _is_revoked(text.partition(opening)[0], text.rpartition(closing)[2]):
                return []
            said = elements(text, opening.strip("<>"))
            if opening == "<action>" and len(said) == 1 and said[0].replace("_", "").isalpha():
                return [_joined(text, said[0])]
            return said
    if contents := boxes(text).contents:
        return contents
    blocks = text.split("```", 4)
    if len(blocks) == 3:
        first, newline, rest = blocks[1].partition("\n")
        inside = rest if newline and first.strip().isalpha() else blocks[1]
        outside = [*_written(blocks[0]), *_written(blocks[2])]
        return [] if _is_revoked(blocks[0], blocks[2]) else [inside, *outside]
    return [piece for piece in _MARKER.split(text)[1:] if piece.strip()] or [text]


def _written(text: str) -> list[str]:
    """The mappings and calls in running text that are actions with something to say."""
    found = _WRITTEN.finditer(text[:MAX_CHARS])
    return [
        each[0]
        for each in found
        if (is_known(each[1]) if each[1] else "action" in each[0])
        and any(c.isdigit() or c in "'\"" for c in each[0])
    ]


def _is_revoked(before: str, after: str) -> bool:
    """True where words before an action deny it, or those behind it take it back."""
    if denied(before, len(before), len(before)):
        return True
    line = before.rstrip().rpartition("\n")[2]
    led = (sentences(line) or [""])[-1]
    if line[-1:] not in ".!?" and stance.denies(led[breaks(led)[-1] :]):
        return True
    words = [word.strip(",.!:") for word in after[:200].lower().split()[:4]]
    return not _REVOKED.isdisjoint(words) and _NO_MORE.isdisjoint(words)


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
    """A text without the lines before it that do nothing on the screen."""
    text = text.strip()
    while text.startswith(("import ", "from ", "#")):
        text = text.partition("\n")[2].lstrip()
    return text


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
        fields["xy"] = [fields["x"], fields["y"]]
    return action_of(
        name,
        place=_first(fields, _PLACES),
        end=_first(fields, _ENDS),
        text=_first(fields, _TEXTS),
        direction=_first(fields, ("direction",)) or rolled(fields.get("pixels")),
        keys=_first(fields, ("keys", "key", "button")),
    )


def _first(fields: Mapping[str, object], names: Sequence[str]) -> object:
    """What the fields of these names hold; a `ValueError` where they say different things."""
    said = [fields[name] for name in names if fields.get(name) is not None]
    if any(each != said[0] for each in said):
        raise NoActionError(f"different values of {names[0]}")
    return said[0] if said else None


def _of_call(call: Call) -> Action:
    """The action of a call; its arguments without a name are a place, a text or keys."""
    name = call.name.rpartition(".")[2]
    fields: dict[str, object] = {**call.keywords, "action": name}
    numbers = [each for each in call.arguments if isinstance(each, float)]
    words = [each for each in call.arguments if isinstance(each, str)]
    lists = [each for each in call.arguments if isinstance(each, list)]
    if len(numbers) + len(words) + len(lists) < len(call.arguments):
        raise NoActionError("an argument that is no text and no number")
    kind = kind_of(name)
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
            key = "direction" if kind == "scroll" else "text" if kind in WITH_TEXT else "point"
            fields[key] = words[0] if len(words) == 1 else words
    return _of_fields(fields)


def _placed(kind: str, numbers: list[float], lists: Sequence[object]) -> dict[str, object]:
    """Start and end of what a call's arguments name; four numbers are both only for a movement."""
    if len(numbers) == 4 and kind in MOVES:
        return {"point": numbers[:2], "end": numbers[2:]}
    named: list[object] = [*([numbers] if numbers else []), *lists]
    return dict(zip(("point", "end"), named, strict=False))


def _of_words(name: str, rest: str) -> Action:
    """The action of a word and its argument: `CLICK <point>[[1, 2]]</point>`, `TYPE [hello]`."""
    if not is_known(name):
        raise NoActionError("a word that names no action")
    if rest.startswith("["):
        if not rest.endswith("]"):
            raise NoActionError("] is missing")
        inside = rest[1:-1].strip()
        kind = kind_of(name)
        if kind == "scroll":
            return action_of(name, direction=inside)
        if kind == "key":
            return action_of(name, keys=inside)
        if kind in WITH_TEXT:
            return action_of(name, text=inside)
    return action_of(name, place=rest or None)
