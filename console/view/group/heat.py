"""A group's completions against the recipe's columns, coloured by what each was paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nicegui.element import Element

from harmo.console.model.group import reasons
from harmo.console.model.group.evidence import answer_of, unread
from harmo.console.model.group.shown import Cell, Column, Completion, Shown
from harmo.console.view.numbers import count, three
from harmo.console.view.text import line

_ANSWER_CHARS, _NAME_CHARS, _ID_CHARS = 48, 32, 10
_VERDICTS = {True: "right", False: "wrong", None: "unknown"}
_FIRST = ("reward", "place", "tokens")


class Heat(Element, component="heat.js"):
    """The table; sorting, colours and the kind of advantage are kept in the page's address."""

    def __init__(self, shown: Shown, *, chosen: int, on_choose: Callable[[int], object]) -> None:
        """Place it on the page.

        Args:
            shown: The group.
            chosen: Place of the completion that stands out.
            on_choose: Told the place of a completion that is clicked or reached by keys.
        """
        super().__init__()
        self._props["columns"] = [_column(column) for column in shown.columns]
        self._props["rows"] = _rows(shown)
        self._props["first"] = chosen
        self.on("choose", lambda e: on_choose(int(e.args["place"])), ["place"])


def _column(column: Column) -> Mapping[str, object]:
    weight = "watched" if column.shadow else f"× {three(column.weight)}"
    return {
        "name": line(column.name, _NAME_CHARS),
        "under": column.family if column.family == "combine" else f"{column.family} {weight}",
        "title": line(column.name),
        "shadow": column.shadow,
    }


def _rows(shown: Shown) -> Sequence[Mapping[str, object]]:
    advantages = _scale(c.advantage for c in shown.completions)
    scaled = _scale(c.scaled for c in shown.completions)
    paid = _scale(
        cell.contribution for c in shown.completions if c.reward is not None for cell in c.cells
    )
    spans = [_span(shown, k) for k in range(len(shown.columns))]
    rewards = shown.rewards
    least, most = min(rewards, default=0.0), max(rewards, default=0.0)
    return [
        {
            "place": one.place,
            "id": line(line(one.id, _ID_CHARS), _ID_CHARS),
            "verdict": _VERDICTS[one.correct],
            "tokens": {"text": count(one.tokens), "value": one.tokens},
            "truncated": one.truncated,
            "twin": None if one.twin is None else line(shown.completions[one.twin].id, 12),
            "answer": line(answer_of(shown.columns, one), _ANSWER_CHARS),
            "unread": line(reasons.short(unread(one)), _ANSWER_CHARS),
            "why": line(reasons.short(one.reason)) if one.reason else None,
            "reward": {
                "text": three(one.reward),
                "value": one.reward,
                "along": _along(one.reward, least, most),
            },
            "advantage": _around(one.advantage, advantages),
            "scaled": _around(one.scaled, scaled),
            "cells": [
                _cell(one, cell, paid, span) for cell, span in zip(one.cells, spans, strict=True)
            ],
        }
        for one in shown.completions
    ]


def _cell(one: Completion, cell: Cell, paid: float, span: tuple[float, float]) -> dict[str, object]:
    counts = one.reward is not None and cell.contribution != 0
    return {
        "text": three(cell.score),
        "value": cell.score,
        "paid": three(cell.contribution, sign=True) if counts else "",
        "around": cell.contribution / paid if counts and paid else 0.0,
        "along": _along(cell.score, *span),
        "sure": cell.confidence,
        "why": line(reasons.short(cell.reason)) if cell.reason else None,
        "title": _title(cell),
    }


def _title(cell: Cell) -> str:
    if cell.reason:
        return f"{line(reasons.because(cell.reason))}: {reasons.whose(cell.reason)}"
    return (
        f"score {three(cell.score)} · confidence {three(cell.confidence)} · "
        f"contributes {three(cell.contribution, sign=True)}"
    )


def _around(value: float | None, scale: float) -> dict[str, object]:
    heat = value / scale if value is not None and scale else 0.0
    return {"text": three(value, sign=True), "value": value, "around": heat}


def _scale(values: object) -> float:
    """The largest size among them; 0 where there is none."""
    return max((abs(v) for v in values if v is not None), default=0.0)  # type: ignore[attr-defined]


def _span(shown: Shown, place: int) -> tuple[float, float]:
    """Least and most of a column; a column in [0, 1] is shown against that."""
    scores = [s for c in shown.completions if (s := c.cells[place].score) is not None]
    least, most = min(scores, default=0.0), max(scores, default=1.0)
    return (0.0, 1.0) if least >= 0 and most <= 1 else (least, most)


def _along(value: float | None, least: float, most: float) -> float:
    if value is None:
        return 0.0
    return (value - least) / (most - least) if most > least else 0.5
