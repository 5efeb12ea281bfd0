"""Maps from raw outputs to scores: exact values, never an overflow, never a change of order."""

from __future__ import annotations

import math

import pytest
from pydantic import TypeAdapter, ValidationError

from harmo.models.transform import Transform, logistic

TRANSFORM: TypeAdapter[Transform] = TypeAdapter(Transform)


@pytest.mark.parametrize(
    ("transform", "pairs", "why"),
    [
        ({"kind": "identity"}, {-3.5: -3.5}, "as it is"),
        ({"kind": "sigmoid"}, {0: 0.5, 1e4: 1.0, -1e4: 0.0}, "no overflow at either end"),
        ({"kind": "sigmoid", "scale": 2, "shift": -1}, {1: logistic(1)}, "scale then shift"),
        ({"kind": "affine", "scale": 2, "shift": 1}, {3: 7, -3: -5}, "no cut unless asked"),
        ({"kind": "affine", "low": 0, "high": 1}, {-1: 0, 0.5: 0.5, 2: 1}, "cut at both ends"),
        ({"kind": "zscore", "mean": 1, "std": 2}, {1: 0, 5: 2}, "frozen statistics"),
        (
            {"kind": "isotonic", "x": [0, 1, 3], "y": [0.1, 0.5, 0.9]},
            {-9: 0.1, 0: 0.1, 0.5: 0.3, 1: 0.5, 2: 0.7, 3: 0.9, 9: 0.9},
            "linear between knots, flat outside",
        ),
        ({"kind": "quantile", "x": [2], "y": [0.5]}, {1: 0.5, 2: 0.5, 3: 0.5}, "one knot"),
        (
            {"kind": "par", "references": [0.2, 1.2, -0.8]},
            {1.2: 0.703952},
            "the mean over references",
        ),
    ],
)
def test_transforms(transform, pairs, why):
    mapped = TRANSFORM.validate_python(transform)
    for raw, expected in pairs.items():
        value = mapped(raw)
        assert value == pytest.approx(expected, abs=1e-6), why
        assert math.isfinite(value)


@pytest.mark.parametrize(
    ("transform", "unit", "why"),
    [
        ({"kind": "identity"}, False, "any number"),
        ({"kind": "sigmoid"}, True, "a logistic"),
        ({"kind": "affine", "low": 0, "high": 1}, True, "cut at both ends"),
        ({"kind": "affine", "low": 0}, False, "open above"),
        ({"kind": "affine", "low": -1, "high": 1}, False, "cut below nought"),
        ({"kind": "zscore", "mean": 0, "std": 1}, False, "any number"),
        ({"kind": "quantile", "x": [0], "y": [1]}, True, "shares"),
        ({"kind": "par", "references": [0]}, True, "a mean of logistics"),
    ],
)
def test_which_values_are_promised_to_be_in_0_1(transform, unit: bool, why: str) -> None:
    assert TRANSFORM.validate_python(transform).unit is unit, why


@pytest.mark.parametrize(
    "transform",
    [
        {"kind": "sigmoid", "scale": 3, "shift": -1},
        {"kind": "affine", "scale": 0.1, "low": -0.5, "high": 0.5},
        {"kind": "zscore", "mean": 3, "std": 0.5},
        {"kind": "isotonic", "x": [-1, 0, 2], "y": [0, 0.5, 0.5]},
        {"kind": "par", "references": [-1, 0, 5]},
    ],
)
def test_no_transform_reorders_completions(transform) -> None:
    mapped = TRANSFORM.validate_python(transform)
    values = [mapped(at / 10) for at in range(-100, 100)]
    assert values == sorted(values)


def test_an_unknown_transform_is_refused() -> None:
    with pytest.raises(ValidationError, match="cube"):
        TRANSFORM.validate_python({"kind": "cube"})


@pytest.mark.parametrize(("x", "expected"), [(0, 0.5), (1e4, 1.0), (-1e4, 0.0), (2, 0.880797)])
def test_logistic(x: float, expected: float) -> None:
    assert logistic(x) == pytest.approx(expected, abs=1e-6)
