"""What every column says of one completion, and what the group was compared with."""

from __future__ import annotations

import json

from nicegui import ui

from harmo.console.model.group.evidence import Evidence, Instruction
from harmo.console.model.group.shown import Asked
from harmo.console.view.numbers import three
from harmo.console.view.text import line, part, visible

_REFERENCE_CHARS = 2_000
_FACT_CHARS = 420


def evidence(said: tuple[Evidence, ...]) -> None:
    """A block per column: its numbers, why it abstained, what it read and compared."""
    for each in said:
        with ui.element("section").classes("evidence"):
            _head(each)
            if each.because:
                with ui.element("div").classes("because"):
                    part("span", f"abstained: {line(each.because)}")
                    part("span", each.whose, "faint")
            _facts(each.facts)
            for instruction in each.instructions:
                _instruction(instruction)
            _rest(each.rest)


def _rest(rest: tuple[tuple[str, str], ...]) -> None:
    """What hardly anybody asks for, small and in one run."""
    if rest:
        with ui.element("div").classes("rest"):
            for words, value in rest:
                with ui.element("span"):
                    part("span", line(words, 40), "faint")
                    part("span", line(value, _FACT_CHARS), "said")


def _head(each: Evidence) -> None:
    cell, column = each.cell, each.column
    with ui.element("h3"):
        part("span", line(column.name, 60), "mono")
        part("span", "watched" if column.shadow else column.family, "faint")
        part("span", "", "space")
        if cell.score is not None:
            part("b", three(cell.score))
            part("span", f"sure {three(cell.confidence)}", "faint")
        if not column.shadow:
            part("span", f"pays {three(cell.contribution, sign=True)}", "pays")


def _facts(facts: tuple[tuple[str, str], ...]) -> None:
    if not facts:
        return
    with ui.element("dl"):
        for words, value in facts:
            part("dt", line(words, 40))
            part("dd", line(value, _FACT_CHARS), "said")


def _instruction(each: Instruction) -> None:
    with ui.element("div").classes("instruction"):
        part("span", "✓" if each.followed else "✗", "right" if each.followed else "wrong")
        part("span", line(each.id, 80), "mono")
        if each.why:
            part("span", line(each.why, _FACT_CHARS), "faint")


def compared(asked: Asked, *, texts: str) -> None:
    """Reference, further ones, task and constraints, each where there is one.

    Args:
        asked: By the group.
        texts: How much of the texts was kept.
    """
    missing = "none came with the request" if texts == "full" else "not kept"
    listed: list[tuple[str, object]] = [("reference", asked.reference)]
    listed += [(name, value) for name, value in list(asked.references.items())[:16]]
    listed += [("task", asked.task), ("constraints", asked.constraints)]
    with ui.element("dl").classes("compared"):
        for name, value in listed:
            if value is None and name != "reference":
                continue
            part("dt", line(name, 40))
            if value is None:
                part("dd", missing, "faint")
            else:
                part("dd", _value(value), "said")


def _value(value: object) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    left = len(said) - _REFERENCE_CHARS
    cut = visible(said[:_REFERENCE_CHARS])
    return f"{cut} … {left:,} characters more" if left > 0 else cut
