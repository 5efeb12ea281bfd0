"""A score's detail in lines: what was read, what it was compared with, what was not followed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harmo.console.model.group import reasons
from harmo.console.model.group.shown import Cell, Column, Completion

MAX_VALUE_CHARS = 400
"""A detail's value is cut to this."""
MAX_FACTS, MAX_INSTRUCTIONS = 24, 64
_FIRST = {
    "answer": "read",
    "chosen": "chosen",
    "reference": "compared with",
    "why": "why",
    "error": "error",
    "message": "message",
}
"""Keys of what decided, in this order, with their words."""
_LISTS = ("instructions", "judged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction or constraint."""

    id: str
    followed: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one column says of one completion."""

    column: Column
    cell: Cell
    facts: tuple[tuple[str, str], ...]
    """Words and values of what decided; the values may quote the policy."""
    rest: tuple[tuple[str, str], ...] = ()
    """All else that the scorer tells."""
    instructions: tuple[Instruction, ...] = ()
    because: str = ""
    """Why it abstained."""
    whose: str = ""


def evidence(columns: Sequence[Column], completion: Completion) -> tuple[Evidence, ...]:
    """What every column says of a completion, in the columns' order."""
    return tuple(
        Evidence(
            column=column,
            cell=cell,
            facts=tuple(_facts(cell.detail)),
            rest=tuple(_rest(cell.detail))[:MAX_FACTS],
            instructions=instructions(cell.detail),
            because=reasons.because(cell.reason) if cell.reason else "",
            whose=reasons.whose(cell.reason) if cell.reason else "",
        )
        for column, cell in zip(columns, completion.cells, strict=True)
    )


def instructions(detail: Mapping[str, object]) -> tuple[Instruction, ...]:
    """The instructions that a detail lists; none where it lists none."""
    listed = detail.get("instructions")
    if not isinstance(listed, list):
        return ()
    return tuple(
        Instruction(
            id=str(each.get("id", "")),
            followed=each.get("followed") is True,
            why=_text(each.get("why") or ""),
        )
        for each in listed[:MAX_INSTRUCTIONS]
        if isinstance(each, dict)
    )


def failed(completion: Completion) -> list[Instruction]:
    """The instructions that a completion does not follow, over all its columns."""
    return [
        each for cell in completion.cells for each in instructions(cell.detail) if not each.followed
    ]


def read_by(columns: Sequence[Column], completion: Completion) -> list[tuple[str, str]]:
    """The columns that read an answer, and what each read."""
    return [
        (column.name, answer)
        for column, cell in zip(columns, completion.cells, strict=True)
        if isinstance(answer := cell.detail.get("answer"), str) and answer
    ]


def answer_of(columns: Sequence[Column], completion: Completion) -> str:
    """What was read as the answer, in one line; "" where nobody read one."""
    read = read_by(columns, completion)
    chosen = [
        str(cell.detail["chosen"])
        for cell in completion.cells
        if isinstance(cell.detail.get("chosen"), str)
    ]
    return (chosen or [answer for _, answer in read] or [""])[0]


def unread(completion: Completion) -> str:
    """Why no answer was read, such as `no answer` or `conflict`; "" where none had to be."""
    for cell in completion.cells:
        if cell.detail.get("answer") == "":
            return str(cell.detail.get("settled_by") or cell.detail.get("pair") or "no answer")
    return ""


def _facts(detail: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, words in _FIRST.items():
        if detail.get(key) not in (None, ""):
            yield words, _text(detail[key])


def _rest(detail: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in detail.items():
        if key not in _FIRST and key not in _LISTS and value not in (None, "", [], {}):
            yield key.replace("_", " "), _text(value)
    if detail.get("judged"):
        yield "left to a judge", _text(detail["judged"])


def _text(value: object) -> str:
    """A value in one line of at most `MAX_VALUE_CHARS`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= MAX_VALUE_CHARS else said[:MAX_VALUE_CHARS] + "…"
