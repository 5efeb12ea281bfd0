"""What is kept of a scored group: the values that the store takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harmo.models.base import Meaning
from harmo.scorers.types import Family, Group, Reason, Reward

Texts = Literal["full", "hash", "none"]
"""How much of what was written is kept: all of it, its sha256, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptColumn:
    """One column of a recipe as it scored."""

    name: str
    family: Family
    shadow: bool = False
    meaning: Meaning | None = None
    """What its model's output meant; None where it calls no model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecipe:
    """A recipe as it scored, and the code that scored: what a group's numbers depend on."""

    name: str
    version: str
    """sha256 of the recipe."""
    scorer_version: str
    """sha256 of code, calibrations and weights."""
    columns: tuple[KeptColumn, ...]
    """In wire order, shadow columns last."""
    recipe: Mapping[str, object]
    """The recipe's file as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGroup:
    """One scored group: what was asked, and what it came to."""

    recipe: KeptRecipe
    scored_at_s: float
    """Unix time."""
    group: Group
    """The samples, with the correctness that length terms saw. Where texts are not kept, prompts
    and completions are empty; pictures are empty unless they are asked for."""
    ids: tuple[str, ...]
    """Completion ids, in order."""
    faults: tuple[Reason | None, ...]
    """Per completion why no scorer was asked."""
    weights: tuple[float, ...]
    """What multiplied each column; the interaction's entry is 0."""
    rewards: tuple[Reward, ...]
    """One per completion; `scores` as the scorers gave them, without detail unless that is kept."""
    interaction: bool
    """True if weights and contributions end in one entry more than there are columns."""
    texts: Texts = "full"
    digests: tuple[str, ...] = ()
    """sha256 of each completion, in hexadecimal; none where `texts` is `none`."""
    number: int = 0
    """Its place in the store, from 1 in the order of commits; 0 before it is written."""
