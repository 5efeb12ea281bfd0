"""Ten times what fits at once: every request is answered, none is lost, none gets a made-up 0."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from harmo.app.settings import Settings
from tests.app.serving import Serving, body, group

SENT = 120
FIT = 12


@pytest.mark.asyncio(loop_scope="module")
async def test_accepted_and_shed_are_all_that_was_sent() -> None:
    settings = Settings(
        recipes=("math",), workers=1, max_in_flight_completions=FIT, max_remembered_bytes=0
    )
    # An expression pair that the quick path leaves to a worker, so that requests overlap.
    hard = "\\boxed{500 \\text{ cm}}"
    asked = body(group(hard, "4", reference="5 \\text{ m}"), recipe="math")
    async with Serving(settings) as http:
        answers = await asyncio.gather(*(http.post("/score", json=asked) for _ in range(SENT)))
        statuses = Counter(answer.status_code for answer in answers)
        assert set(statuses) == {200, 429}
        assert sum(statuses.values()) == SENT
        assert all("Retry-After" in a.headers for a in answers if a.status_code == 429)
        rewards = {
            tuple(c["reward"] for c in answer.json()["groups"][0]["completions"])
            for answer in answers
            if answer.status_code == 200
        }
        assert len(rewards) == 1, "the same request has the same rewards, however busy the service"
        assert (await http.get("/readyz")).status_code == 200
        assert "harmo_completions_in_flight 0.0" in (await http.get("/metrics")).text
