"""What an accuracy mode is: a record of what it needs, how it judges and how people read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from harmo.rewards.records import Records
from harmo.scorers.types import Family, Reason, Score

Row: TypeAlias = Sequence[Score]
"""One sample's scores by column."""
Rows: TypeAlias = Sequence[Row]
"""Scores by sample and column."""
Weights: TypeAlias = Mapping[int, float]
"""Column -> what multiplies its score; a column that does not count is absent."""

JUDGES = (Family.MODEL, Family.RULE)
"""The families that say what is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the accuracy stage makes of one sample."""

    reason: Reason | None = None
    """Why it abstains."""
    weights: Weights = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """Who can judge a group: its columns that are not missing for all of it, with their weights."""

    rules: Weights
    models: Weights
    all_rules: Sequence[int]
    """Every rule column of the recipe; those that are missing say why."""
    all_models: Sequence[int]
    asked: bool
    """The recipe gives a judge a weight at this step."""
    min_confidence: float
    """Of the recipe."""

    def agree(self, rows: Rows, weights: Weights) -> list[Judgement]:
        """A judgement per sample by all of these columns; it abstains where one of them does."""
        if not weights:
            return [Judgement(reason=self._why_none(row)) for row in rows]
        scored = Judgement(weights=weights)
        return [_abstention(row, weights) or scored for row in rows]

    def stand_ins(self, rows: Rows) -> list[Judgement]:
        """A judgement per sample by the models, or why they cannot stand in for the rule."""
        if not self.models:
            return [Judgement(reason=self._why_no_model(row)) for row in rows]
        return self.agree(rows, self.models)

    def _why_none(self, row: Row) -> Reason:
        """Why no judge is left: the rule's reason, or the model's where there is no rule."""
        return _first_reason(row, self.all_rules or self.all_models)

    def _why_no_model(self, row: Row) -> Reason:
        return _first_reason(row, [*self.all_models, *self.rules, *self.all_rules])


def _abstention(row: Row, columns: Weights) -> Judgement | None:
    for k in columns:
        if row[k].value is None:
            return Judgement(reason=row[k].reason)
    return None


def _first_reason(row: Row, columns: Sequence[int]) -> Reason:
    reasons = [row[k].reason for k in columns]
    return next((reason for reason in reasons if reason), Reason.NO_SCORER)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyMode:
    """How rule and model share correctness."""

    name: str
    judge: Callable[[Judges, Rows], tuple[Weights, list[Judgement]]]
    """What multiplies each judge in a group before samples share it out, and a judgement each."""
    words: str
    """What it does, for people; `{min_confidence}` is the recipe's."""
    formula: str = ""
    """What `accuracy` stands for, where it is shared; takes `{rules}`, `{models}` too."""
    shared: bool = True
    """Rule and model share the family weight `accuracy`; otherwise each has its own."""
    needs_both: bool = False
    """It needs a rule and a model."""
    needs_p_correct: bool = False
    """It mixes the model with verdicts: its output must be a fitted P(correct)."""
    unsure_gives_way: bool = False
    """A rule verdict below `min_confidence` gives way to the model, for correctness too."""

    def weight_key(self, family: Family) -> str:
        """The entry of a recipe's `weights` that weighs a family."""
        return "accuracy" if self.shared and family in JUDGES else family.value

    @property
    def weight_keys(self) -> tuple[str, ...]:
        """The family weights a recipe may name."""
        return tuple(dict.fromkeys(self.weight_key(family) for family in Family))


MODES: Records[AccuracyMode] = Records("accuracy mode")
