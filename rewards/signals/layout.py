"""What a recipe's columns are to the signals: from a plan, or from what was stored of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from harmo.rewards.combiners import COMBINERS
from harmo.rewards.plan import INTERACTION, Plan
from harmo.rewards.recipe import Recipe
from harmo.scorers.types import Family


class StoredColumn(Protocol):
    """A column as a store keeps it."""

    @property
    def name(self) -> str:
        """Of the column."""

    @property
    def family(self) -> Family:
        """Of its scorer."""

    @property
    def shadow(self) -> bool:
        """True if it is scored and pays nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a recipe's columns are to the signals; positions are the plan's."""

    columns: tuple[str, ...]
    paid: Mapping[int, str]
    """Names of the contributions that say what a column pays; `combine.interaction` is one. Columns
    whose weights the combiner does not use pay through it, and shadow columns pay nothing."""
    models: tuple[int, ...]
    """Model columns, shadow columns among them."""
    judges: Mapping[int, float]
    """The rules that say what is right, with their shares: those that count, or where none does the
    shadow ones."""
    shadows: tuple[int, ...]
    contributions: int
    """How many a sample has: one per column, and the interaction."""
    cut: tuple[int, ...] = ()
    """Rules that score truncated completions 0; stores keep what the scorers gave before that."""

    @classmethod
    def of(cls, plan: Plan) -> Layout:
        """The layout of a recipe's records."""
        weights = {column.name: column.term.weight for column in plan.columns}
        return cls._laid_out(
            plan.columns, weights, muted=plan.combiner.muted, interacts=plan.interacts
        )

    @classmethod
    def stored(
        cls, columns: Sequence[StoredColumn], recipe: Mapping[str, object], *, contributions: int
    ) -> Layout:
        """The layout of stored groups; the same as `of` gives, whether or not the scorers are here.

        Of a recipe that cannot be read any more the columns are left: rules then judge alike.

        Args:
            columns: In wire order.
            recipe: The recipe's file as JSON.
            contributions: How many a sample has.
        """
        interacts = contributions > len(columns)
        try:
            read = Recipe.model_validate(recipe)
        except ValidationError:
            return cls._laid_out(columns, {}, muted=(), interacts=interacts)
        terms = [term for family in read.terms.values() for term in family] + [*read.shadow]
        return cls._laid_out(
            columns,
            {term.name or term.scorer: term.weight for term in terms},
            muted=COMBINERS.named(read.combine).muted,
            interacts=interacts,
            cut=read.on_truncated == "wrong",
        )

    @classmethod
    def _laid_out(
        cls,
        columns: Sequence[StoredColumn],
        weights: Mapping[str, float],
        *,
        muted: Iterable[Family],
        interacts: bool,
        cut: bool = False,
    ) -> Layout:
        shown = {k: c for k, c in enumerate(columns) if not c.shadow}
        paid = {k: column.name for k, column in shown.items() if column.family not in muted}
        if interacts:
            paid[len(columns)] = INTERACTION
        rules = [k for k, column in enumerate(columns) if column.family is Family.RULE]
        paying = [k for k in rules if k in shown]
        counted = {k: weights.get(columns[k].name, 1.0) for k in paying or rules}
        total = sum(counted.values())
        return cls(
            columns=tuple(column.name for column in columns),
            paid=paid,
            models=tuple(k for k, c in enumerate(columns) if c.family is Family.MODEL),
            judges={k: weight / total for k, weight in counted.items() if weight},
            shadows=tuple(k for k, c in enumerate(columns) if c.shadow),
            contributions=len(columns) + interacts,
            cut=tuple(paying) if cut else (),
        )

    @property
    def width(self) -> int:
        """Numbers in a sample's row."""
        return len(self.columns) + self.contributions + 4
