"""A replica of a hosted model, its loader replaced by a model that is already there."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("ray.serve", reason="Ray is not installed: pip install 'harmo[ray]'")

from harmo.app.ray_serve.replica import ModelReplica
from harmo.models.base import Conversations, Load, ModelScore, Turn
from tests.app.fakes import FakeRewardModel

GROUP = Conversations(
    prompt=(Turn(role="user", parts=("?",)),),
    completions=((Turn(role="assistant", parts=("x" * 50,)),),),
)
VERSION = "sha256:fake"


def replica(model: FakeRewardModel) -> ModelReplica:
    made = object.__new__(ModelReplica)
    made._model = model  # type: ignore[assignment]
    return made


class Raising(FakeRewardModel):
    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        raise ValueError("quotes a completion")


class Noting(FakeRewardModel):
    deadline_s: float | None = None

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        self.deadline_s = deadline_s
        return await super().score(group, deadline_s=deadline_s)


class Stuck(FakeRewardModel):
    def load(self) -> Load:
        return Load(backlog_s=7.0, fault="the device hangs")


async def test_it_scores_a_group_by_the_version_that_was_asked_for() -> None:
    reply = await replica(FakeRewardModel("rm")).score(GROUP, VERSION, None)
    assert (reply.version, reply.scores) == (VERSION, [ModelScore(values=(0.5,))])


async def test_it_gives_no_number_of_another_version() -> None:
    reply = await replica(FakeRewardModel("rm")).score(GROUP, "sha256:other", None)
    assert (reply.version, reply.scores, reply.failure) == (VERSION, None, "")


async def test_what_the_model_raises_is_named_without_its_words() -> None:
    reply = await replica(Raising("rm")).score(GROUP, VERSION, None)
    assert reply.scores is None
    assert reply.failure.startswith("ValueError at ")
    assert "quotes" not in reply.failure


@pytest.mark.parametrize("left_s", [None, 5.0])
async def test_seconds_that_are_left_become_an_instant_of_its_own_clock(
    left_s: float | None,
) -> None:
    model = Noting("rm")
    await replica(model).score(GROUP, VERSION, left_s)
    if left_s is None:
        assert model.deadline_s is None
    else:
        assert model.deadline_s == pytest.approx(time.monotonic() + left_s, abs=2.0)


async def test_a_stuck_model_says_its_backlog_and_fails_the_health_check() -> None:
    stuck = replica(Stuck("rm"))
    assert (await stuck.score(GROUP, VERSION, None)).backlog_s == 7.0
    with pytest.raises(RuntimeError, match="the device hangs"):
        await stuck.check_health()
    await replica(FakeRewardModel("rm")).check_health()
