"""Runs as they stand."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmo.audit.records import KeptRecipe
from harmo.audit.rows import told


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run as it stands."""

    run: str
    recipes: tuple[str, ...]
    """Names."""
    splits: tuple[str, ...]
    groups: int
    completions: int
    scored: int
    zero_variance: int
    """Groups of more than one reward, all of them equal."""
    comparable: int
    """Groups of more than one reward."""
    first_step: int | None
    last_step: int | None
    began_s: float
    last_s: float
    """Unix times of the first and the last group."""
    mean: float | None
    """Mean reward over the last step that was trained on; of groups without steps over all."""
    bytes: int
    """Without prompts and pictures, which runs have in common."""


def summaries(
    spans: Sequence[sqlite3.Row], recipes: Mapping[int, KeptRecipe]
) -> Sequence[RunSummary]:
    """Every run, the last written first.

    Args:
        spans: All rows of the table, in the order in which they began.
        recipes: By key.
    """
    by_run: dict[str, list[sqlite3.Row]] = {}
    for span in spans:
        by_run.setdefault(told(span["run"]), []).append(span)
    runs = [_summary(run, of_run, recipes) for run, of_run in by_run.items()]
    return sorted(runs, key=lambda run: run.last_s, reverse=True)


def _summary(
    run: str, spans: Sequence[sqlite3.Row], recipes: Mapping[int, KeptRecipe]
) -> RunSummary:
    firsts = [step for span in spans if (step := span["first_step"]) is not None]
    lasts = [step for span in spans if (step := span["last_step"]) is not None]
    return RunSummary(
        run=run,
        recipes=tuple(dict.fromkeys(recipes[span["recipe"]].name for span in spans)),
        splits=tuple(dict.fromkeys(told(span["split"]) for span in spans)),
        groups=_sum(spans, "groups"),
        completions=_sum(spans, "completions"),
        scored=_sum(spans, "scored"),
        zero_variance=_sum(spans, "zero_variance"),
        comparable=_sum(spans, "comparable"),
        first_step=min(firsts, default=None),
        last_step=max(lasts, default=None),
        began_s=min(span["began_s"] for span in spans),
        last_s=max(span["last_s"] for span in spans),
        mean=_last_mean([span for span in spans if span["split"] == "train"]),
        bytes=_sum(spans, "bytes"),
    )


def _sum(spans: Sequence[sqlite3.Row], name: str) -> int:
    return sum(span[name] for span in spans)


def _last_mean(spans: Sequence[sqlite3.Row]) -> float | None:
    steps = [-1 if span["last_step"] is None else span["last_step"] for span in spans]
    last = [span for span, step in zip(spans, steps, strict=True) if step == max(steps)]
    scored = _sum(last, "last_scored")
    return float(sum(span["last_sum"] for span in last)) / scored if scored else None
