"""Each trainer's own code against a live service."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.conformance.cases import GROUP_SIZE, rows, scored
from tests.conformance.proxy import proxied
from tests.conformance.recording import requests, require_same
from tests.conformance.served import HANGS, NOT_A_NUMBER
from tests.conformance.trainers import TRAINERS
from tests.process import free_port

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.parametrize("trainer", TRAINERS),
]

STAND_IN = 0.5
SPOILT = 5
"""The row that cannot be scored."""


def test_rewards_are_those_of_score_in_the_order_asked(
    trainer: str, driver: Any, service: int
) -> None:
    asked, recipe = rows(), TRAINERS[trainer].recipe
    expected = scored(f"http://127.0.0.1:{service}", recipe, asked)
    with proxied(service) as proxy:
        outcome = driver(trainer)(proxy.base, recipe, asked)
    assert len(set(expected)) == len(asked), "no two rows have one reward"
    assert outcome.get("rewards") == pytest.approx(expected, abs=1e-6), outcome


def test_what_is_sent_is_what_is_recorded(trainer: str, driver: Any, service: int) -> None:
    with proxied(service) as proxy:
        outcome = driver(trainer)(proxy.base, TRAINERS[trainer].recipe, rows()[:GROUP_SIZE])
    require_same(trainer, outcome.get("calls") or requests(proxy.seen))


def test_a_503_is_recovered_from_as_the_trainer_documents(
    trainer: str, driver: Any, service: int
) -> None:
    asked, known = rows(), TRAINERS[trainer]
    with proxied(service, refuse=2) as proxy:
        outcome = driver(trainer)(proxy.base, known.recipe, asked)
    if known.refused is not None:
        assert re.search(known.refused, outcome.get("raised", "")), outcome
        return
    expected = scored(f"http://127.0.0.1:{service}", known.recipe, asked)
    assert proxy.refused >= 1
    assert outcome.get("rewards") == pytest.approx(expected, abs=1e-6), outcome


def test_a_dead_service_ends_the_run_and_is_no_reward(
    trainer: str, driver: Any, service: int
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    outcome = driver(trainer)(nobody, TRAINERS[trainer].recipe, rows(), retry_for_s=1.0)
    assert re.search(TRAINERS[trainer].dead, outcome.get("raised", "")), outcome


@pytest.mark.parametrize("spoilt", [HANGS, NOT_A_NUMBER])
def test_what_cannot_be_scored_neither_freezes_a_run_nor_reaches_it(
    trainer: str, driver: Any, service: int, spoilt: str
) -> None:
    asked = rows()
    good = scored(f"http://127.0.0.1:{service}", "texts", asked)
    asked[SPOILT] = replace(asked[SPOILT], completion=f"{asked[SPOILT].completion} {spoilt}")
    outcome = driver(trainer)(
        f"http://127.0.0.1:{service}", "texts", asked, value=STAND_IN, deadline_ms=8_000
    )
    rewards = outcome.get("rewards")
    assert rewards is not None, outcome
    assert all(map(math.isfinite, rewards))
    assert rewards[SPOILT] == pytest.approx(STAND_IN)
    # A thread that hangs keeps those that its group has behind it.
    others = [i for i, row in enumerate(asked) if row.group != asked[SPOILT].group]
    assert [rewards[i] for i in others] == pytest.approx([good[i] for i in others], abs=1e-6)
