"""Steps in bins, and what groups come to in each."""

from __future__ import annotations

import numpy as np
import pytest

from harmo.console.model.bins import band, bins, of_groups, share

NAN = float("nan")


@pytest.mark.parametrize(
    ("steps", "most", "last", "of_group", "why"),
    [
        ([0, 0, 1, 2], 8, [0, 1, 2], [0, 0, 1, 2], "few steps have a bin each"),
        ([0, 1, 2, 3], 2, [1, 3], [0, 0, 1, 1], "many share bins of as many steps"),
        ([5, NAN, 3], 8, [3, 5], [1, -1, 0], "a group without a step is in none; order is free"),
        ([NAN], 8, [], [-1], "a run without steps has no bins"),
        ([], 8, [], [], "nor has one without groups"),
    ],
)
def test_groups_are_put_into_bins_of_steps(
    steps: list[float], most: int, last: list[float], of_group: list[int], why: str
) -> None:
    at = bins(np.array(steps, dtype=float), most)
    assert at.last_B.tolist() == last, why
    assert at.bin_G.tolist() == of_group, why


def test_every_step_is_in_a_bin_and_bins_ascend() -> None:
    steps = np.repeat(np.arange(1000.0), 3)
    at = bins(steps, 160)
    assert len(at.last_B) == 160
    assert (at.first_B <= at.last_B).all()
    assert (at.first_B[1:] > at.last_B[:-1]).all()
    assert ((steps >= at.first_B[at.bin_G]) & (steps <= at.last_B[at.bin_G])).all()


def test_the_band_is_numpys_mean_and_quantiles() -> None:
    draw = np.random.default_rng(0)
    steps, values = draw.integers(0, 20, 500).astype(float), draw.normal(size=500)
    values[::7] = NAN
    at = bins(steps)
    found = band(values, at)
    for b, step in enumerate(at.last_B):
        of_bin = values[(steps == step) & ~np.isnan(values)]
        assert found.mean_B[b] == pytest.approx(of_bin.mean())
        assert found.low_B[b] == pytest.approx(np.quantile(of_bin, 0.1))
        assert found.high_B[b] == pytest.approx(np.quantile(of_bin, 0.9))


def test_a_bin_of_which_nothing_is_known_has_no_value() -> None:
    found = band(np.array([NAN, 1.0]), bins(np.array([0.0, 1.0])))
    assert np.isnan(found.mean_B[0])
    assert np.isnan(found.low_B[0])
    assert found.mean_B[1] == 1.0


def test_a_group_is_the_mean_of_what_is_known_of_it() -> None:
    means = of_groups(np.array([1.0, 3.0, NAN, NAN]), np.array([0, 0, 0, 1]), 3)
    assert means[0] == 2.0
    assert np.isnan(means[1:]).all()


def test_shares_are_of_what_there_is() -> None:
    at = bins(np.array([0.0, 0.0, 1.0]))
    found = share(np.array([1.0, 2.0, 0.0]), np.array([4.0, 4.0, 0.0]), at)
    assert found[0] == 3 / 8
    assert np.isnan(found[1])
