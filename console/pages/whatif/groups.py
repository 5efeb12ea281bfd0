"""Tables of a what-if: groups that move, completions of one, and columns' shares."""

from __future__ import annotations

from harmo.console.model.whatif.outcome import Moved, Outcome
from harmo.console.model.whatif.siblings import Sibling
from harmo.console.view import links
from harmo.console.view.numbers import NONE, count, share, three
from harmo.console.view.table import Cell, Column, Row

MOVED = (
    Column(key="group", label="group"),
    Column(key="step", label="step"),
    Column(key="task", label="task", number=False),
    Column(
        key="by",
        label="moved by",
        title="mean distance of the completions' two advantages, in standard deviations",
    ),
    Column(key="signs", label="signs", title="completions whose advantage changes sign"),
    Column(key="best", label="paid most", title="which completion, before and after", number=False),
)
SIBLINGS = (
    Column(key="place", label="#"),
    Column(key="right", label="", number=False, title="right or wrong, as it was settled"),
    Column(key="before", label="paid"),
    Column(key="after", label="what if"),
    Column(key="rank", label="rank", title="before and after; equals share the better one"),
    Column(key="advantage-before", label="advantage", title="in standard deviations of the group"),
    Column(key="advantage-after", label="what if"),
)
SHARES = (
    Column(key="column", label="column", number=False),
    Column(key="before", label="paid"),
    Column(key="after", label="what if"),
    Column(key="change", label="change"),
)
_RIGHT = {True: "right", False: "wrong", None: ""}
_MARK = {True: "good", False: "alarm", None: ""}
_WIDEST = 2.0
"""Advantages this far from 0 have the full colour."""


def moved(outcome: Outcome) -> list[Row]:
    """The groups where most changes."""
    return [_moved(each) for each in outcome.top]


def _moved(each: Moved) -> Row:
    changed = each.changed
    bests = changed.best_before, changed.best_after
    before, after = (_best(p, r) for p, r in zip(bests, each.right, strict=True))
    worse = bests[0] != bests[1] and each.right == (True, False)
    return Row(
        key=str(changed.number),
        cells=(
            Cell(text=str(changed.number), value=changed.number, href=links.group(changed.number)),
            Cell(text=NONE if each.step is None else str(each.step), value=each.step),
            Cell(text=changed.task),
            Cell(text=three(changed.moved), value=changed.moved),
            Cell(text=count(changed.flipped), value=changed.flipped),
            Cell(
                text=before if bests[0] == bests[1] else f"{before} → {after}",
                mark="alarm" if worse else "",
            ),
        ),
    )


def _best(place: int | None, right: bool | None) -> str:  # noqa: FBT001 - right, wrong, unknown
    return NONE if place is None else f"#{place} {_RIGHT[right]}".strip()


def standing(each: Sibling) -> Row:
    """One completion, before and after."""
    before, after = each.before, each.after
    ranks = [NONE if side.rank is None else str(side.rank) for side in (before, after)]
    changes = ranks[0] != ranks[1]
    return Row(
        key=str(each.place),
        cells=(
            Cell(text=str(each.place), value=each.place),
            Cell(text=_RIGHT[each.right], mark=_MARK[each.right]),
            Cell(text=three(before.reward), value=before.reward),
            Cell(text=three(after.reward), value=after.reward),
            Cell(
                text=" → ".join(ranks) if changes else ranks[0],
                value=after.rank,
                mark="changed" if changes else "",
            ),
            _advantage(before.advantage),
            _advantage(after.advantage),
        ),
    )


def _advantage(value: float | None) -> Cell:
    heat = None if value is None else max(-1.0, min(1.0, value / _WIDEST))
    return Cell(text=three(value, sign=True), value=value, around=heat)


def shares(outcome: Outcome) -> list[Row]:
    """Each column's share in what siblings' rewards differ by, before and after."""
    before, after = outcome.before.shares, outcome.after.shares
    names = dict.fromkeys([*before, *after])
    rows = []
    for name in names:
        old, new = before.get(name), after.get(name)
        if not old and not new:
            continue
        change = (new or 0.0) - (old or 0.0)
        rows.append(
            Row(
                key=name,
                cells=(
                    Cell(text=name),
                    _share(old),
                    _share(new),
                    Cell(
                        text=_points(change),
                        value=change,
                        around=max(-1.0, min(1.0, change)),
                    ),
                ),
            )
        )
    return rows


def _share(value: float | None) -> Cell:
    heat = None if value is None else max(-1.0, min(1.0, value))
    return Cell(text=share(value), value=value, around=heat)


def _points(change: float) -> str:
    """A difference of shares in percentage points."""
    points = 100 * change
    if abs(points) < 0.05:
        return "0"
    return f"{'−' if points < 0 else '+'}{abs(points):.1f}"
