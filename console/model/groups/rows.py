"""The texts of a page of the list: read for what is shown, and for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harmo.console.model.group.evidence import answer_of, failed, unread
from harmo.console.model.group.shown import Completion, Shown
from harmo.console.model.groups.listed import Listed

EXCERPT_CHARS, END_CHARS = 160, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the list; its texts are somebody else's."""

    number: int
    place: int
    id: str
    run: str
    step: int | None
    split: str
    task: str
    prompt: str
    reference: str
    answer: str
    """What was read as the completion's answer, else how its text ends."""
    bad: float
    reward: float | None
    advantage: float | None
    tokens: int | None
    correct: bool | None
    found: int
    of: int
    """Completions of the group."""
    reasons: tuple[str, ...]
    """Why scores are missing, each once."""
    broken: tuple[str, ...]
    """Instructions that are not followed."""


def lines(rows: Listed, groups: Mapping[int, Shown]) -> list[Line]:
    """The rows of a page with their texts; a group that is gone meanwhile has none.

    Args:
        rows: Of one page.
        groups: By number, those that are still there.
    """
    return [
        _line(rows, i, groups[number])
        for i, number in enumerate(rows.number.tolist())
        if number in groups
    ]


def _line(rows: Listed, i: int, shown: Shown) -> Line:
    place = int(rows.place[i])
    one = shown.completions[place] if place < len(shown.completions) else None
    return Line(
        number=int(rows.number[i]),
        place=place,
        id=shown.id,
        run=shown.source.run,
        step=shown.source.step,
        split=shown.source.split,
        task=shown.asked.task or "",
        prompt=_said(shown),
        reference=_reference(shown.asked.reference),
        answer="" if one is None else _answer(shown, one),
        bad=float(rows.bad[i]),
        reward=_known(rows.reward[i]),
        advantage=_known(rows.advantage[i]),
        tokens=None if rows.tokens[i] != rows.tokens[i] else int(rows.tokens[i]),
        correct=None if rows.right[i] != rows.right[i] else bool(rows.right[i]),
        found=int(rows.found[i]),
        of=len(shown.completions),
        reasons=() if one is None else _reasons(one),
        broken=() if one is None else tuple(each.id for each in failed(one)),
    )


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def _said(shown: Shown) -> str:
    """How the last turn of the user begins."""
    users = [turn.text for turn in shown.asked.prompt if turn.role == "user"]
    return (users or [""])[-1][:EXCERPT_CHARS]


def _reference(reference: object) -> str:
    return "" if reference is None else str(reference)[:EXCERPT_CHARS]


def _answer(shown: Shown, one: Completion) -> str:
    read = answer_of(shown.columns, one)
    if read:
        return read[:EXCERPT_CHARS]
    return unread(one).replace("_", " ") or ("…" + one.text[-END_CHARS:] if one.text else "")


def _reasons(one: Completion) -> tuple[str, ...]:
    found = [one.reason, *(cell.reason for cell in one.cells)]
    return tuple(dict.fromkeys(reason for reason in found if reason))
