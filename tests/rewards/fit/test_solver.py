"""The solver finds what trying every set of free weights finds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from harmo.rewards.fit.solver import NoMinimumError, loss, solve


def slow(d: np.ndarray, towards: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """The best of all points that are best with some weights free and the others 0."""
    best, least = np.zeros(d.shape[1]), np.inf
    for free in product((False, True), repeat=d.shape[1]):
        x = newton(d[:, free], towards, weights, ridge)
        if (x < 0).any():
            continue
        whole = np.zeros(d.shape[1])
        whole[list(free)] = x
        value = loss(whole[:, None], d, towards, weights[:, None], ridge)[0]
        if value < least:
            best, least = whole, value
    return best


def newton(d: np.ndarray, towards: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """Without bounds, each step halved until it goes down."""
    x = np.zeros(d.shape[1])
    for _ in range(500):
        p = 1 / (1 + np.exp(-np.clip(d @ x, -700, 700)))
        gradient = d.T @ (weights * (p - towards)) + ridge * x
        hessian = d.T @ (d * (weights * p * (1 - p))[:, None]) + ridge * np.eye(len(x))
        step, before = np.linalg.solve(hessian, gradient), at(x, d, towards, weights, ridge)
        while at(x - step, d, towards, weights, ridge) > before and np.abs(step).max() > 1e-14:
            step = step / 2
        x = x - step
        if np.abs(step).max(initial=0) < 1e-12:
            break
    return x


def at(x, d, towards, weights, ridge) -> float:
    return float(loss(x[:, None], d, towards, weights[:, None], ridge)[0])


CASES = [
    ("noise", lambda draw, d: d, "the signs are chance: many weights at 0"),
    ("liked", lambda draw, d: d * np.sign(d[:, :1] + draw.normal(size=(len(d), 1))), "one counts"),
    ("separable", lambda draw, d: np.abs(d), "every pair for every column"),
    ("against", lambda draw, d: -np.abs(d), "every pair against every column"),
    ("twice", lambda draw, d: np.column_stack([d[:, :1]] * d.shape[1]), "one column many times"),
    ("opposed", lambda draw, d: np.column_stack([d[:, 0], -d[:, 0], d[:, 1]]), "and its negative"),
    ("coarse", lambda draw, d: np.round(d), "many differences are 0"),
    ("far", lambda draw, d: np.where(draw.random(d.shape) < 0.02, 60 * d, d), "outliers"),
]


@pytest.mark.parametrize(("name", "change", "why"), CASES, ids=[row[0] for row in CASES])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ridge", [0.04, 1e-4])
def test_it_finds_the_best_of_every_set_of_free_weights(name, change, why, seed, ridge):
    draw = np.random.default_rng(seed)
    columns = 1 + seed % 4 if name != "opposed" else 3
    d = change(draw, draw.normal(size=(30, max(columns, 2))))[:, :columns]
    towards = np.where(draw.random(30) < 0.2, 0.5, 1.0)
    weights = draw.integers(0, 4, size=30).astype(float)
    found = solve(d, towards, weights[:, None], ridge=ridge)[:, 0]
    expected = slow(d, towards, weights, ridge)
    assert (found >= 0).all()
    assert at(found, d, towards, weights, ridge) == pytest.approx(
        at(expected, d, towards, weights, ridge), abs=1e-7
    ), why
    np.testing.assert_allclose(found, expected, atol=2e-3 if ridge < 0.01 else 1e-5)


def test_problems_together_are_as_each_alone():
    draw = np.random.default_rng(7)
    d, towards = draw.normal(size=(80, 4)), np.ones(80)
    weights = draw.integers(0, 3, size=(80, 20)).astype(float)
    together = solve(d, towards, weights, ridge=0.04)
    alone = [solve(d, towards, weights[:, b : b + 1], ridge=0.04) for b in range(20)]
    np.testing.assert_allclose(together, np.concatenate(alone, axis=1), atol=1e-6)


def test_no_pair_and_no_column_are_fits_too():
    assert solve(np.zeros((0, 2)), np.zeros(0), np.zeros((0, 1)), ridge=0.04).tolist() == [[0], [0]]
    assert solve(np.zeros((3, 0)), np.ones(3), np.ones((3, 2)), ridge=0.04).shape == (0, 2)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_numbers_that_no_score_has_do_not_pass_for_weights():
    with pytest.raises(NoMinimumError, match="did not converge"):
        solve(np.full((3, 1), np.nan), np.ones(3), np.ones((3, 1)), ridge=0.04)
