"""The figures of a run, and whether reward and right answers part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harmo.audit.read import Reader
from harmo.console.model.curves import curves, sparkline
from harmo.console.model.flat import Flat, flat, without_signal
from harmo.console.model.history import grown
from harmo.console.model.overview import overview, paid_wrong
from tests.audit.made import made_store

NAN = float("nan")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flat]:
    reader = Reader(made_store(tmp_path_factory.mktemp("store"), groups=1000))
    return {run: flat(grown(reader, run).tables) for run in ("exp-1", "exp-2")}


def made(rewards: list[list[float]], correct: list[list[float]], steps: list[float]) -> Flat:
    empty = flat([])
    sizes = [len(group) for group in rewards]
    count = sum(sizes)
    return replace(
        empty,
        splits=("train",),
        numbers_G=np.arange(1, len(steps) + 1),
        steps_G=np.array(steps),
        split_G=np.zeros(len(steps), dtype=np.int64),
        group_N=np.repeat(np.arange(len(steps)), sizes),
        rewards_N=np.array([v for group in rewards for v in group], dtype=float),
        correct_N=np.array([v for group in correct for v in group], dtype=float),
        tokens_N=np.full(count, NAN),
        rule_N=np.full(count, NAN),
        truncated_N=np.zeros(count, dtype=bool),
        digests_N=np.zeros(count, dtype=np.uint64),
        tasks_G=np.full(len(steps), "", dtype=object),
        scores_NK=np.zeros((count, 0)),
    )


def test_a_run_that_pleases_its_model_parts_and_one_that_learns_does_not(
    runs: dict[str, Flat],
) -> None:
    assert overview(runs["exp-1"]).parting is None
    parting = overview(runs["exp-2"]).parting
    assert parting is not None
    assert parting.right_now < parting.right_then
    assert parting.reward_now >= parting.reward_then


@pytest.mark.parametrize(
    ("rewards", "correct", "expected", "why"),
    [
        ([2.0, 1.0], [0, 1], 1, "the wrong one is paid more"),
        (
            [2.0, 3.0, 0.0],
            [0, 1, 0],
            1,
            "a wrong one is, though a right one is paid best",
        ),
        ([1.0, 2.0], [0, 1], 0, "the right one is"),
        ([1.0, 1.0], [0, 1], 0, "nobody is paid more: it teaches nothing"),
        ([2.0, 1.0], [NAN, 0], 0, "nobody knows whether it is wrong"),
        ([NAN, NAN], [0, 0], 0, "nobody is paid"),
        ([NAN, 1.0], [0, 0], 0, "one alone is compared with nobody"),
    ],
)
def test_a_group_that_paid_a_wrong_answer_more(
    rewards: list[float], correct: list[float], expected: int, why: str
) -> None:
    assert paid_wrong(made([rewards], [correct], [0.0])).tolist() == [expected], why


def test_no_groups_have_no_figures() -> None:
    seen = overview(flat([]))
    assert (seen.groups, seen.reward.now, seen.first_step, seen.parting) == (0, None, None, None)
    assert curves(flat([])).at.last_B.tolist() == []
    assert sparkline(flat([])) == []


def test_few_groups_have_a_value_and_no_change() -> None:
    seen = overview(made([[1.0, 0.0]] * 5, [[1, 0]] * 5, [0, 1, 2, 3, 4]))
    assert seen.reward.now == 0.5
    assert seen.reward.change is None


def test_groups_without_signal_are_of_those_with_several_rewards() -> None:
    hit, several = without_signal(
        made([[1.0, 1.0], [1.0, 0.0], [NAN, 1.0]], [[1, 1], [1, 0], [1, 1]], [0, 0, 0])
    )
    assert hit.tolist() == [1, 0, 0]
    assert several.tolist() == [1, 1, 0]


def test_unscored_shares_add_up_to_what_has_no_reward(runs: dict[str, Flat]) -> None:
    seen = runs["exp-2"]
    drawn = curves(seen)
    assert drawn.unscored
    at = drawn.at
    ones = np.bincount(at.bin_G, seen.sums(np.ones(len(seen.rewards_N))))
    missing = np.bincount(at.bin_G, seen.sums(np.isnan(seen.rewards_N).astype(float)))
    total = np.sum(list(drawn.unscored.values()), axis=0)
    np.testing.assert_allclose(total, missing / ones)


def test_a_small_curve_has_few_points_and_no_nan(runs: dict[str, Flat]) -> None:
    points = sparkline(runs["exp-1"])
    assert len(points) == 48
    assert all(point is None or point == point for point in points)
    stepless = replace(runs["exp-1"], steps_G=np.full(runs["exp-1"].groups, NAN))
    assert len(sparkline(stepless)) == 48
