"""Fits of transforms: what they promise on held-out labels, and what they refuse."""

from __future__ import annotations

import json
import math
import random
from typing import get_args

import numpy as np
import pytest

from harmo.models.calibrate import Kind, Scored, brier, ece, fragment, read_scored
from harmo.models.checkpoint.manifest import Manifest
from harmo.models.transform import logistic

SCALAR = {"head": "scalar", "pooling": "last", "max_tokens": 64, "dtype": "float32"}


def drawn(n: int, *, scale: float = 0.5, shift: float = -1.0, seed: int = 0) -> list[Scored]:
    """Scores whose P(correct) is logistic(scale * score + shift), eight to a group."""
    rng = random.Random(seed)
    rows = []
    for at in range(n):
        score = rng.gauss(0, 3)
        right = rng.random() < logistic(scale * score + shift)
        rows.append(Scored(score=score, correct=right, group=str(at // 8)))
    return rows


def plain(scores: list[float]) -> list[Scored]:
    return [Scored(score=score) for score in scores]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_fit_is_a_valid_rising_manifest(kind):
    rows = drawn(400)
    manifest = Manifest.model_validate({**SCALAR, **fragment(rows, kind)})
    ordered = sorted(row.score for row in rows)
    values = [manifest.transformed([score])[0] for score in ordered]
    assert values == sorted(values)
    assert values[0] < values[-1]
    if manifest.meaning != "raw":
        assert all(0 <= value <= 1 for value in values)


def test_the_sigmoid_recovers_what_made_the_labels():
    transform = fragment(drawn(8000), "sigmoid")["transform"]
    assert transform["scale"] == pytest.approx(0.5, abs=0.04)
    assert transform["shift"] == pytest.approx(-1.0, abs=0.1)


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_a_fit_of_p_correct_is_better_on_labels_it_has_not_seen(kind):
    fields = fragment(drawn(1000), kind)
    assert fields["meaning"] == "p_correct"
    fitted = fields["calibration"]
    assert fitted["n"] == 1000
    assert fitted["ece_after"] < 0.5 * fitted["ece_before"]
    assert fitted["brier_after"] < fitted["brier_before"]


def test_scores_that_tell_nothing_are_not_called_calibrated_by_memory():
    """Held out, an isotonic fit of noise is worse than a constant; in sample it would shine."""
    rng = random.Random(1)
    rows = [Scored(score=rng.random(), correct=rng.random() < 0.5) for _ in range(200)]
    assert fragment(rows, "isotonic")["calibration"]["brier_after"] > 0.24


def test_isotonic_pools_violators_and_stays_off_certainty():
    rows = [Scored(score=float(s), correct=s >= 10 and s != 15) for s in range(20)]
    transform = fragment(rows, "isotonic")["transform"]
    curve = Manifest.model_validate({**SCALAR, "transform": transform})
    assert curve.transformed([12.0])[0] == curve.transformed([14.0])[0] == pytest.approx(5 / 6)
    assert curve.transformed([-5.0])[0] == pytest.approx(1 / 22)
    assert curve.transformed([99.0])[0] == pytest.approx(21 / 22)


def test_perfectly_separated_labels_give_a_finite_sigmoid():
    rows = [Scored(score=float(s), correct=s >= 10) for s in range(20)]
    transform = fragment(rows, "sigmoid")["transform"]
    assert math.isfinite(transform["scale"])
    assert 0 < logistic(transform["scale"] * 0 + transform["shift"]) < 0.1


@pytest.mark.parametrize(
    ("kind", "scores", "raw", "expected"),
    [
        ("zscore", [0.0] * 10 + [2.0] * 10, 2.0, 0.974679),
        ("quantile", [float(s) for s in range(100)], 49.5, 0.5),
        ("quantile", [0.0] * 10 + [1.0] * 10, 0.0, 0.25),
        ("affine", [float(s) for s in range(101)], 50.0, 0.5),
        ("par", [0.0] * 19 + [1e-9], 0.0, 0.5),
    ],
)
def test_unlabelled_fits(kind, scores, raw, expected):
    fields = fragment(plain(scores), kind)
    assert "calibration" not in fields
    manifest = Manifest.model_validate({**SCALAR, **fields})
    assert manifest.transformed([raw])[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("rows", "kind", "message"),
    [
        (drawn(19), "sigmoid", "19 scores are too few"),
        (plain([1.0] * 50), "zscore", "all 50 scores are 1.0"),
        (plain([float(s) for s in range(50)]), "sigmoid", "50 rows have no `correct`"),
        ([Scored(score=float(s), correct=True) for s in range(50)], "isotonic", "all are True"),
        ([Scored(score=float(s), correct=s < 25) for s in range(50)], "sigmoid", "do not score"),
        (plain([1.0] * 999 + [2.0]), "affine", "98% of the scores"),
        (drawn(50), "cube", "no transform 'cube'; known: sigmoid"),
    ],
)
def test_what_cannot_be_fitted_is_refused(rows, kind, message):
    with pytest.raises(ValueError, match=message):
        fragment(rows, kind)


def test_ece_and_brier_by_hand():
    probabilities = np.array([0.95, 0.85, 0.15, 1.0])
    labels = np.array([1.0, 0.0, 0.0, 1.0])
    # Bins [0.9, 1]: |1.95 - 2|; [0.8, 0.9): 0.85; [0.1, 0.2): 0.15; over 4.
    assert ece(probabilities, labels) == pytest.approx((0.05 + 0.85 + 0.15) / 4)
    assert brier(probabilities, labels) == pytest.approx((0.0025 + 0.7225 + 0.0225) / 4)


def test_rows_are_read(tmp_path):
    path = tmp_path / "scores.jsonl"
    path.write_text('{"score": 1.5, "correct": true, "group": 7}\n\n{"score": -2, "extra": 1}\n')
    assert read_scored(path) == [
        Scored(score=1.5, correct=True, group="7"),
        Scored(score=-2.0),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "2: not JSON"),
        ("[1]", "2: needs a finite number"),
        ('{"correct": true}', "2: needs a finite number"),
        ('{"score": true}', "2: needs a finite number"),
        ('{"score": NaN}', "2: needs a finite number"),
        ('{"score": 1e999}', "2: needs a finite number"),
        ('{"score": 1, "correct": "yes"}', "2: correct must be true or false, got 'yes'"),
        ('{"score": 1, "correct": 2}', "2: correct must be true or false"),
    ],
)
def test_a_line_that_is_no_score_is_named(tmp_path, line, message):
    path = tmp_path / "scores.jsonl"
    path.write_text(json.dumps({"score": 0}) + "\n" + line)
    with pytest.raises(ValueError, match=message):
        read_scored(path)
