"""Non-negative Bradley-Terry by projected Newton, for many weightings of the pairs at once.

Shapes: P pairs, K columns, B problems. Problem b minimises over w >= 0

    sum_p m_pb (log(1 + exp(z_p)) - t_p z_p) + ridge / 2 |w|^2,    z = D w

which has one minimum where ridge > 0. Newton on the weights that are free, the others at their
bound, along the projected path (Bertsekas, SIAM J. Control Optim. 20, 1982).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TOLERANCE = 1e-8
"""Of the projected gradient, per pair."""
_ROUNDS, _HALVINGS = 200, 40
_ARMIJO, _NEAR, _ROUNDING = 1e-4, 1e-3, 1e-13


class NoMinimumError(ValueError):
    """The solver did not come to rest; a bug, or numbers that no score should have."""


def solve(d: Floats, towards: Floats, weights: Floats, *, ridge: float) -> Floats:
    """The best weights of each problem, by column and problem; none is negative.

    Args:
        d: Differences by pair and column, of a size of about 1.
        towards: Per pair how far it is preferred as it stands: 1 for wholly, 0.5 for a tie.
        weights: By pair and problem how often each pair counts.
        ridge: Above 0.

    Raises:
        NoMinimumError: If a problem is not solved.
    """
    count = weights.shape[1]
    x, open_ = np.zeros((d.shape[1], count)), np.arange(count)
    size = np.maximum(1.0, weights.sum(axis=0))
    for _ in range(_ROUNDS):
        now, m = x[:, open_], weights[:, open_]
        p = _logistic(d @ now)
        gradient = d.T @ (m * (p - towards[:, None])) + ridge * now
        rest = np.abs(np.where(now > 0, gradient, np.minimum(gradient, 0.0))).max(axis=0, initial=0)
        rest = rest / size[open_]
        left = ~(rest <= TOLERANCE)
        if not left.any():
            return x
        open_, now, m, p = open_[left], now[:, left], m[:, left], p[:, left]
        gradient = gradient[:, left]
        hessian = _hessian(d, m * p * (1 - p), ridge)
        bound = (now <= np.minimum(_NEAR, rest[left])) & (gradient > 0)
        step = _newton(hessian, gradient, bound)
        x[:, open_] = _along(now, step, gradient, (d, towards, m, ridge))
    raise NoMinimumError(f"{len(open_)} of {count} fits did not converge in {_ROUNDS} rounds")


def loss(x: Floats, d: Floats, towards: Floats, weights: Floats, ridge: float) -> Floats:
    """What `solve` minimises, per problem."""
    z = d @ x
    each = np.logaddexp(0.0, z) - towards[:, None] * z
    return np.asarray((weights * each).sum(axis=0) + ridge / 2 * (x * x).sum(axis=0))


def _logistic(z: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * z)))


def _hessian(d: Floats, curvature: Floats, ridge: float) -> Floats:
    """By problem, column and column."""
    columns = d.shape[1]
    one, other = np.triu_indices(columns)
    hessian = np.empty((curvature.shape[1], columns, columns))
    hessian[:, one, other] = curvature.T @ (d[:, one] * d[:, other])
    hessian[:, other, one] = hessian[:, one, other]
    hessian[:, range(columns), range(columns)] += ridge
    return hessian


def _newton(hessian: Floats, gradient: Floats, bound: NDArray[np.bool_]) -> Floats:
    """Newton's step of the free weights; those at their bound go down their own slope."""
    held = bound.T
    apart = held[:, :, None] | held[:, None, :]
    apart &= ~np.eye(len(gradient), dtype=bool)
    within = np.where(apart, 0.0, hessian)
    return np.asarray(np.linalg.solve(within, gradient.T[:, :, None])[:, :, 0].T)


def _along(
    now: Floats, step: Floats, gradient: Floats, problem: tuple[Floats, Floats, Floats, float]
) -> Floats:
    """As far along each projected step as it goes down enough, halving."""
    d, towards, m, ridge = problem
    before = loss(now, d, towards, m, ridge)
    slack = _ROUNDING * np.maximum(1.0, np.abs(before))
    after, size = np.maximum(now - step, 0.0), np.ones(now.shape[1])
    for _ in range(_HALVINGS):
        down = (gradient * (after - now)).sum(axis=0)
        short = loss(after, d, towards, m, ridge) > before + _ARMIJO * down + slack
        if not short.any():
            break
        size[short] /= 2
        after[:, short] = np.maximum(now - size * step, 0.0)[:, short]
    return after
