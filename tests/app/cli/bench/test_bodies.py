"""Requests: valid, as large as asked for, the same by seed and else each like no other."""

from __future__ import annotations

import json

import pytest

from harmo.app.cli.bench.bodies import Made, Own
from harmo.app.cli.bench.needs import Needs
from harmo.app.cli.bench.problems import PROBLEMS
from harmo.app.cli.rollouts import read_rollouts
from harmo_client.wire import ScoreRequest
from tests.app.cli.bench.loads import load

ALL = Needs(
    tasks=dict.fromkeys(PROBLEMS, 1.0), thinks=True, references=("solution",), constraints=True
)
MATH = Needs(tasks={"math": 1.0}, thinks=False)


def asked(made: Made | Own, number: int = 0) -> ScoreRequest:
    return ScoreRequest.model_validate_json(made.body(number).content)


def test_a_request_is_of_the_wire_schema_and_looks_like_no_training() -> None:
    request = asked(Made(load(groups=20, images=1), ALL))
    assert (request.run, request.split, request.recipe) == ("bench", "eval", "math")
    assert [len(group.completions) for group in request.groups] == [3] * 20
    for group in request.groups:
        assert group.task in PROBLEMS
        assert group.references["solution"]
        assert group.constraints
        assert len(group.images) == 1


def test_texts_are_as_long_as_was_asked() -> None:
    request = asked(Made(load(groups=50, members=4, completion_tokens=500, prompt_tokens=80), MATH))
    tokens = [c.num_tokens or 0 for group in request.groups for c in group.completions]
    assert 450 < sum(tokens) / len(tokens) < 550
    assert min(tokens) < 350 < 650 < max(tokens)
    assert all(280 <= len(str(group.prompt)) <= 330 for group in request.groups)


@pytest.mark.parametrize(
    ("wrong", "low", "high"), [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.25, 0.1, 0.4)]
)
def test_as_many_answers_are_wrong_as_was_asked(wrong: float, low: float, high: float) -> None:
    needed = Needs(tasks={"count": 1.0}, thinks=True)
    request = asked(Made(load(groups=50, members=4, wrong=wrong), needed))
    found = [
        f"<answer>{group.reference}</answer>" not in str(completion.text)
        for group in request.groups
        for completion in group.completions
    ]
    assert low <= sum(found) / len(found) <= high


def test_the_same_seed_makes_the_same_requests_in_whatever_order() -> None:
    one, other = Made(load(), MATH), Made(load(), MATH)
    first = [one.body(n).content for n in (0, 1, 2)]
    assert [other.body(n).content for n in (2, 1, 0)] == first[::-1]
    assert len(set(first)) == 3
    assert Made(load(seed=8), MATH).body(0).content != first[0]


def test_no_two_completions_are_alike() -> None:
    made = Made(load(groups=8, members=8), MATH)
    texts = [c.text for n in range(20) for g in asked(made, n).groups for c in g.completions]
    assert len(set(texts)) == len(texts)


ROLLOUTS = [
    json.dumps({"prompt": f"{n}?", "reference": "4", "completions": ["\\boxed{4}", "é"]}).encode()
    for n in range(3)
]


def test_own_rollouts_go_round_in_their_order() -> None:
    own = Own(load(groups=2), read_rollouts(ROLLOUTS, "x.jsonl"))
    prompts = [[str(group.prompt) for group in asked(own, n).groups] for n in range(3)]
    assert prompts == [["0?", "1?"], ["2?", "0?"], ["1?", "2?"]]
    body = own.body(0)
    assert (body.groups, body.completions) == (2, 4)
    assert asked(own).run == "bench"


def test_a_file_without_rollouts_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"x\.jsonl: no rollouts"):
        Own(load(rollouts="x.jsonl"), [])
