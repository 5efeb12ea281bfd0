"""What a combiner is: a record of what it needs, what it pays and how people read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harmo.rewards.options import CombineParams
from harmo.rewards.records import Records
from harmo.scorers.types import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One scored sample: its columns that count, by column."""

    right: bool | None
    weights: Mapping[int, float]
    values: Mapping[int, float]
    """Scores, with imputed means where the recipe asks for them."""
    paid: Sequence[float]
    """Weight times score of every column; 0 where a column does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """The scored samples of one group, and what the recipe says of all of them."""

    samples: Sequence[Counted]
    columns: Mapping[Family, Sequence[int]]
    shared: bool
    """Rule and model share one weight: together they are one number, the accuracy."""
    rule_weight: float
    """Family weight of the rule, or of the accuracy where it is shared."""
    params: CombineParams

    def paid(self, sample: Counted, *families: Family) -> float:
        """What some families pay a sample, weights included."""
        return sum([sample.paid[k] for family in families for k in self.columns[family]])

    def factors(self, sample: Counted, *families: Family) -> list[tuple[float, float]]:
        """Score and weight of the families' columns that count."""
        columns = [k for family in families for k in self.columns[family] if k in sample.weights]
        return [(sample.values[k], sample.weights[k]) for k in columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a recipe's families can be worth at one training step, by their declared ranges."""

    judge: float
    """Weight of what decides: full marks for a right completion, none for a wrong one."""
    weights: Mapping[Family, float]
    """Of the families beside the judge; 0 where one has no term."""
    widths: Mapping[Family, float]
    """The most by which two siblings can differ in what such a family pays them."""
    least: Mapping[Family, float]
    """The least such a family pays, 0 at most."""
    params: CombineParams

    def width(self, *families: Family) -> float:
        """The most by which two siblings can differ in what these families pay them."""
        return sum(self.widths[family] for family in families)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A recipe's families as its formula has them; empty where a family has no term."""

    accuracy: str
    """What the judges pay, weights included."""
    aspect: str
    length: str
    rules: str
    """The rules without their weight."""
    models: str
    rule_weight: str
    names: Mapping[Family, Sequence[str]]
    """Of the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """What another field of the recipe must say beside a combiner."""

    choices: tuple[str, ...]
    code: str
    """Of the finding where it says anything else."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Combiner:
    """How a sample's columns become its reward."""

    name: str
    totals: Callable[[Siblings], list[float]] | None
    """The rewards; None for what the columns pay, summed."""
    margin: Callable[[Span], float]
    """Least R(right) - R(wrong) over a group; negative: a wrong completion can outrank a right one.

    Columns beside the judge may be at their worst for the right one and their best for the wrong.
    """
    words: str
    """What it does, for people; takes the fields of `CombineParams`."""
    formula: Callable[[Written], str]
    correctness: Literal["ignored", "read", "needed"] = "ignored"
    """Where it is needed, a sample whose correctness is unknown has no reward."""
    needs_group: bool = False
    """It compares siblings: none has a reward unless all are here."""
    needs_both: bool = False
    """It needs a rule and a model."""
    unit: tuple[Family, ...] = ()
    """Families whose scores must be in [0, 1]."""
    accuracy: Only | None = None
    on_abstain: Only | None = None
    """Of `on_abstain.columns`; anything else counts as its first choice."""
    muted: tuple[Family, ...] = ()
    """Families whose weights it does not use: they show weight 0, and pay by the interaction."""
    idle_weights: str = ""
    """Why a recipe's family weights do nothing; empty where they do something."""


COMBINERS: Records[Combiner] = Records("combiner")


def plus(*terms: str) -> str:
    """The terms of a formula, added up; empty ones are left out."""
    return " + ".join(term for term in terms if term)
