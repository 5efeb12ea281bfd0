"""Fits of a manifest's transform on scores, with labels where it is to mean P(correct)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from harmo.models.checkpoint.manifest import Calibration
from harmo.models.documents import DocumentError, parse_json, read_text
from harmo.models.transform import Affine, Curve, Par, Sigmoid, Transform, ZScore, logistic

Kind = Literal["sigmoid", "isotonic", "affine", "quantile", "par", "zscore"]
Floats = NDArray[np.float64]
FOLDS = 5
FEWEST = 20
"""Scores below which nothing is fitted."""
MOST_KNOTS = 101
MOST_REFERENCES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A model's raw score of one completion."""

    score: float
    correct: bool | None = None
    group: str | None = None
    """Scores of one group (a prompt) stay on one side of every held-out split."""


def read_scored(path: Path) -> list[Scored]:
    """Lines of {"score": number, "correct": true or false, "group": name}, the last two optional.

    Raises ValueError, naming the line, if one is something else.
    """
    lines = enumerate(read_text(path).split("\n"), start=1)
    return [_row(line, f"{path}:{number}") for number, line in lines if line.strip()]


def _row(line: str, where: str) -> Scored:
    try:
        parsed = parse_json(line)
    except DocumentError as error:
        raise DocumentError(f"{where}: {error}") from None
    fields = parsed if isinstance(parsed, dict) else {}
    score = fields.get("score")
    if (
        isinstance(score, bool)
        or not isinstance(score, int | float)
        or not abs(score) <= sys.float_info.max  # NaN is no more than anything
    ):
        raise ValueError(f"{where}: needs a finite number as score, got {line.strip()!r:.80}")
    correct, group = fields.get("correct"), fields.get("group")
    if correct not in (None, True, False):
        raise ValueError(f"{where}: correct must be true or false, got {correct!r}")
    return Scored(
        score=float(score),
        correct=None if correct is None else bool(correct),
        group=None if group is None else str(group),
    )


def fragment(rows: Sequence[Scored], kind: Kind) -> dict[str, Any]:
    """The manifest fields that a fit gives: `transform`, `meaning` and, of labels, `calibration`.

    `sigmoid` (Platt) and `isotonic` fit P(correct) and need labels. `affine`, `quantile` and `par`
    map into [0, 1] and `zscore` standardises, all without labels. The calibration is measured on
    held-out folds; before it, the raw score is read as a probability, through a logistic where it
    is not in [0, 1].

    Args:
        rows: Raw scores of the model, as its identity transform gives them.
        kind: Which transform.

    Returns:
        Fields to put into `harmo.yaml`.

    Raises:
        ValueError: If there are too few rows, or their labels or scores allow no such fit.
    """
    _refuse(rows, kind)
    scores, labels = _arrays(rows)
    fit = _FITS[kind]
    transform = fit(scores, labels)
    fields: dict[str, Any] = {
        "transform": transform.model_dump(mode="json", exclude_none=True),
        "meaning": "p_correct" if kind in ("sigmoid", "isotonic") else _meaning(transform),
    }
    if transform.unit and all(row.correct is not None for row in rows):
        before = scores if _in_unit(scores) else np.array([logistic(x) for x in scores])
        after = _held_out(rows, scores, labels, fit)
        fields["calibration"] = Calibration(
            n=len(rows),
            ece_before=ece(before, labels),
            ece_after=ece(after, labels),
            brier_before=brier(before, labels),
            brier_after=brier(after, labels),
        ).model_dump()
    return fields


def ece(probabilities: Floats, labels: Floats, *, bins: int = 10) -> float:
    """Expected calibration error in [0, 1]: mean |share right - mean P| over equal-width bins."""
    at = np.clip((probabilities * bins).astype(int), 0, bins - 1)
    gap = np.bincount(at, probabilities - labels, minlength=bins)
    return float(np.abs(gap).sum() / len(labels))


def brier(probabilities: Floats, labels: Floats) -> float:
    """Mean squared error of P(correct), in [0, 1]."""
    return float(np.mean((probabilities - labels) ** 2))


def _refuse(rows: Sequence[Scored], kind: Kind) -> None:
    if kind not in get_args(Kind):
        raise ValueError(f"no transform {kind!r}; known: {', '.join(get_args(Kind))}")
    if len(rows) < FEWEST:
        raise ValueError(f"{len(rows)} scores are too few to fit on; bring at least {FEWEST}")
    if len({row.score for row in rows}) < 2:
        raise ValueError(f"all {len(rows)} scores are {rows[0].score}; nothing to fit")
    if kind not in ("sigmoid", "isotonic"):
        return
    if unlabelled := sum(row.correct is None for row in rows):
        raise ValueError(f"{kind} fits P(correct), but {unlabelled} rows have no `correct`")
    if len({row.correct for row in rows}) < 2:
        raise ValueError(f"{kind} needs right and wrong completions; all are {rows[0].correct}")


def _arrays(rows: Sequence[Scored]) -> tuple[Floats, Floats]:
    scores = np.array([row.score for row in rows])
    return scores, np.array([float(bool(row.correct)) for row in rows])


def _meaning(transform: Transform) -> str:
    return "unit" if transform.unit else "raw"


def _in_unit(scores: Floats) -> bool:
    return bool(scores.min() >= 0 and scores.max() <= 1)


def _held_out(
    rows: Sequence[Scored],
    scores: Floats,
    labels: Floats,
    fit: Callable[[Floats, Floats], Transform],
) -> Floats:
    """Each score through the transform fitted on the other folds."""
    names = sorted({row.group or "" for row in rows})
    fold_of = {name: at % FOLDS for at, name in enumerate(names)}
    whole = len(names) >= FOLDS
    folds = np.array(
        [fold_of[row.group or ""] if whole else at % FOLDS for at, row in enumerate(rows)]
    )
    held_out = np.empty(len(rows))
    for fold in range(FOLDS):
        inside = folds == fold
        transform = fit(scores[~inside], labels[~inside])
        held_out[inside] = [transform(x) for x in scores[inside]]
    return held_out


def _sigmoid(scores: Floats, labels: Floats) -> Sigmoid:
    """Platt's fit by Newton's method, with his smoothed targets, so that it is always finite."""
    mean, std = scores.mean(), scores.std()
    x = np.stack([(scores - mean) / std, np.ones_like(scores)], axis=1)
    right = labels.sum()
    wrong = len(labels) - right
    targets = np.where(labels > 0, (right + 1) / (right + 2), 1 / (wrong + 2))
    w = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -500, 500)))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, x.T @ (p - targets))
        w -= step
        if np.abs(step).max() < 1e-10:
            break
    scale = float(w[0] / std)
    if scale <= 0:
        raise ValueError("right completions do not score higher than wrong ones; nothing to fit")
    return Sigmoid(scale=scale, shift=float(w[1] - w[0] * mean / std))


def _isotonic(scores: Floats, labels: Floats) -> Curve:
    """Pool adjacent violators, kept off 0 and 1 by what so many labels can say."""
    blocks: list[list[float]] = []
    ordered = sorted(zip(scores.tolist(), labels.tolist(), strict=True))
    for x, tied in groupby(ordered, key=lambda pair: pair[0]):
        values = [label for _, label in tied]
        blocks.append([x, x, sum(values), len(values)])
        while len(blocks) > 1 and blocks[-2][2] * blocks[-1][3] >= blocks[-1][2] * blocks[-2][3]:
            _, high, total, count = blocks.pop()
            blocks[-1][1:] = [high, blocks[-1][2] + total, blocks[-1][3] + count]
    least = 1 / (len(labels) + 2)
    knots: dict[float, float] = {}
    for low, high, total, count in blocks:
        y = min(1 - least, max(least, total / count))
        knots |= {low: y, high: y}
    return Curve(kind="isotonic", x=tuple(knots), y=tuple(knots.values()))


def _affine(scores: Floats, _: Floats) -> Affine:
    """The 1st to the 99th percentile onto [0, 1], cut outside."""
    low, high = np.quantile(scores, [0.01, 0.99]).tolist()
    if low == high:
        raise ValueError(f"98% of the scores are {low}; nothing to scale")
    return Affine(scale=1 / (high - low), shift=-low / (high - low), low=0.0, high=1.0)


def _zscore(scores: Floats, _: Floats) -> ZScore:
    return ZScore(mean=float(scores.mean()), std=float(scores.std(ddof=1)))


def _quantile(scores: Floats, _: Floats) -> Curve:
    """Mid-ranks at evenly spaced distinct scores."""
    ordered = np.sort(scores)
    distinct = np.unique(ordered)
    chosen = np.unique(np.linspace(0, len(distinct) - 1, MOST_KNOTS).round().astype(int))
    x = distinct[chosen]
    below, upto = np.searchsorted(ordered, x, "left"), np.searchsorted(ordered, x, "right")
    y = (below + upto) / 2 / len(ordered)
    return Curve(kind="quantile", x=tuple(x.tolist()), y=tuple(y.tolist()))


def _par(scores: Floats, _: Floats) -> Par:
    at = np.linspace(0, len(scores) - 1, min(MOST_REFERENCES, len(scores))).round().astype(int)
    return Par(references=tuple(np.sort(scores)[at].tolist()))


_FITS: Mapping[str, Callable[[Floats, Floats], Transform]] = {
    "sigmoid": _sigmoid,
    "isotonic": _isotonic,
    "affine": _affine,
    "quantile": _quantile,
    "par": _par,
    "zscore": _zscore,
}
