"""One completion that breaks its scorer: it has no reward and says why, and nobody else notices."""

from __future__ import annotations

import ast
import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harmo import Sample
from harmo.scorers.rule.math import inline
from harmo_client import wire
from tests.reliability.asking import (
    HARD,
    LENGTH,
    alone,
    body,
    client,
    group,
    maths,
    rewards,
    together,
)
from tests.reliability.cluster import FAULTS, Server

WORD = "fault: "

ANYWHERE = {
    "raises": "scorer_error",
    "exits": "scorer_error",
    "cancels": "scorer_error",
    "recurses": "scorer_error",
    "nan": "non_finite",
    "infinity": "non_finite",
    "minus infinity": "non_finite",
    "unsure": "scorer_error",
    "too much": "out_of_bounds",
    "a float": "scorer_error",
    "nothing": "scorer_error",
    "hangs": "deadline",
}
ALONE = {
    "spins": "deadline",
    "eats": "out_of_memory",
    "aborts": "worker_crashed",
    "crashes": "worker_crashed",
    "leaves": "worker_crashed",
    "is killed": "worker_crashed",
}
NEIGHBOURS = ("right", "wrong", "right", "wrong")


def test_every_fault_of_the_plugin_is_tried() -> None:
    tree = ast.parse(FAULTS.read_text())
    named = [n.value for n in tree.body if isinstance(n, ast.AnnAssign) and "FAULTS" in ast.dump(n)]
    (faults,) = (each for each in named if isinstance(each, ast.Dict))
    assert {ast.literal_eval(key) for key in faults.keys if key} == {*ANYWHERE, *ALONE}


@pytest.mark.parametrize(
    ("recipe", "fault", "reason"),
    [
        pytest.param(recipe, fault, reason, id=f"{recipe}-{fault}")
        for recipe in ("threaded", "awaited", "isolated")
        for fault, reason in (ANYWHERE | (ALONE if recipe == "isolated" else {})).items()
    ],
)
def test_a_scorers_failure_is_null_with_its_reason_and_its_siblings_stand(
    server: Server, recipe: str, fault: str, reason: str
) -> None:
    with client(server.url) as asking:
        answer = asking.score([group("g", *NEIGHBOURS, WORD + fault)], recipe=recipe)
    *others, broken = answer.groups[0].completions
    assert (broken.reward, broken.scores, broken.reasons) == (None, [None], [reason])
    assert broken.contributions == [0.0], "what a column that is not there adds"
    assert [c.reward for c in others] == [1.0, 0.0, 1.0, 0.0]
    assert answer.groups[0].stats.scored == len(others), "null has no vote"


@pytest.mark.parametrize("text", ["too few", "too many"])
def test_scores_that_are_not_as_many_as_the_completions_are_nobodys(
    server: Server, text: str
) -> None:
    with client(server.url) as asking:
        answer = asking.score([group("g", "right", "wrong", text)], recipe="grouped")
    reasons = [(c.reward, c.reason) for c in answer.groups[0].completions]
    assert reasons == [(None, "wrong_length")] * 3


def test_a_broken_scorer_takes_no_other_column_with_it(server: Server) -> None:
    with client(server.url) as asking:
        answer = asking.score([group("g", f"\\boxed{{4}} {WORD}nan")], recipe="beside")
    (completion,) = answer.groups[0].completions
    assert completion.scores[0] == 1.0
    assert completion.scores[2] is None
    assert completion.reasons == [None, None, "non_finite"]
    assert completion.reward == pytest.approx(sum(completion.contributions))


def test_every_number_of_an_answer_is_finite(server: Server) -> None:
    texts = [WORD + fault for fault in ("nan", "infinity", "minus infinity", "unsure", "too much")]
    answer = server.post(body(group("g", "right", *texts), recipe="threaded"))

    def refuse(constant: str) -> object:
        raise AssertionError(f"{constant} in an answer")

    json.loads(answer.text, parse_constant=refuse)
    assert answer.status_code == 200


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_the_requests_fault(server: Server, number: str) -> None:
    asked = json.dumps(body(group("g", "right"), recipe="threaded"))
    asked = asked.replace('"num_tokens": 8', f'"num_tokens": 8, "extra": {number}')
    answer = server.post(asked)
    assert answer.status_code in (400, 422), answer.text


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
ANSWERS = st.sampled_from(["\\boxed{4}", "\\boxed{5}", "", "4", "\ufdfa" * 9, "\\boxed{\u0664}"])
MEMBERS = st.dictionaries(IDS, ANSWERS, max_size=6)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(IDS, MEMBERS), min_size=1, max_size=6))
def test_lengths_order_and_ids_are_those_that_were_asked(
    server: Server, asked: list[tuple[str, dict[str, str]]]
) -> None:
    groups = [
        wire.Group(
            id=name,
            prompt="2 + 2 = ?",
            reference="4",
            completions=[wire.Completion(id=id, text=text) for id, text in members.items()],
        )
        for name, members in asked
    ]
    answer = server.post(body(*groups, recipe="maths"))
    assert answer.status_code == 200, answer.text
    answered = wire.ScoreResponse.model_validate_json(answer.content)
    got = [(g.id, [c.id for c in g.completions]) for g in answered.groups]
    assert got == [(name, [*members]) for name, members in asked]
    assert all(len(c.scores) == 1 for g in answered.groups for c in g.completions)


async def test_one_completion_in_ten_is_a_bomb_and_the_others_get_their_rewards(
    server: Server,
) -> None:
    bombs = ["spins", "hangs", "eats", "aborts"]
    kills = server.metric("harmo_worker_kills_total")
    groups = [
        group(f"g{n}", *("right", "wrong") * 4, "right", WORD + bomb)
        for n, bomb in enumerate(bombs)
    ]
    quiet = maths(8)
    expected = alone(server.url, quiet, "maths")
    [bombed], others = await asyncio.gather(
        together(server.url, groups, "isolated", clients=1),
        together(server.url, quiet, "maths", clients=2),
    )
    wrong = {key: reward for key, reward in bombed.items() if reward != (1.0, 0.0)[int(key[1]) % 2]}
    assert wrong == {(f"g{n}", "9"): None for n in range(len(bombs))}
    assert others == [expected] * 2, "nor do other requests notice"
    assert server.metric("harmo_worker_kills_total") > kills


def test_the_server_is_as_well_as_before(server: Server) -> None:
    with client(server.url) as asking:
        answer = asking.score([group("g", *NEIGHBOURS)], recipe="isolated")
    assert rewards(answer) == {("g", str(i)): 1.0 - i % 2 for i in range(4)}
    assert server.status("/readyz") == 200


@pytest.mark.parametrize("text", HARD)
def test_what_is_said_to_take_a_worker_takes_one(text: str) -> None:
    """Else killing workers under such a load would prove nothing."""
    assert inline(Sample(completion=text, reference=LENGTH)) is None
