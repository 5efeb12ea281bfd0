"""The order of a group's completions in its table."""

from __future__ import annotations

from collections.abc import Callable

from harmo.console.model.group.shown import Completion, Shown

PLAIN_ORDERS = ("reward", "place", "tokens")
"""The orders that every group has; a column's name is one too."""


def ordered(shown: Shown, by: str) -> list[Completion]:
    """A group's completions, the most first; ties and what has no value in the group's order.

    Args:
        shown: The group.
        by: One of `PLAIN_ORDERS`, or a column's name; anything else is by reward.
    """
    if by == "place":
        return list(shown.completions)
    key = _key(shown, by)
    return sorted(
        shown.completions,
        key=lambda one: (value is None, -value if (value := key(one)) is not None else 0.0),
    )


def _key(shown: Shown, by: str) -> Callable[[Completion], float | None]:
    if by == "tokens":
        return lambda one: one.tokens
    names = [column.name for column in shown.columns]
    if by in names:
        place = names.index(by)
        return lambda one: one.cells[place].score
    return lambda one: one.reward
