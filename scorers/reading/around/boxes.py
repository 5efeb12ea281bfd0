r"""The boxes of a text, and what each of them says where it stands. One pass over the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from harmo.scorers.reading.around import words
from harmo.scorers.reading.around.glue import MAX_LEVELS, glued
from harmo.scorers.reading.around.lexicon import SCALES
from harmo.scorers.reading.around.rivals import near
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.numbers import read_number

MAX_BOX_CHARS = 1024
"""A longer content is cut one character beyond this."""
MAX_BOXES = 32
"""Different ones that are told apart; more are a conflict anyway."""
BEHIND_CHARS = 40

_BRACES = re.compile(r"\\{1,4}(?:boxed|fbox)\s{0,8}\{|\\.|[{}]", re.DOTALL)

_SCALE = re.compile(rf"[ ${{}}\\]{{0,9}}+(?:text ?\{{ ?)?({'|'.join(sorted(SCALES))})(?![A-Za-z])")

_EQUAL_LEFT = re.compile(r"(?:\A|[$=\n(])[ ]?(-?\d[\d,.]{0,20}+) ?= ?\Z")
_EQUAL_RIGHT = re.compile(r" ?= ?(-?\d{1,20}+(?:[.,]\d{1,20}+)?)(?= ?(?:[$.,;\n]|\\[)\]]|\Z))")
_OTHER = re.compile(r"\\f?boxed ?\{[^{}]{0,60}+\}")
"""Another box of the same sentence: both are told apart where they are compared."""


class Box(NamedTuple):
    """A closed box."""

    content: str
    start: int
    """Of the command, in the text."""
    end: int
    """Behind the closing brace."""
    braces: tuple[int, ...]
    """Where the innermost braces around it open."""


class Placed(NamedTuple):
    """The boxes of a text."""

    boxes: tuple[Box, ...]
    """The last of each content, in the order in which the contents first stand."""
    begun: bool
    """There is one that never closes."""


class Said(NamedTuple):
    """What a box says, with what is glued to it."""

    text: str
    stance: Stance
    after: str
    """What follows it on its line."""
    relation: str = ""
    """With the bound that stands before it: `x \\ge 7`."""


def placed(text: str) -> Placed:
    """The closed boxes of a text, at most `MAX_BOXES` of different content."""
    if "boxed" not in text and "fbox" not in text:
        return Placed((), begun=False)
    found: dict[str, Box] = {}
    opened: list[tuple[int, int]] = []
    boxes = 0
    for token in _BRACES.finditer(text):
        if (brace := token[0]) == "}":
            start, inner = opened.pop() if opened else (0, 0)
            if inner:
                boxes -= 1
                content = text[inner : min(token.start(), inner + MAX_BOX_CHARS + 1)].strip()
                if content in found or len(found) < MAX_BOXES:
                    around = tuple(
                        each[1] - 1 if each[1] else each[0] for each in opened[-MAX_LEVELS:]
                    )
                    found[content] = Box(content, start, token.end(), around)
        elif brace == "{":
            opened.append((token.start(), 0))
        elif brace[-1] == "{" and brace != "\\{":
            opened.append((token.start(), token.end()))
            boxes += 1
    return Placed(tuple(found.values()), begun=boxes > 0)


def said(text: str, box: Box) -> Said:
    """What a box of a text says, and how the text stands to it."""
    around = glued(text, box.start, box.end, box.braces)
    content = f"{around.prefix}{box.content}{around.suffix}"
    relation = content if around.stance is Stance.BOUNDED else ""
    content = box.content if relation else content
    after = around.after
    if scale := _SCALE.match(after):
        content, after = f"{content} {scale[1]}", after[scale.end() :]
    if _unequal(text, box):
        return Said(content, Stance.DOUBTED, "")
    before, after = (_OTHER.sub(" ▢ ", each) for each in (around.before, after))
    stance = max(around.stance, words.before(before, box.content), words.after(after, box.content))
    behind = text[box.end + len(around.suffix) : box.end + BEHIND_CHARS].partition("\n")[0]
    return Said(content, stance, behind, relation if stance is Stance.BOUNDED else "")


class Settled(NamedTuple):
    """What the boxes of a text say together."""

    distinct: tuple[str, ...]
    """Their different contents, those aside that are denied; empty if none is settled."""
    after: str = ""
    """What follows the last of them on its line."""


def settled(text: str, boxes: tuple[Box, ...], *, bounded: bool) -> Settled:
    """What the boxes of a text say that its words do not deny, and leave in no doubt.

    Args:
        text: The text.
        boxes: Its boxes.
        bounded: "At least" and the like leave the number the answer.
    """
    claimed = [each for box in boxes if (each := said(text, box)).stance is not Stance.DENIED]
    related = not bounded and all(each.relation for each in claimed)
    allowed = Stance.BOUNDED if bounded or related else Stance.CLAIMED
    if not claimed or any(each.stance > allowed for each in claimed):
        return Settled(())
    texts = (each.relation if related else each.text for each in claimed)
    return Settled(tuple(dict.fromkeys(texts)), claimed[-1].after)


def _unequal(text: str, box: Box) -> bool:
    """True if the box is set equal to another number: `8 =` before it, `= 8` behind it."""
    number = read_number(box.content)
    if number is None:
        return False
    left = _EQUAL_LEFT.search(text[max(box.start - 40, 0) : box.start])
    right = _EQUAL_RIGHT.match(text[box.end : box.end + 40])
    sides = [read_number(side[1]) for side in (left, right) if side]
    return any(each is not None and not near(each, number) for each in sides)
