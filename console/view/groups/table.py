"""The rows of a list of groups or completions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from harmo.console.model.group import reasons
from harmo.console.model.groups.address import Asked
from harmo.console.model.groups.filters import DOUBTFUL, FILTERS
from harmo.console.model.groups.rows import Line
from harmo.console.view import links
from harmo.console.view.numbers import count, share, three
from harmo.console.view.table import Cell, Column, Row
from harmo.console.view.text import line

_SHORT_CHARS = 28
_MARKS = {True: ("✓", "right"), False: ("✗", "wrong"), None: ("", "")}
_COUNTED = frozenset({"longest", "abstained", "zero_variance", "duplicates"})
"""Filters whose measure is a number of things."""
_SAME = {"paid_wrong": "advantage", "truncated": "advantage", "longest": "tokens"}
"""Filters whose measure is a column that the table of completions has already."""


def columns(asked: Asked) -> list[Column]:
    """The columns of a list."""
    found = FILTERS[asked.wanted.filter]
    by_group = asked.wanted.by == "group"
    shown = [
        _text("number", "group"),
        Column(key="step", label="step", sortable=False),
        _text("prompt", "prompt", "wide"),
        _text("answer", "worst answer" if by_group and not _unjudged(asked) else "answer", "short"),
        _text("mark", ""),
        _text("reference", "reference", "short"),
        Column(key="tokens", label="tokens", sortable=False),
    ]
    if by_group:
        shown.append(
            Column(key="found", label="listed", title="of its completions", sortable=False)
        )
        shown.append(Column(key="mean", label="mean reward", sortable=False))
    else:
        shown.append(Column(key="reward", label="reward", sortable=False))
    shown.append(Column(key="advantage", label="advantage", title="reward − mean", sortable=False))
    if _measured(asked):
        shown.append(Column(key="bad", label=found.measure, sortable=False))
    shown.append(_text("why", "missing or broken", "short"))
    if asked.run is None:
        shown.insert(1, _text("run", "run"))
    return shown


def rows(asked: Asked, found: Sequence[Line], address: Callable[[Line], str]) -> list[Row]:
    """The rows of one page.

    Args:
        asked: The list.
        found: What stands on the page.
        address: Of the group of a row.
    """
    bad = [abs(each.bad) for each in found if math.isfinite(each.bad)]
    paid = [abs(each.advantage) for each in found if each.advantage is not None]
    scale, paid_scale = max(bad, default=0.0) or 1.0, max(paid, default=0.0) or 1.0
    return [
        Row(
            key=f"{each.number}-{each.place}",
            cells=_cells(asked, each, address(each), scale, paid_scale),
            href=address(each),
        )
        for each in found
    ]


def _cells(asked: Asked, each: Line, to: str, scale: float, paid_scale: float) -> list[Cell]:
    sign, mark = _MARKS[each.correct]
    advantage = each.advantage
    cells = [
        Cell(text=str(each.number), href=to),
        Cell(text=count(each.step), mark="faint"),
        Cell(text=each.prompt, mark="wide"),
        Cell(text=_short(each.answer), title=each.answer, mark="mono"),
        Cell(text=sign, mark=mark),
        Cell(text=_short(each.reference), title=each.reference, mark="mono"),
        Cell(text=count(each.tokens), mark="faint"),
    ]
    if asked.wanted.by == "group":
        cells.append(Cell(text=f"{each.found} of {each.of}", mark="faint"))
    cells.append(Cell(text=three(each.reward)))
    cells.append(
        Cell(
            text=three(advantage, sign=True),
            around=None if advantage is None else advantage / paid_scale,
        )
    )
    if _measured(asked):
        cells.append(_measure(asked, each, scale))
    why = [*map(reasons.short, each.reasons), *each.broken]
    cells.append(Cell(text=_short(", ".join(why)), mark="faint", title=", ".join(why)))
    if asked.run is None:
        cells.insert(1, Cell(text=_short(links.shown(each.run), 20), mark="faint"))
    return cells


def _measure(asked: Asked, each: Line, scale: float) -> Cell:
    bad, name = each.bad, asked.wanted.filter
    if not math.isfinite(bad):
        return Cell(text="–")
    if name == "disagree":
        way = "bottom" if each.correct else "top"
        return Cell(text=f"{way} {share(1 - bad)}", along=(bad - DOUBTFUL) / (1 - DOUBTFUL))
    if name in _COUNTED:
        return Cell(text=count(bad))
    return Cell(text=three(bad), around=bad / scale)


def _short(text: str, most: int = _SHORT_CHARS) -> str:
    """A text of so many characters as they are seen: one that hides takes several."""
    return line(line(text, most), most)


def _measured(asked: Asked) -> bool:
    """True if the measure is in no other column."""
    wanted = asked.wanted
    return wanted.filter not in _SAME and (wanted.filter != "all" or wanted.column is not None)


def _unjudged(asked: Asked) -> bool:
    """True if what is listed first is not worse than the rest."""
    return asked.wanted.filter in ("all", "longest")


def _text(key: str, label: str, mark: str = "") -> Column:
    return Column(key=key, label=label, number=False, sortable=False, mark=mark)
