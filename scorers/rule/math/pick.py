"""Which text of a completion, and of a reference, is compared."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from harmo.scorers.reading.around.lexicon import DENYING, DOUBTING, NEVER, WRONG
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.around.within import within
from harmo.scorers.reading.around.words import before
from harmo.scorers.reading.extract import MATH, MAX_ANSWER_CHARS, Answer, boxes, candidates
from harmo.scorers.reading.prose import cued
from harmo.scorers.rule.math.forms.sentences import says
from harmo.scorers.rule.math.side import Side, read
from harmo.scorers.rule.math.statements import (
    Label,
    label,
    lines,
    restated,
    spelled,
    told,
    without_label,
)
from harmo.scorers.rule.math.syntax.clean import compact
from harmo.scorers.rule.math.syntax.tree import Node, Op, Rel, Seq
from harmo.scorers.types import Sample


class Picked(NamedTuple):
    """The answer that is compared."""

    text: str
    distinct: tuple[str, ...] = ()
    """The different boxes or elements, where there are several."""
    prose: bool = False
    """Picked from running text: another number there may be the one that is meant."""

    @property
    def each(self) -> tuple[str, ...]:
        """Every different answer."""
        return self.distinct or (self.text,)


def pick(
    text: str, reference: Side, *, delimited: bool, bounded: bool = False, prompt: str = ""
) -> Picked | None:
    """The answer in a text that a reference calls for; None where there is none.

    Args:
        text: What the term reads.
        reference: Decides whether words may be the answer.
        delimited: The text is the content of an answer element.
        bounded: The prompt asks for a bound; see `candidates`.
        prompt: What it names may be answered with its label: `page 7`.
    """
    fallback: Picked | None = None
    wordy, named = reference.wordy, f"{prompt} {reference.text}"
    if not delimited:
        text = without_label(text, named)
    found = list(candidates(text, MATH, delimited=delimited, bounded=bounded))
    if (stated := _verbatim(found, reference)) is not None:
        return stated
    if several := _several_values(found, reference):
        return Picked(", ".join(several), several)
    if (
        (":" in reference.text or wordy)
        and found
        and reference.moment
        and read(said := told(found[0].text)).moment
    ):
        return Picked(said, prose=True)
    labelled = _label(found, text, named)
    for answer in found:
        if answer.conflicting:
            return Picked(", ".join(answer.distinct), answer.distinct)
        value = replace(answer, text=valued(_unexclaimed(answer, reference)))
        if (answer.how == "number" and not wordy) or _plausible(value, reference):
            settled = settles(value.text, reference) and not _is_label(value.text, labelled)
            picked = with_unit(value, reference) if settled else ""
            return Picked(picked, prose=answer.how in {"math", "number"})
        if fallback is None:
            fallback = _fallback(answer, reference, delimited=delimited)
    return fallback


def _several_values(found: list[Answer], reference: Side) -> tuple[str, ...]:
    """The values of an answer that is lines of them, or `1/2 or 0.5`; empty for any other."""
    first = next(iter(found), None)
    if first is None or first.conflicting or first.how in {"math", "number"}:
        return ()
    values = lines(first.text) if first.how != "cue" else ()
    values = values or restated(first.text)
    return values if all(settles(each, reference) for each in values) else ()


def _label(found: list[Answer], text: str, named: str) -> Label | None:
    """The label that an answer ends with, unless what it numbers is named: `page 7`."""
    first = next(iter(found), None)
    whole = first is not None and first.how not in {"math", "number"}
    said = label(first.text if first is not None and whole else text)
    return None if said is None or said.thing in named.lower() else said


def _is_label(text: str, label: Label | None) -> bool:
    """True for what a text says by its label: the number, alone or with the thing."""
    return label is not None and "".join(filter(str.isdigit, text)) == label.number


def _unexclaimed(answer: Answer, reference: Side) -> str:
    """An announced answer without the exclamation mark of its sentence: "The answer is 7!"."""
    exclaimed = answer.how == "cue" and "!" not in reference.text
    # Two marks are a double factorial.
    return answer.text.rstrip().removesuffix("!").removesuffix("！") if exclaimed else answer.text


def _verbatim(found: list[Answer], reference: Side) -> Picked | None:
    """The candidate that is the reference letter for letter, where that is more than a number."""
    if reference.number is not None or any(answer.conflicting for answer in found):
        return None
    due = compact(reference.cleaned)
    for answer in found:
        text = valued(answer.text)
        short = answer.how != "number" and len(text) <= MAX_ANSWER_CHARS
        if short and due and compact(read(text).cleaned) == due and settles(text, reference):
            return Picked(with_sign(replace(answer, text=text)), prose=answer.how == "math")
    return None


def _fallback(answer: Answer, reference: Side, *, delimited: bool) -> Picked:
    """The first candidate, for want of a plausible one: the number it spells, or its text."""
    if not settles(answer.text, reference):
        return Picked("")
    number = told(answer.text) or spelled(answer.text)
    loose = answer.how in {"math", "number"} or (answer.how in {"whole", "cue"} and not delimited)
    return Picked(number or answer.text, prose=loose or bool(number))


def result_of(reference: str) -> str:
    """What of a reference is compared: the box of a worked solution, else all of it."""
    contents, after = boxes(reference)
    if after is None:
        return said if (said := cued(reference)) and not said.startswith("not ") else reference
    if not contents:
        # A box that never closes holds all that follows it: references are not hostile.
        return reference.rpartition("boxed{")[2]
    if len(contents) > 1:
        return ", ".join(contents)
    return with_sign(Answer(text=contents[0], how="box", after=after))


def settles(text: str, reference: Side) -> bool:
    """True unless words in a text deny, doubt or bound what it names and the reference has none.

    Words against words are the comparison's to judge, and so are lists: `7 or 8`.
    """
    asks = text.rstrip(" $.*").endswith("?")
    if asks or reference.wordy or within(text) is Stance.CLAIMED:
        return not asks or reference.text.rstrip().endswith("?")
    side = read(text)
    whole = side.tree is not None and not side.quantity.unit
    listed = whole and (isinstance(side.tree, Seq) or _is_ratio(side.tree))
    return listed or within(reference.text) is not Stance.CLAIMED


def _is_ratio(tree: Node | None) -> bool:
    """True for `2 to 3`."""
    return isinstance(tree, Op) and tree.name == "ratio"


def valued(text: str) -> str:
    """A text without `so`, the sign of an approximation before it, a text command round it."""
    bare = text.strip()
    if (concluded := _SO.match(bare)) and isinstance(read(bare[concluded.end() :]).tree, Rel):
        bare = bare[concluded.end() :]
    if (name := _CALLED.match(bare)) and _is_name(name[1] or name[2]):
        bare = bare[name.end() :]
    for sign in _ABOUT:
        bare = bare.removeprefix(sign).lstrip()
    opening = next((each for each in _TEXTS if bare.startswith(each)), "")
    inner = bare[len(opening) : -1]
    numeric = any(c.isdigit() for c in inner)
    if opening and bare.endswith("}") and numeric and _balanced(inner):
        return inner
    return bare


def _is_name(words: str) -> bool:
    """True for words that call a value something, `Total`, and neither deny nor doubt it."""
    said = set(words.lower().split())
    return (
        not said & (DENYING | DOUBTING | WRONG | NEVER) and before(f"{words} =") is Stance.CLAIMED
    )


_CALLED = re.compile(
    r"(?:\\text ?\{ ?([A-Za-z]{3,20}+(?: [A-Za-z]{1,20}+){0,4}) ?\}|([A-Z][a-z]{2,20}+)) ?= ?"
)
_SO = re.compile(r"(?i)(?:so|thus|hence|therefore),? ")
_ABOUT = ("\\approx", "\\simeq", "≈", "approximately ", "approx. ", "about ", "roughly ")
_TEXTS = ("\\text{", "\\text {", "\\textbf{", "\\mathrm{", "\\mathbf{", "\\mbox{")


def _balanced(text: str) -> bool:
    """True if no brace in a text closes one outside it."""
    depth = 0
    for brace in text:
        depth += (brace == "{") - (brace == "}")
        if depth < 0:
            return False
    return not depth


def asks_bound(sample: Sample) -> bool:
    """True if the end of the prompt asks for a least or greatest number."""
    low = sample.prompt_text[-MAX_PROMPT_CHARS:].lower()
    return any(word in low for word in _BOUNDING)


MAX_PROMPT_CHARS = 4000
_BOUNDING = (
    "least", "most", "minim", "maxim", "smallest", "largest", "greatest", "fewest", "highest",
    "lowest", "bound", "up to",
)  # fmt: skip


def _plausible(answer: Answer, reference: Side) -> bool:
    """False for prose, where a later step of the extraction may find more."""
    text = answer.text
    if not text or (answer.how == "math" and ("\\" in text or len(text) > MAX_ANSWER_CHARS)):
        return True
    if len(text) > MAX_ANSWER_CHARS:
        return False
    side = read(text)
    if side.number is not None or side.tree is not None or side.moment or side.chemical:
        return True
    if side.cleaned == reference.cleaned:
        return True
    if reference.wordy:
        short = len(text) <= 2 * len(reference.text) + 20
        return short or side.words == reference.words or says(reference.words, text)
    if reference.tree is None and reference.number is None and "\\" in side.cleaned:
        # A reference for the symbolic verifier: so may a formula be that our parser cannot read.
        return not side.cleaned[0].isalpha() or "=" in side.cleaned
    return False


def with_unit(answer: Answer, reference: Side) -> str:
    """A box's text with the percent sign behind it, or the unit where the reference has one."""
    after = answer.after
    while mark := next((each for each in _BETWEEN if after.startswith(each)), ""):
        after = after[len(mark) :]
    behind = _UNIT_BEHIND.match(after)
    named = behind is not None and behind[1].lower() in _UNITS
    if behind and named and reference.quantity.unit and not read(answer.text).quantity.unit:
        return f"{answer.text} \\text{{ {behind[1]}}}"
    return with_sign(answer)


_UNIT_BEHIND = re.compile(r"([A-Za-z]{1,12}+)(?![A-Za-z]| ?\}? ?[\^/*²³·])")
_BETWEEN = (" ", "$", ")", "}", "{", "~", "\\,", "\\;", "\\:", "\\ ", "\\text", "\\mathrm")
"""What may stand between a box and its unit."""
_UNITS = frozenset(
    {
        "mm", "cm", "m", "km", "in", "ft", "yd", "mi", "g", "kg", "mg", "lb", "lbs", "oz", "s",
        "sec", "min", "h", "hr", "hrs", "ms", "l", "ml", "meter", "meters", "metre", "metres",
        "kilometer", "kilometers", "kilometre", "kilometres", "centimeter", "centimeters", "inch",
        "inches", "foot", "feet", "yard", "yards", "mile", "miles", "gram", "grams", "kilogram",
        "kilograms", "pound", "pounds", "ounce", "ounces", "second", "seconds", "minute",
        "minutes", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year",
        "years", "dollar", "dollars", "cent", "cents", "euro", "euros", "liter", "liters",
        "litre", "litres", "degrees", "radians",
    }
)  # fmt: skip
"""Units that contradict another one where they stand behind a box."""


def with_sign(answer: Answer) -> str:
    """A box's text with the percent sign that may stand behind it."""
    behind = answer.after.replace("\\,", "").strip().lstrip("$)]}\\ ").lower()
    if behind.startswith(("%", "percent", "pct")) and "%" not in answer.text:
        return answer.text + "%"
    return answer.text
