"""Groups as pages show them, made by hand."""

from __future__ import annotations

from collections.abc import Mapping

from harmo.console.model.group import shown
from harmo.console.model.group.shown import Cell, Column, Completion, Shown, Turn

RULE = Column(name="answer", family="rule", weight=1.0)
MODEL = Column(name="likeness", family="model", weight=0.5)
INSTRUCTIONS = Column(name="aspect.ifeval", family="aspect", weight=0.25)


def cell(
    score: float | None = 1.0,
    *,
    paid: float = 0.0,
    reason: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> Cell:
    return Cell(
        score=score,
        confidence=None if score is None else 0.9,
        contribution=paid,
        reason=reason,
        detail=detail or {},
    )


def completion(
    place: int,
    text: str = "",
    *,
    reward: float | None = 1.0,
    correct: bool | None = None,
    cells: tuple[Cell, ...] = (),
    **fields: object,
) -> Completion:
    return Completion(
        place=place,
        id=str(place),
        turns=(Turn(role="assistant", parts=(text,)),),
        tokens=fields.get("tokens"),
        truncated=bool(fields.get("truncated")),
        correct=correct,
        reward=reward,
        reason=fields.get("reason"),
        cells=cells,
    )


def group(*completions: Completion, columns: tuple[Column, ...] = ()) -> Shown:
    return Shown(
        id="7",
        source=shown.Source(recipe="math", version="sha256:0", scorer_version="sha256:1", number=7),
        asked=shown.Asked(prompt=(Turn(role="user", parts=("What is 1/2 + 1/4?",)),)),
        columns=columns,
        completions=shown.settled(completions),
        size=len(completions),
    )
