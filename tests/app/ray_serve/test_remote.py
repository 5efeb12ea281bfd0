"""A remote model against replicas that answer, end, are full, are late or host something else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from typing import Any

import pytest

pytest.importorskip("ray.serve", reason="Ray is not installed: pip install 'harmo[ray]'")

from ray.exceptions import (
    ActorDiedError,
    ActorUnavailableError,
    ObjectStoreFullError,
    OutOfMemoryError,
    OwnerDiedError,
    RayTaskError,
)
from ray.serve.exceptions import BackPressureError

from harmo.app.ray_serve.remote import RemoteModel, ReplicaFailedError
from harmo.app.ray_serve.replica import Reply
from harmo.models.base import Conversations, Fault, ModelCard, ModelScore, Rung, Turn

GROUP = Conversations(
    prompt=(Turn(role="user", parts=("2 + 2 = ?",)),),
    completions=tuple((Turn(role="assistant", parts=(text,)),) for text in ("4", "5")),
)
CARD = ModelCard(
    name="rm",
    head="scalar",
    aspects=("reward",),
    meaning="raw",
    images=False,
    max_tokens=4096,
    rung=Rung.TREE,
    version="sha256:one",
    device="cpu",
)
SCORES = [ModelScore(values=(1.0,)), ModelScore(values=(-1.0,))]
SCORED = Reply(version=CARD.version, scores=SCORES, backlog_s=30.0)
OTHER = Reply(version="sha256:two")

Outcome = Reply | BaseException | None
"""What a call comes to; None for nothing at all."""


class Response:
    """What Serve gives for a call, as far as it is used."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self.cancelled = False

    def __await__(self) -> Generator[Any, None, Reply]:
        return self._wait().__await__()

    async def _wait(self) -> Reply:
        if self._outcome is None:
            await asyncio.sleep(60)
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        assert self._outcome is not None
        return self._outcome

    def cancel(self) -> None:
        self.cancelled = True


class Handle:
    """Stands for a deployment whose replicas answer with these outcomes, one after the other."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._left = list(outcomes)
        self.asked: list[tuple[Conversations, str, float | None]] = []
        self.responses: list[Response] = []

    @property
    def score(self) -> Handle:
        return self

    def remote(self, group: Conversations, version: str, left_s: float | None) -> Response:
        self.asked.append((group, version, left_s))
        self.responses.append(Response(self._left.pop(0)))
        return self.responses[-1]


def remote(*outcomes: Outcome) -> tuple[RemoteModel, Handle]:
    handle = Handle(*outcomes)
    return RemoteModel(handle, CARD), handle  # type: ignore[arg-type]


DIED, AWAY, FULL, KILLED, NO_STORE, LOST = (
    ActorDiedError(),
    ActorUnavailableError("away", b"x" * 16),
    BackPressureError(9, 8),
    OutOfMemoryError("the machine's memory ran out"),
    ObjectStoreFullError(),
    OwnerDiedError("a" * 56, b"", ""),
)


@pytest.mark.parametrize(
    ("outcomes", "scores"),
    [
        pytest.param([SCORED], SCORES, id="the first answers"),
        pytest.param([DIED, SCORED], SCORES, id="the first died: another is asked"),
        pytest.param([AWAY, SCORED], SCORES, id="the first cannot be reached"),
        pytest.param([KILLED, SCORED], SCORES, id="the first was killed for memory"),
        pytest.param([NO_STORE, SCORED], SCORES, id="no room for what is sent"),
        pytest.param([LOST, SCORED], SCORES, id="what was sent is lost with a machine"),
        pytest.param([asyncio.CancelledError(), SCORED], SCORES, id="the first is told to end"),
        pytest.param([OTHER, SCORED], SCORES, id="the first hosts another version"),
        pytest.param([DIED, DIED], Fault.OVERLOADED, id="both died: the client asks again"),
        pytest.param([FULL, FULL], Fault.OVERLOADED, id="none takes it: the client asks again"),
        pytest.param([OTHER, OTHER], Fault.OVERLOADED, id="no number of another version"),
    ],
)
async def test_one_group_is_asked_of_two_replicas_at_most(
    outcomes: list[Outcome], scores: list[ModelScore] | Fault
) -> None:
    model, handle = remote(*outcomes)
    got = await model.score(GROUP)
    assert len(handle.asked) == len(outcomes)
    if isinstance(scores, Fault):
        assert [each.fault for each in got] == [scores, scores]
    else:
        assert got == scores


async def test_what_a_replica_raised_is_raised_without_its_words() -> None:
    model, _ = remote(Reply(version=CARD.version, failure="ValueError at rungs.py:7"))
    with pytest.raises(ReplicaFailedError, match=r"ValueError at rungs\.py:7"):
        await model.score(GROUP)


async def test_what_is_raised_on_the_way_into_a_replica_is_not_asked_again() -> None:
    model, handle = remote(RayTaskError("score", "", ValueError()))
    with pytest.raises(RayTaskError):
        await model.score(GROUP)
    assert len(handle.asked) == 1


async def test_a_deadline_goes_along_and_ends_the_wait_here() -> None:
    model, handle = remote(None)
    got = await model.score(GROUP, deadline_s=time.monotonic() + 0.05)
    assert [each.fault for each in got] == [Fault.DEADLINE] * 2
    left_s = handle.asked[0][2]
    assert left_s is not None
    assert 0 < left_s <= 0.05
    assert handle.responses[0].cancelled


async def test_a_caller_that_leaves_takes_its_group_out_of_the_replica() -> None:
    model, handle = remote(None)
    asked = asyncio.create_task(model.score(GROUP))
    await asyncio.sleep(0.01)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert [each.cancelled for each in handle.responses] == [True]


async def test_another_version_is_remembered_for_the_health_check() -> None:
    model, _ = remote(OTHER, SCORED)
    await model.score(GROUP)
    assert model.replaced_by == "sha256:two"


async def test_its_backlog_is_what_the_last_replica_said_and_runs_off() -> None:
    model, _ = remote(SCORED)
    assert model.load().backlog_s == 0.0
    await model.score(GROUP)
    assert 29 < model.load().backlog_s <= 30
    assert model.load().fault == ""
