"""rule.gui_action: what a policy does on a screen, and where."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import MAX_REFERENCES, Pair, best, verdict
from harmo.scorers.reading.json_answer import read_json
from harmo.scorers.reading.text import squad
from harmo.scorers.registry import scorer
from harmo.scorers.rule.places.frame import (
    Frame,
    Picture,
    Pictures,
    Point,
    Rectangle,
    frames_of,
    pictures_of,
    point,
    rectangle,
    size_of,
)
from harmo.scorers.rule.places.screen.actions import Action
from harmo.scorers.rule.places.screen.formats import actions_said, read_action
from harmo.scorers.spec import Tries
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.gui_action"
_PLACED = frozenset({"click", "double_click", "right_click", "middle_click", "long_press", "hover"})
"""Actions that are nothing without a place."""
TextMetric = Literal["f1", "exact"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An action that is right, and where it may be done."""

    action: Action
    boxes: tuple[Rectangle, ...] = ()
    place: Point | None = None
    end: Point | None = None


def _tries(
    sample: Sample,
    *,
    frame: Frame | None,
    reference_frame: Frame | None,
    distance: float | None,
    **_: object,
) -> Tries:
    """An accepted action done in the middle of its place; another one, and one in no such place."""
    if size_of(sample) is None:
        reference = _unpacked(sample.reference)
        first = reference[0] if isinstance(reference, list) and reference else reference
        frames = frames_of(replace(sample, reference=first), frame, reference_frame)
        if frames.answer != frames.reference and "pixels" in frames:
            return Tries(())
        # In one frame a picture of any size will do.
        sample = replace(sample, metadata={**sample.metadata, "width": 1, "height": 1})
    wanted = _references(sample, frame, reference_frame, distance)
    if isinstance(wanted, Score) or wanted[0][0].end is not None:
        return Tries(())
    right, pictures = wanted[0]
    place, far = None, None
    if pictures is not None and (middle := _middle(right)):
        width, height = pictures.answer
        place, far = [middle.x * width, middle.y * height], [50 * width, 50 * height]
    done = json.dumps(_fields(right.action, place))
    if len(wanted) > 1:
        return Tries((done,))
    others = [kind for kind in ("hover", "click", "wait") if kind != right.action.kind]
    wrong = {
        f"to {kind}": json.dumps({"action": kind, "point": place or [1, 1]}) for kind in others
    }
    if far:
        wrong |= {"elsewhere": json.dumps(_fields(right.action, far))}
        wrong |= {"nowhere": json.dumps(_fields(right.action, None))}
    return Tries((done,), wrong)


def _middle(wanted: Wanted) -> Point | None:
    """A place where an action may be done."""
    if not wanted.boxes:
        return wanted.place
    box = wanted.boxes[0]
    return Point((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)


def _fields(action: Action, place: list[float] | None) -> dict[str, object]:
    """An action as a mapping, at a place."""
    keys = sorted(action.keys) if action.keys else None
    fields = {"text": action.text, "direction": action.direction, "keys": keys, "point": place}
    return {"action": action.kind} | {name: said for name, said in fields.items() if said}


@scorer(NAME, on_loop=True, by_text=True, self_answer="bare", tries=_tries, near_enough=True)
@settled(NAME)
def gui_action(
    sample: Sample,
    *,
    frame: Frame | None = None,
    reference_frame: Frame | None = None,
    distance: Annotated[float, Field(gt=0)] | None = None,
    text: TextMetric = "f1",
) -> Score:
    """1.0 if the completion's one action is the reference's, else 0.0; typed text by its F1.

    The kind must be the same, the point in a reference box (borders included) or no further than
    `distance` from the reference point, the direction of a scroll and the keys of a shortcut the
    same. What the reference does not say is not asked. As in UI-R1 (arXiv:2503.21620) and GUI-R1
    (arXiv:2504.10458), with these differences: kind and place are one verdict, not two sums;
    how far from a reference point is right has no default (GUI-R1 takes 140 pixels); typed text is
    F1 over words as it is, not from 0.5 on, and no part of a word passes for it.

    Read are mappings, tool calls, calls (`pyautogui.click(1, 2)`), `CLICK <point>[[1, 2]]</point>`
    and `<action>` elements, alone or behind `Action:`. Wrong: no action, an action in prose,
    several different ones, a box where a point is asked. Abstains on a reference that is missing or
    no action, on a click without a place, on a point without `distance`, on an undeclared frame.

    Args:
        sample: Its reference is an action as above, `{"action": "click", "box": [x1, y1, x2, y2]}`,
            or a list of accepted ones.
        frame: What the completion's coordinates count.
        reference_frame: What the reference's count, where that differs.
        distance: How far from a reference point is right, in what its coordinates count.
        text: How typed text is compared: by its words, or exactly.
    """
    wanted = _references(sample, frame, reference_frame, distance)
    if isinstance(wanted, Score):
        return wanted
    said = actions_said(sample.text)
    if len(said) != 1:
        return verdict(NAME, 0.0, Pair.CONFLICT if said else Pair.NO_ANSWER, actions=len(said))
    return best(
        [
            _judged(said[0], each, pictures, distance=distance, text=text)
            for each, pictures in wanted
        ]
    )


def _references(
    sample: Sample, frame: Frame | None, reference_frame: Frame | None, distance: float | None
) -> list[tuple[Wanted, Pictures | None]] | Score:
    """The actions that are right, and what coordinates count where they have a place."""
    reference = _unpacked(sample.reference)
    if reference is None:
        return Score.abstain(Reason.NO_REFERENCE)
    listed = reference if isinstance(reference, list | tuple) else [reference]
    if not 0 < len(listed) <= MAX_REFERENCES:
        why = f"{len(listed)} accepted actions: at least 1, at most {MAX_REFERENCES} are read"
        return Score.abstain(Reason.UNREADABLE_REFERENCE, why=why)
    found: list[tuple[Wanted, Pictures | None]] = []
    for each in listed:
        pictures = pictures_of(replace(sample, reference=each), frame, reference_frame)
        try:
            wanted = _wanted(each, pictures, distance)
            found.append((wanted, None if isinstance(pictures, Score) else pictures))
        except ValueError as error:
            return Score.abstain(Reason.UNREADABLE_REFERENCE, why=str(error))
    return found


def _unpacked(reference: object) -> object:
    """A reference that is JSON as text, as its value: its frame may stand in it."""
    if not isinstance(reference, str) or reference.strip()[:1] not in ("{", "["):
        return reference
    try:
        return read_json(reference)
    except ValueError:
        return reference


def _wanted(reference: object, pictures: Pictures | Score, distance: float | None) -> Wanted:
    """An action that is right; a `ValueError` where it cannot be compared with."""
    fields = dict(reference) if isinstance(reference, Mapping) else {}
    quads = _quads(fields)
    action = read_action(fields or reference)
    # Data sets write zeros, or less, where an action has no place.
    numbers = action.place if max(action.place or (0,)) > 0 else None
    if not quads and len(numbers or ()) == 4:
        quads = [numbers]
    placed = action.kind in _PLACED or action.kind == "drag"
    pair = numbers if placed and not quads and len(numbers or ()) == 2 else None
    if not quads and pair is None and action.end is None:
        if action.kind in _PLACED:
            raise ValueError("an action without its place")
        return Wanted(action)
    if isinstance(pictures, Score):
        raise ValueError(pictures.detail.get("why", "no reference"))  # noqa: TRY004 - no wrong type
    if distance is None and (pair or action.end):
        raise ValueError("a reference that is a point needs params {distance}")
    boxes = [rectangle(quad, pictures.reference) for quad in quads]
    if None in boxes:
        raise ValueError("no box")
    return Wanted(
        action,
        boxes=tuple(box for box in boxes if box),
        place=point(pair, pictures.reference),
        end=point(action.end, pictures.reference),
    )


def _quads(fields: dict[str, object]) -> list[object]:
    """The boxes among a reference's fields, taken out of them."""
    several = fields.pop("boxes", None)
    quads = list(several) if isinstance(several, list | tuple) else []
    for name in ("box", "bbox", "gt_bbox"):
        box = fields.get(name)
        if isinstance(box, list | tuple) and len(box) == 4:
            del fields[name]
            quads += [box] if any(isinstance(n, int | float) and n > 0 for n in box) else []
    return quads


def _judged(
    action: Action,
    wanted: Wanted,
    pictures: Pictures | None,
    *,
    distance: float | None,
    text: TextMetric,
) -> Score:
    right = wanted.action
    same = (
        action.kind == right.kind
        and right.direction in (None, action.direction)
        and right.keys in (None, action.keys)
        and _in_place(action, wanted, pictures, distance)
    )
    value = 0.0
    if same:
        value = 1.0 if not right.text else _typed(right.text, action.text or "", text)
    return verdict(NAME, value, Pair.ACTION, action=action.kind, reference=right.kind)


def _in_place(
    action: Action, wanted: Wanted, pictures: Pictures | None, distance: float | None
) -> bool:
    if pictures is None or not (wanted.boxes or wanted.place or wanted.end):
        return True
    said = point(action.place, pictures.answer)
    end = point(action.end, pictures.answer)
    if wanted.end is not None and not _near(end, wanted.end, pictures.reference, distance):
        return False
    if wanted.boxes:
        return said is not None and any(box.holds(said) for box in wanted.boxes)
    return wanted.place is None or _near(said, wanted.place, pictures.reference, distance)


def _near(said: Point | None, wanted: Point, picture: Picture, distance: float | None) -> bool:
    if said is None or distance is None:
        return False
    apart = math.hypot((said.x - wanted.x) * picture.width, (said.y - wanted.y) * picture.height)
    # Shares of a picture times its sides: a point at the very distance is not lost to rounding.
    return apart <= distance * (1 + 1e-9)


def _typed(wanted: str, said: str, metric: TextMetric) -> float:
    """How far one text is the other, in [0, 1]; the same texts are, whatever they are made of."""
    if " ".join(wanted.split()) == " ".join(said.split()):
        return 1.0
    if metric == "exact":
        return 0.0
    words, given = squad(wanted).split(), squad(said).split()
    if not words or not given:
        return 0.0
    shared = sum((Counter(words) & Counter(given)).values())
    return 2 * shared / (len(words) + len(given))
