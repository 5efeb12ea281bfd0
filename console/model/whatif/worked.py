"""A what-if worked out: the composition that edits make, and what it changes, in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harmo.audit.read import Query
from harmo.console.model.whatif.composed import Composed, composed
from harmo.console.model.whatif.edits import Document, Edits, edited
from harmo.console.model.whatif.outcome import Outcome, outcome
from harmo.console.model.whatif.paid import Was, Weighed, joined, weighed
from harmo.console.model.whatif.stored import Store, blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What edits come to."""

    document: dict[str, Any]
    """The edited recipe."""
    composed: Composed
    weighed: Weighed | None = None
    """None where the composition is refused."""
    outcome: Outcome | None = None


def worked(base: Document, edits: Edits, was: Was) -> Worked:
    """Make the edits, and weigh some groups under what they make.

    Args:
        base: The recipe that is edited.
        edits: Of it.
        was: The groups, with what they were paid.
    """
    document = edited(base, edits)
    made = composed(document)
    if made.plan is None:
        return Worked(document=document, composed=made)
    both = weighed(was, made.plan)
    return Worked(
        document=document,
        composed=made,
        weighed=both,
        outcome=outcome(both),
    )


def worked_over(
    base: Document, edits: Edits, store: Store, query: Query, *, seen: Callable[[int], None]
) -> Worked:
    """The same over every group asked for, a block at a time; only their numbers are held.

    Args:
        base: The recipe that is edited.
        edits: Of it.
        store: A reader of it.
        query: Run, split, steps.
        seen: Told how many groups were read; what it raises ends the work.
    """
    document = edited(base, edits)
    made = composed(document)
    if made.plan is None:
        return Worked(document=document, composed=made)
    parts = [weighed(Was.of(block), made.plan) for block in blocks(store, query, seen=seen)]
    if not parts:
        parts = [weighed(Was.of([]), made.plan)]
    both = joined(parts)
    return Worked(
        document=document,
        composed=made,
        weighed=both,
        outcome=outcome(both),
    )
