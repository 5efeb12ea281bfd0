"""Which text of a completion, and of a reference, is compared."""

from __future__ import annotations

from typing import NamedTuple

from harmo.scorers.reading.extract import MATH, MAX_ANSWER_CHARS, Answer, candidates
from harmo.scorers.reading.words import read_word
from harmo.scorers.rule.math.side import read

MAX_SPELLED_WORDS = 80


class Picked(NamedTuple):
    """The answer that is compared."""

    text: str
    parts: tuple[str, ...] = ()
    """The different boxes or elements, where there are several."""
    prose: bool = False
    """Picked from running text: another number there may be the one that is meant."""


def pick(text: str, wanted: str, *, delimited: bool) -> Picked | None:
    """The answer in a text that a reference calls for; None where there is none.

    Args:
        text: What the term reads.
        wanted: The reference, as `target` gives it.
        delimited: The text is the content of an answer element.
    """
    fallback: Picked | None = None
    wordy = read(wanted[:MAX_ANSWER_CHARS]).wordy
    for answer in candidates(text, MATH, delimited=delimited):
        if answer.conflicting:
            return Picked(", ".join(answer.parts), answer.parts)
        picked = answer.how in {"math", "number"}
        if (answer.how == "number" and not wordy) or _plausible(answer, wanted):
            return Picked(with_sign(answer), prose=picked)
        if fallback is None:
            loose = answer.how in {"whole", "cue"} and not delimited
            number = spelled(answer.text)
            fallback = Picked(number or answer.text, prose=picked or loose or bool(number))
    return fallback


def spelled(text: str) -> str:
    """The one number that a text without digits spells: "exactly three components"."""
    if any(c.isdigit() for c in text):
        return ""
    words = text.split()[:MAX_SPELLED_WORDS]
    found = {number.value for word in words if (number := read_word(word))}
    return str(found.pop()) if len(found) == 1 else ""


def target(reference: str) -> str:
    """What of a reference is compared: the box of a worked solution, else all of it."""
    found = next(candidates(reference, ("box", "cue")), None)
    if found is None:
        return reference
    if not found.text:
        return reference.rpartition("boxed{")[2]
    return with_sign(found) if len(found.parts) <= 1 else ", ".join(found.parts)


def _plausible(answer: Answer, wanted: str) -> bool:
    """False for prose, where a later step of the extraction may find more."""
    text = answer.text
    if not text or (answer.how == "math" and ("\\" in text or len(text) > MAX_ANSWER_CHARS)):
        return True
    if len(text) > MAX_ANSWER_CHARS:
        return False
    reading = read(text)
    if reading.number is not None or reading.tree is not None:
        return True
    if reading.moment or reading.chemical:
        return True
    goal = read(wanted[:MAX_ANSWER_CHARS])
    if reading.cleaned == goal.cleaned:
        return True
    if not goal.wordy and goal.tree is None and goal.number is None and "\\" in reading.cleaned:
        return not reading.cleaned[0].isalpha() or "=" in reading.cleaned
    return goal.wordy and (len(text) <= 2 * len(wanted) + 20 or reading.words == goal.words)


def with_sign(answer: Answer) -> str:
    """A box's text with the percent sign that may stand behind it."""
    behind = answer.after.strip().lstrip("$)]}\\ ").lower()
    if behind.startswith(("%", "percent", "pct")) and "%" not in answer.text:
        return answer.text + "%"
    return answer.text
