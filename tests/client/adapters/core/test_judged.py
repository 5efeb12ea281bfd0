from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harmo_client import wire
from harmo_client.adapters.core.judged import column_names, means, read
from harmo_client.adapters.core.samples import Sample, layout
from harmo_client.adapters.core.settings import Settings
from harmo_client.adapters.unscored import OnUnscored, Unscored
from harmo_client.errors import UnscoredError

Answer = Callable[[dict[str, Any]], dict[str, Any]]


def judged(answer: Answer, texts: list[str], choice: Unscored, mean: float | None = None) -> Any:
    chosen = Settings(url="http://service")
    laid = layout([Sample(completion=text, group="7") for text in texts], chosen)
    said = answer({"groups": [group.model_dump() for group in laid.groups]})
    said["groups"][0]["stats"]["mean"] = mean
    return read(laid, wire.ScoreResponse.model_validate(said), choice)


@pytest.mark.parametrize(
    ("on_unscored", "value", "texts", "mean", "expected"),
    [
        ("skip", None, ["a", "unscored"], None, [1.25, None]),
        ("skip", None, ["unscored"], None, [None]),
        ("group_mean", None, ["a", "unscored", "bbb"], None, [1.25, 2.25, 3.25]),
        ("group_mean", None, ["unscored"], 0.5, [0.5]),  # siblings that came in other requests
        ("group_mean", None, ["unscored"], None, UnscoredError),  # never a made-up number
        ("stop", None, ["a", "unscored"], None, UnscoredError),
        ("stop", None, ["a"], None, [1.25]),
        ("value", -1.0, ["a", "unscored"], None, [1.25, -1.0]),
        ("value", -1.0, ["unscored"], None, [-1.0]),
    ],
)
def test_a_sample_without_a_reward_gets_what_was_chosen(
    fake_answer: Answer,
    on_unscored: OnUnscored,
    value: float | None,
    texts: list[str],
    mean: float | None,
    expected: Any,
) -> None:
    choice = Unscored(on_unscored=on_unscored, unscored_value=value)
    if expected is UnscoredError:
        with pytest.raises(UnscoredError, match="deadline 1"):
            judged(fake_answer, texts, choice, mean)
    else:
        found = judged(fake_answer, texts, choice, mean)
        assert [each.reward for each in found] == expected
        flags = [each.numbers["reward_error"] for each in found]
        assert flags == [float(text == "unscored") for text in texts]


def test_every_sample_has_the_same_names_and_an_abstention_is_told_from_a_zero(
    fake_answer: Answer,
) -> None:
    choice = Unscored(on_unscored="group_mean")
    one, other = judged(fake_answer, ["a", "unscored"], choice)
    assert one.numbers.keys() == other.numbers.keys()
    assert (other.numbers["answer"], other.numbers["answer_ok"]) == (0.0, 0.0)
    assert (one.numbers["answer"], one.numbers["answer_ok"]) == (1.0, 1.0)
    assert (one.accuracy, other.accuracy) == (1.0, None)


def test_the_parts_sum_to_the_reward_stand_ins_included(fake_answer: Answer) -> None:
    for each in judged(fake_answer, ["a", "unscored"], Unscored(on_unscored="group_mean")):
        assert sum(each.parts.values()) == each.reward
        assert each.parts["stand_in"] == (1.25 if each.reason else 0.0)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["answer", "aspect.format"], ["answer", "aspect.format"]),
        (["reward", "score"], ["reward_column", "score_column"]),
        (["a", "a_ok"], ["a", "a_ok_column"]),
        (["reward_error", "stand_in"], ["reward_error_column", "stand_in_column"]),
    ],
)
def test_no_column_has_a_name_that_means_something_to_a_trainer(
    names: list[str], expected: list[str]
) -> None:
    columns = [wire.Column(name=name, family="rule") for name in names]
    assert column_names(columns) == expected


def test_a_columns_mean_is_over_those_that_have_a_score(fake_answer: Answer) -> None:
    found = means(judged(fake_answer, ["a", "unscored", "bbb"], Unscored(on_unscored="skip")))
    assert found["answer"] == 2.0
    assert found["answer_ok"] == pytest.approx(2 / 3)
    assert found["reward_error"] == pytest.approx(1 / 3)
    assert means([]) == {}
