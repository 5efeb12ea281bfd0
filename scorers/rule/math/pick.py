"""Which text of a completion, and of a reference, is compared."""

from __future__ import annotations

from typing import NamedTuple

from harmo.scorers.reading.extract import MATH, MAX_ANSWER_CHARS, Answer, candidates
from harmo.scorers.reading.words import read_word
from harmo.scorers.rule.math.side import Side, read

MAX_SPELLED_WORDS = 80


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


def pick(text: str, reference: Side, *, delimited: bool) -> Picked | None:
    """The answer in a text that a reference calls for; None where there is none.

    Args:
        text: What the term reads.
        reference: Decides whether words may be the answer.
        delimited: The text is the content of an answer element.
    """
    fallback: Picked | None = None
    wordy = reference.wordy
    for answer in candidates(text, MATH, delimited=delimited):
        if answer.conflicting:
            return Picked(", ".join(answer.distinct), answer.distinct)
        if (answer.how == "number" and not wordy) or _plausible(answer, reference):
            return Picked(with_sign(answer), prose=answer.how in {"math", "number"})
        if fallback is None:
            fallback = _fallback(answer, delimited=delimited)
    return fallback


def _fallback(answer: Answer, *, delimited: bool) -> Picked:
    """The first candidate, for want of a plausible one: the number it spells, or its text."""
    number = spelled(answer.text)
    loose = answer.how in {"math", "number"} or (answer.how in {"whole", "cue"} and not delimited)
    return Picked(number or answer.text, prose=loose or bool(number))


def spelled(text: str) -> str:
    """The one number that a text without digits spells: "exactly three components"; or ""."""
    if any(c.isdigit() for c in text):
        return ""
    words = text.split()[:MAX_SPELLED_WORDS]
    found = {number.value for word in words if (number := read_word(word))}
    return str(found.pop()) if len(found) == 1 else ""


def result_of(reference: str) -> str:
    """What of a reference is compared: the box of a worked solution, else all of it."""
    found = next(candidates(reference, ("box", "cue")), None)
    if found is None:
        return reference
    if not found.text:
        # A box that never closes holds all that follows it: references are not hostile.
        return reference.rpartition("boxed{")[2]
    return ", ".join(found.distinct) if found.conflicting else with_sign(found)


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
        return short or side.words == reference.words
    if reference.tree is None and reference.number is None and "\\" in side.cleaned:
        # A reference for the symbolic verifier: so may a formula be that our parser cannot read.
        return not side.cleaned[0].isalpha() or "=" in side.cleaned
    return False


def with_sign(answer: Answer) -> str:
    """A box's text with the percent sign that may stand behind it."""
    behind = answer.after.strip().lstrip("$)]}\\ ").lower()
    if behind.startswith(("%", "percent", "pct")) and "%" not in answer.text:
        return answer.text + "%"
    return answer.text
