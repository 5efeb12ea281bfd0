"""combine `lexicographic`: siblings are ranked by one family after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harmo.rewards.combiners.combiner import (
    COMBINERS,
    Combiner,
    Counted,
    Only,
    Siblings,
    Span,
    Written,
)
from harmo.scorers.types import Family


def ranks(keys: Sequence[tuple[float, ...]]) -> list[float]:
    """Rank of each key, in [0, 1]; ties share their mean rank, one alone gets 0.5."""
    if len(keys) == 1:
        return [0.5]
    below = [sum(other < key for other in keys) for key in keys]
    equal = [sum(other == key for other in keys) - 1 for key in keys]
    return [(b + e / 2) / (len(keys) - 1) for b, e in zip(below, equal, strict=True)]


def _totals(siblings: Siblings) -> list[float]:
    return ranks([_key(siblings, sample) for sample in siblings.samples])


def _key(siblings: Siblings, sample: Counted) -> tuple[float, ...]:
    """What siblings are ranked by: correctness, rules, aspects in turn, models, lengths.

    Where rule and model share accuracy by mode, that one number stands in the rules' place.
    """
    known = 0.5 if sample.right is None else float(sample.right)
    aspects = [value for value, _ in siblings.factors(sample, Family.ASPECT)]
    length = siblings.paid(sample, Family.LENGTH)
    rule, model = siblings.paid(sample, Family.RULE), siblings.paid(sample, Family.MODEL)
    if siblings.shared:
        return (known, rule + model, *aspects, length)
    return (known, rule, *aspects, model, length)


def _margin(_: Span) -> float:
    return math.inf


def _formula(written: Written) -> str:
    order = (Family.RULE, Family.ASPECT, Family.MODEL, Family.LENGTH)
    keys = ["correct", *(name for family in order for name in written.names[family])]
    return f"rank of ({', '.join(keys)}) / (G - 1)"


COMBINERS.add(
    Combiner(
        name="lexicographic",
        totals=_totals,
        margin=_margin,
        words=(
            "Siblings are ranked by correctness, rule, each aspect in turn, model and length; the "
            "reward is the rank in [0, 1]. Needs the whole group."
        ),
        formula=_formula,
        correctness="read",
        needs_group=True,
        on_abstain=Only(
            choices=("group", "impute_group_mean"),
            code="rank_needs_columns",
            message="combine 'lexicographic' ranks siblings by the same columns: use on_abstain "
            "columns 'group' or 'impute_group_mean'",
        ),
        muted=tuple(Family),
        idle_weights="combine 'lexicographic' ranks: weights only leave terms out",
    )
)
