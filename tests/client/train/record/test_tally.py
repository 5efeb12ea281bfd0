"""What is counted beside TRL's numbers, and when a run without rewards ends."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest

from harmo_client.adapters.core.hub import Posted
from harmo_client.train.record.tally import Tally
from harmo_client.train.service import NothingScoredError

MakePosted = Callable[..., Posted]
LOST = ["no_reference", "unknown_correctness"]


def test_a_line_of_metrics_gets_what_came_since_the_last(posted: MakePosted) -> None:
    tally = Tally(stop_after=2)
    tally.count(posted([1.0, -0.5], LOST))
    tally.count(posted([0.0, -0.1]))
    tally.count(posted([1.0, 0.0], split="eval"))
    assert tally.drain("train") == {
        "harmo/completions": 3,
        "unscored/no_reference": 1,
        "contributions/answer": 0.5,
        "contributions/brevity": pytest.approx(-0.3),
    }
    assert tally.drain("train") == {"harmo/completions": 0}
    assert tally.drain("eval")["eval_harmo/completions"] == 1


def test_so_many_generations_in_a_row_without_a_reward_end_the_run(posted: MakePosted) -> None:
    tally = Tally(stop_after=2)
    tally.count(posted(LOST, LOST))
    with pytest.raises(NothingScoredError) as caught:
        tally.count(posted(LOST, ["unknown_task", 0.0]))
    assert str(caught.value).splitlines() == [
        "no completion of 2 generations in a row got a reward (4 completions):",
        "  3 no_reference in column answer: name the column with the ground truth: "
        "dataset.reference, or references",
        "  1 unknown_task in column answer: the recipe's map of tasks lacks the word: "
        "mend dataset.task or the recipe",
    ]
    assert not caught.value.learned


@pytest.mark.parametrize(
    ("generations", "why"),
    [
        ([[LOST], [[0.0, 0.0]], [LOST]], "a reward in between starts the count again"),
        ([[LOST], [LOST, [1.0, 0.0]], [LOST]], "one completion of many is enough"),
        ([[LOST]], "one generation is fewer than two"),
    ],
)
def test_a_run_with_some_rewards_goes_on(
    generations: list[list[list[float | str]]], why: str, posted: MakePosted
) -> None:
    tally = Tally(stop_after=2)
    for completions in generations:
        tally.count(posted(*completions))


def test_an_evaluation_without_rewards_does_not_end_a_run(posted: MakePosted) -> None:
    tally = Tally(stop_after=1)
    tally.count(posted(LOST, split="eval"))
    with pytest.raises(NothingScoredError):
        tally.count(posted(LOST))


def test_what_was_learned_before_is_known_on_every_rank(posted: MakePosted) -> None:
    tally = Tally(stop_after=1)
    tally.count(posted([1.0, 0.0]))
    with pytest.raises(NothingScoredError) as caught:
        tally.count(posted(LOST))
    sent = pickle.loads(pickle.dumps(caught.value))
    assert (str(sent), sent.learned) == (str(caught.value), True)


def test_a_run_that_goes_on_from_a_checkpoint_has_learned(posted: MakePosted) -> None:
    tally = Tally(stop_after=2, learned=True)
    tally.count(posted(LOST))
    tally.require_scored()


def test_a_run_shorter_than_the_limit_may_not_end_without_any_reward(posted: MakePosted) -> None:
    tally = Tally(stop_after=5)
    tally.require_scored()
    tally.count(posted(["brand_new_reason", 0.0]))
    with pytest.raises(NothingScoredError, match=r"brand_new_reason .*: see the service's log"):
        tally.require_scored()
    tally.count(posted([0.0, 0.0]))
    tally.count(posted(LOST))
    tally.require_scored()
