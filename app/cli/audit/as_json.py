"""Runs, figures and groups as JSON for scripts: one object, keys as the tables have them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from harmo.app.cli.audit.figures import Column, Figures, Sums, Worth, means
from harmo.audit.read import RunSummary
from harmo.audit.records import KeptGroup
from harmo.scorers.types import ImageRef, Message, Reward, Score


def dumped(value: object) -> str:
    """JSON of ASCII alone: nothing in it reaches a terminal, and lone surrogates are no trouble."""
    return json.dumps(value, allow_nan=False, default=str)


def runs(found: Sequence[RunSummary]) -> Sequence[Mapping[str, object]]:
    """The runs, the last written first."""
    return [asdict(run) for run in found]


def figures(run: Figures) -> Mapping[str, object]:
    """A run's figures."""
    return {
        "groups": run.groups,
        "completions": run.completions,
        "scored": run.scored,
        "mean": run.mean,
        "comparable": run.comparable,
        "zero_variance": run.flat,
        "reasons": dict(run.missing),
        "columns": [_column(column, run) for column in run.columns.values()],
        "splits": dict(run.splits),
        "steps": _steps(run.steps),
        "worth_opening": {cause: list(map(_worth, found)) for cause, found in run.worth.items()},
    }


def _column(column: Column, run: Figures) -> Mapping[str, object]:
    return {
        "name": column.name,
        "family": column.family,
        "shadow": column.shadow,
        "scored": column.scored,
        "mean_score": column.score / column.scored if column.scored else None,
        "mean_contribution": column.paid / run.scored if run.scored else None,
        "share": run.share(column),
        "reasons": dict(column.missing),
        "steps": _steps(column.steps),
    }


def _steps(steps: Mapping[int, Sums]) -> Sequence[Mapping[str, object]]:
    return [{"step": step, "mean": mean} for step, mean in means(steps).items()]


def _worth(group: Worth) -> Mapping[str, object]:
    step = None if math.isnan(group.step) else int(group.step)
    return {"group": group.number, "step": step, "figure": group.figure}


def group(kept: KeptGroup) -> Mapping[str, object]:
    """One group with its texts and details; of pictures what kind and how large they are."""
    first = kept.group.samples[0] if kept.group.samples else None
    correctness = kept.group.correctness or (None,) * len(kept.group.samples)
    return {
        "group": kept.number,
        "id": kept.group.id,
        "run": kept.group.run,
        "step": kept.group.step,
        "split": kept.group.split,
        "task": first.task if first else None,
        "scored_at_s": kept.scored_at_s,
        "recipe": {"name": kept.recipe.name, "version": kept.recipe.version},
        "columns": [{"name": c.name, "family": c.family} for c in kept.recipe.columns],
        "weights": kept.weights,
        "prompt": _text(first.prompt) if first else "",
        "images": [[i.media_type, i.width, i.height] for i in first.images] if first else [],
        "prefix": first.prefix if first else "",
        "reference": first.reference if first else None,
        "references": dict(first.references) if first else {},
        "completions": [
            {
                "id": name,
                "text": _text(sample.completion),
                "num_tokens": sample.num_tokens,
                "truncated": sample.truncated,
                "correct": right,
                **_reward(reward),
            }
            for name, sample, right, reward in zip(
                kept.ids, kept.group.samples, correctness, kept.rewards, strict=True
            )
        ],
    }


def _reward(reward: Reward) -> Mapping[str, object]:
    return {
        "reward": reward.value,
        "reason": reward.reason,
        "contributions": reward.contributions,
        "scores": list(map(_score, reward.scores)),
    }


def _score(score: Score) -> Mapping[str, object]:
    detail = {"detail": dict(score.detail)} if score.detail else {}
    return {"value": score.value, "confidence": score.confidence, "reason": score.reason} | detail


def _text(text: str | tuple[Message, ...]) -> object:
    if isinstance(text, str):
        return text
    return [
        {
            "role": turn.role,
            "parts": [{"image": p.index} if isinstance(p, ImageRef) else p for p in turn.parts],
            "tool_calls": [[call.name, call.arguments] for call in turn.tool_calls],
        }
        for turn in text
    ]
