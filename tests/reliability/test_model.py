"""A hosted model behind a real server: in any company, on a device too small, and stuck."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from harmo_client import wire
from tests.models import tiny
from tests.reliability.asking import Rewards, alone, body, client, group, rewards, together
from tests.reliability.cluster import Server, started, until

TOLERANCE = 1e-5
"""Of the spread of the scores: what float32 may differ by in another company."""
WORDS = ("the", "answer", "is", "four", "because", "two", "and", "two", "make", "it", "so")


@pytest.fixture(scope="module")
def hosting(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of one tiny model, whose batches have hung after a second."""
    folder = tmp_path_factory.mktemp("hosting")
    model = tiny.classifier(folder / "rm")
    (folder / "patience").write_text("1")
    # No canary: one that met what a test breaks would be a fault for half a minute.
    settings = {"models": [f"rm={model}"], "workers": 1, "fatal_after_s": 12.0, "canary_s": 0}
    with started(folder, {}, site, **settings) as server:
        yield server


@pytest.fixture(scope="module")
def groups() -> list[wire.Group]:
    rng = random.Random(0)
    return [
        group(
            f"g{n}",
            *(" ".join(rng.choices(WORDS, k=rng.randint(1, 40))) for _ in range(4)),
            prompt=" ".join(rng.choices(WORDS, k=rng.randint(1, 60))),
        )
        for n in range(12)
    ]


@pytest.fixture(scope="module")
def expected(hosting: Server, groups: list[wire.Group]) -> Rewards:
    """Every completion alone in its group, and every group alone in its batch."""
    single = [
        each.model_copy(update={"completions": [completion]})
        for each in groups
        for completion in each.completions
    ]
    return alone(hosting.url, single, "model")


def agree(got: Rewards, expected: Rewards) -> bool:
    scale = statistics.stdev(reward for reward in expected.values() if reward is not None)
    return got == pytest.approx(expected, rel=0.0, abs=TOLERANCE * scale)


async def test_the_company_a_completion_keeps_does_not_change_its_reward(
    hosting: Server, groups: list[wire.Group], expected: Rewards
) -> None:
    with client(hosting.url) as asking:
        whole = rewards(asking.score(groups, recipe="model"))
        turned = [
            each.model_copy(update={"completions": each.completions[::-1]}) for each in groups[::-1]
        ]
        reverse = rewards(asking.score(turned, recipe="model"))
    crowd = await together(hosting.url, groups, "model", clients=4)
    assert all(agree(got, expected) for got in (whole, reverse, *crowd))


def test_a_batch_that_does_not_fit_in_memory_is_halved_until_it_does(
    hosting: Server, groups: list[wire.Group], expected: Rewards
) -> None:
    splits = hosting.metric("harmo_model_oom_splits_total")
    room = hosting.tell("room", "3")
    with client(hosting.url) as asking:
        got = rewards(asking.score(groups, recipe="model", run="small"))
        room.write_text("0")
        none = asking.score(groups[:1], recipe="model", run="none")
    room.unlink()
    assert agree(got, expected)
    assert hosting.metric("harmo_model_oom_splits_total") > splits
    reasons = [(c.reward, c.reason) for c in none.groups[0].completions]
    assert reasons == [(None, "out_of_memory")] * 4, "what fits nowhere has no reward"


def test_a_model_thread_that_is_stuck_is_seen_by_readyz_until_it_moves_again(
    hosting: Server, groups: list[wire.Group], expected: Rewards
) -> None:
    stuck, asked = hosting.tell("stuck"), body(groups[0], recipe="model", run="stuck")
    assert hosting.post(asked, X_Deadline_Ms="2000").status_code == 504, "nothing was scored"
    until(lambda: hosting.status("/readyz") == 503, "readyz says so")
    assert hosting.status("/livez") == 204, "a restart is not called for yet"
    assert "rm" in hosting.get("/readyz").json()["error"]["message"]
    stuck.unlink()
    hosting.wait_ready()
    some = {key: reward for key, reward in expected.items() if key[0] == groups[0].id}
    assert agree(alone(hosting.url, groups[:1], "model"), some)


def test_a_model_that_stays_stuck_ends_the_process_with_an_error(
    hosting: Server, groups: list[wire.Group]
) -> None:
    hosting.tell("stuck")
    asked = body(groups[0], recipe="model", run="fatal")
    assert hosting.post(asked, X_Deadline_Ms="2000").status_code == 504
    assert hosting.wait() == 3, "so that whoever runs it starts it again"
