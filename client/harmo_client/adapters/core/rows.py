"""From a trainer's parallel lists to wire groups, by position and never by prompt text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from harmo_client import wire

Columns = Mapping[str, Sequence[object]]
"""Dataset columns as trainers hand them over: one list per column, one entry per row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Which dataset column holds what; None takes the column of the field's own name, if any."""

    reference: str | None = None
    references: Mapping[str, str] = field(default_factory=dict)
    """Column by the name that recipes use, e.g. `{"caption": "caption_en"}`."""
    task: str | None = None
    constraints: str | None = None

    def of(self, columns: Columns, row: int) -> dict[str, object]:
        """The fields of one row, named as in `wire.Group`.

        Raises ValueError if a column that was named is not there.
        """
        named = {
            name: _cell(columns, column, name, row)
            for name, column in (
                ("reference", self.reference),
                ("task", self.task),
                ("constraints", self.constraints),
            )
        }
        return {**named, "references": self._references(columns, row)}

    def _references(self, columns: Columns, row: int) -> dict[str, object]:
        if self.references:
            found = {n: _cell(columns, column, n, row) for n, column in self.references.items()}
        else:
            whole = _cell(columns, None, "references", row)
            found = dict(whole) if isinstance(whole, Mapping) else {}
        # Arrow fills the names a row lacks with None.
        return {name: value for name, value in found.items() if value is not None}


def _cell(columns: Columns, column: str | None, default: str, row: int) -> object:
    if column is not None and column not in columns:
        raise ValueError(f"no column {column!r} in the dataset; there are {', '.join(columns)}")
    values = columns.get(column or default)
    return values[row] if values is not None else None


def join(rows: Iterable[wire.Group]) -> list[wire.Group]:
    """Whole groups from groups of one completion each, joined where neighbours share an id.

    Raises ValueError if rows that share an id do not share their prompt: then `num_generations`
    is not what the trainer uses.
    """
    return [_whole(list(members)) for _, members in groupby(rows, key=lambda row: row.id)]


def _whole(members: Sequence[wire.Group]) -> wire.Group:
    first = members[0]
    for other in members:
        for name in ("prompt", "task", "reference", "references", "constraints"):
            if getattr(other, name) != getattr(first, name):
                raise ValueError(
                    f"group {first.id!r} mixes rows with different {name}: its {first.size} rows "
                    "are not completions of one prompt; check num_generations"
                )
    completions = [completion for member in members for completion in member.completions]
    if len(completions) != first.size:
        raise ValueError(
            f"group {first.id!r} has {len(completions)} of {first.size} completions; "
            "the batch is no multiple of num_generations"
        )
    return first.model_copy(update={"completions": completions})
