"""All that a fit comes to: weights, agreement, doubts and the recipe; and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from harmo.app.cli.fit.fitted import Fitted, as_yaml, fitted
from harmo.app.cli.fit.judged import Judged
from harmo.rewards.fit import (
    Agreement,
    Doubt,
    Fit,
    Pairs,
    Scaled,
    agreements,
    doubts,
    fit,
    scaled,
)
from harmo.rewards.fit.agreement import FOLDS, comparable
from harmo.rewards.fit.redraws import LEVEL, interval
from harmo.rewards.fit.weights import RIDGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One fit."""

    judged: Judged
    pairs: Pairs
    fit: Fit
    scaled: Scaled
    agreements: Sequence[Agreement]
    doubts: Sequence[Doubt]
    fitted: Fitted | None
    """None where no column is worth a weight."""
    seed: int

    @property
    def agreement(self) -> Mapping[str, Agreement]:
        """By name."""
        return {each.name: each for each in self.agreements}

    @property
    def redraws(self) -> int:
        """How many there were of the groups."""
        return int(self.fit.redrawn.shape[1])

    @property
    def file(self) -> str | None:
        """The recipe as YAML."""
        if self.fitted is None:
            return None
        return as_yaml(self.fitted, self.agreement, self.doubts)


def fit_to(
    judged: Judged, *, seed: int, redraws: int, progress: Callable[[int], None] = lambda _: None
) -> Result:
    """Fit, compare, and write the recipe.

    Args:
        judged: What was said of what.
        seed: Of redraws and folds.
        redraws: How many, of the groups.
        progress: Told how many are done.

    Raises:
        ValueError: If there is no pair with an order, or no column in which one differs.
    """
    preferences = judged.settled.preferences
    if not any(each.towards > 0.5 for each in preferences):
        raise ValueError(
            "what was said orders no two completions of a group: a pair needs a better and a worse "
            "one, and labels a right and a wrong one among siblings"
        )
    pairs = Pairs.of(judged.siblings, preferences)
    if not pairs.differing.any():
        raise ValueError("no column has different scores in any pair: there is nothing to weigh")
    found = fit(pairs, seed=seed, count=redraws, progress=progress)
    weights = scaled(found, judged.siblings, [column.now for column in judged.columns])
    equal = {"equal weights": np.ones(len(pairs.columns))}
    compared = agreements(pairs, equal, seed=seed, count=redraws)
    says = f"Weights fitted to preferences (pairs: {len(preferences)}, groups: {pairs.count})."
    pays = bool((found.weights > 0).any())
    return Result(
        judged=judged,
        pairs=pairs,
        fit=found,
        scaled=weights,
        agreements=compared,
        doubts=list(doubts(pairs, found, weights, compared)),
        fitted=fitted(judged, weights.weights, says=says) if pays else None,
        seed=seed,
    )


def as_json(result: Result) -> str:
    """The result as JSON; what is not known is null."""
    judged, said, made = result.judged, result.judged.settled, result.fitted
    document = {
        "recipe": {
            "name": judged.kept.name,
            "version": judged.kept.version,
            "scorer_version": judged.kept.scorer_version,
        },
        "pairs": len(result.pairs.groups),
        "groups": result.pairs.count,
        "ties": int((result.pairs.towards == 0.5).sum()),
        "compared": int(comparable(result.pairs).sum()),
        "repeated": said.repeated,
        "contradicted": said.contradicted,
        "circles": said.circles,
        "labelled_both": judged.both,
        "unknown": {"lines": judged.unknown.lines, "first": judged.unknown.messages},
        "other_recipes": dict(judged.others),
        "columns": [_column(result, k) for k in range(len(result.pairs.columns))],
        "agreement": [asdict(each) for each in result.agreements],
        "doubts": [asdict(doubt) for doubt in result.doubts],
        "fitted": made and result.file,
        "findings": [asdict(finding) for finding in made.findings] if made else [],
        "inverts": bool(made and made.inverts),
        "lost_rules": list(made.lost_rules) if made else [],
        "unchecked": made.unchecked if made else "",
        "left_behind": dict(made.left_behind) if made else {},
        "spread": result.scaled.spread,
        "settings": {
            "ridge": RIDGE,
            "redraws": result.redraws,
            "level": LEVEL,
            "folds": min(FOLDS, result.pairs.count),
            "seed": result.seed,
        },
    }
    return json.dumps(document, indent=1, allow_nan=False)


def _column(result: Result, k: int) -> Mapping[str, object]:
    column, fit_ = result.judged.columns[k], result.fit
    told = not math.isnan(fit_.weights[k])
    bounded = told and not fit_.unbounded[k]
    return {
        "name": column.name,
        "key": column.key,
        "shadow": column.shadow,
        "now": column.now,
        "weight": result.scaled.weights[k],
        "interval": result.scaled.intervals[k],
        "at_zero": result.scaled.at_zero[k],
        "log_odds": float(fit_.weights[k]) if told else None,
        "log_odds_interval": interval(fit_.redrawn[k]) if bounded else None,
        "unbounded": bool(fit_.unbounded[k]),
        "differing": int(result.pairs.differing[k]),
        "known": int(result.pairs.known[:, k].sum()),
    }
