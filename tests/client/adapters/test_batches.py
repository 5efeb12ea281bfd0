"""Trainers that hand over a batch: EasyR1 `BatchFunctionRewardManager`, RLinf `RewardWorker`."""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from harmo_client.adapters import easyr1, rlinf
from harmo_client.errors import TransportError, UnscoredError


def row(text: str, **more: Any) -> dict[str, Any]:
    return {"response": text, "response_length": len(text), "ground_truth": "2", **more}


def test_easyr1s_batch_is_one_request_and_numbers_for_each_row(listen: Any) -> None:
    served = listen()
    compute_score = partial(easyr1.compute_score, run="exp-42", max_tokens=3)
    scores = compute_score([row("a"), row("bb"), row("ccc")])
    assert [score["overall"] for score in scores] == [1.25, 2.25, 3.25]
    assert len({frozenset(score) for score in scores}) == 1
    assert all(type(value) is float for score in scores for value in score.values())
    assert len(served.fake.requests) == 1
    completions = [group["completions"][0] for group in served.groups]
    assert [c["num_tokens"] for c in completions] == [1, 2, 3]
    assert [c.get("truncated", False) for c in completions] == [False, False, True]
    assert [group["reference"] for group in served.groups] == ["2"] * 3


def test_an_unscored_row_stops_easyr1_unless_a_number_is_asked_for(listen: Any) -> None:
    listen()
    rows = [row("a"), row("unscored")]
    with pytest.raises(UnscoredError, match="on_unscored=value"):
        easyr1.compute_score(rows)
    right, other = easyr1.compute_score(rows, on_unscored="value", unscored_value=0.0)
    assert (other["overall"], other["reward_error"], right["reward_error"]) == (0.0, 1.0, 0.0)


def test_what_a_fork_passes_beside_is_used(listen: Any) -> None:
    served = listen()
    easyr1.compute_score([row(t, prompt="1 + 1 = ?", uid="u") for t in ("a", "unscored")])
    [group] = served.groups
    assert (group["prompt"], len(group["completions"])) == ("1 + 1 = ?", 2)


def reward(**given: Any) -> rlinf.HarmoReward:
    """As `RewardWorker.init_worker` makes it of `cfg.reward`."""
    return rlinf.HarmoReward({"reward_type": "harmo", "use_prompt": True, "harmo": given})


def test_rlinfs_rows_in_a_row_are_groups(listen: Any) -> None:
    served = listen()
    texts = ["a", "bb", "ccc", "unscored"]
    prompts = ["1 + 1 = ?"] * 2 + ["2 + 1 = ?"] * 2
    given = reward(group_size=2).get_reward(texts, [["2"], ["2"], ["3"], ["3"]], prompts=prompts)
    assert given == [1.25, 2.25, 3.25, 3.25]
    assert [group["prompt"] for group in served.groups] == ["1 + 1 = ?", "2 + 1 = ?"]
    assert [group["reference"] for group in served.groups] == [["2"], ["3"]]


def test_rlinf_may_pass_no_prompts(listen: Any) -> None:
    served = listen()
    assert reward().get_reward(["a", "bb"], [["2"], ["3"]]) == [1.25, 2.25]
    assert [group["size"] for group in served.groups] == [1, 1]


@pytest.mark.parametrize(
    ("texts", "references", "said"),
    [
        (["a"] * 3, [["2"]] * 3, "no multiple of group_size=2"),
        (["a"] * 2, [["2"], ["3"]], "different reference"),
    ],
)
def test_rlinfs_group_size_must_be_the_trainers(
    listen: Any, texts: list[str], references: list[list[str]], said: str
) -> None:
    listen()
    with pytest.raises(ValueError, match=said):
        reward(group_size=2).get_reward(texts, references)


def test_rlinf_finds_the_class_in_its_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: dict[str, type] = {}
    module = ModuleType("rlinf.algorithms.rewards")
    vars(module)["register_reward"] = registry.__setitem__
    monkeypatch.setitem(sys.modules, module.__name__, module)
    rlinf.register()
    assert registry == {"harmo": rlinf.HarmoReward}


def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(away: str) -> None:
    with pytest.raises(TransportError, match="HARMO_URL"):
        easyr1.compute_score([row("a")])
    with pytest.raises(TransportError, match="HARMO_URL"):
        reward().get_reward(["a"], [["2"]])
