"""Two thousand trainers' requests of one sample at once: each is answered, with its own reward."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.storm import storm
from tests.process import serving

SENT = 2000
FILES = 2 * SENT + 200
"""Both ends of every connection, in two processes of one user."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        pytest.skip(f"only {hard} open files are allowed here, {FILES} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), hard))
    with serving("--log-level", "warning") as port:
        yield port


def test_each_of_two_thousand_single_samples_gets_its_own_reward(port: int) -> None:
    answers = asyncio.run(storm(port, "/get_reward?run=storm", range(SENT)))
    assert {answer.status for answer in answers} == {200}
    right = [answer.body["scores"] for answer in answers]
    assert right == [[float(number % 3 == 0)] for number in range(SENT)]
    assert {len(answer.body["rewards"]) for answer in answers} == {1}


def test_what_does_not_fit_at_once_waits_for_its_turn(tmp_path: Path) -> None:
    settings = tmp_path / "small.yaml"
    settings.write_text("max_in_flight_completions: 16\n")
    with serving("--log-level", "warning", "--config", str(settings)) as port:
        answers = asyncio.run(storm(port, "/get_reward?run=storm", range(400)))
    assert {answer.status for answer in answers} == {200}
    assert [a.body["scores"][0] for a in answers] == [float(n % 3 == 0) for n in range(400)]
