"""slime: its reward hub from a checkout; it is on no package index."""

from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace
from typing import Any

from slime.rollout import rm_hub
from slime.rollout.rm_hub import async_rm, batched_async_rm
from slime.utils.types import Sample

from tests.conformance.drivers.driving import Ask, Row, drive

PATIENT_S = 10.0
ADAPTER = "harmo_client.adapters.slime.custom_rm"


def sample(row: Row, number: int) -> Sample:
    """A row after generation."""
    return Sample(
        group_index=row.group,
        index=number,
        prompt=[{"role": "user", "content": row.prompt}],
        response=row.completion,
        response_length=len(row.completion),
        label=row.reference,
        status=Sample.Status.COMPLETED,
    )


def remote(ask: Ask) -> list[float]:
    """`--rm-type remote_rm`: one request a sample, all of them at once."""
    args = SimpleNamespace(rm_type="remote_rm", rm_url=ask.url("slime"), custom_rm_path=None)

    async def rollouts() -> list[float]:
        rm_hub._shared_session = None  # of the last event loop
        samples = [sample(row, i) for i, row in enumerate(ask.rows)]
        return await asyncio.gather(*(async_rm(args, each) for each in samples))

    return asyncio.run(rollouts())


def grouped(ask: Ask) -> list[float]:
    """`--custom-rm-path ... --group-rm`: one call a group."""
    for name, value in ask.settings.items():
        os.environ[f"HARMO_{name.upper()}"] = str(value)
    args = SimpleNamespace(rm_type=None, custom_rm_path=ADAPTER, reward_key=None)
    groups: dict[int, list[Sample]] = {}
    for i, row in enumerate(ask.rows):
        groups.setdefault(row.group, []).append(sample(row, i))

    async def rollouts() -> list[list[float]]:
        return await asyncio.gather(*(batched_async_rm(args, each) for each in groups.values()))

    return [reward for rewards in asyncio.run(rollouts()) for reward in rewards]


def score(ask: Ask) -> dict[str, Any]:
    """Both ways, which must agree."""
    if ask.retry_for_s < PATIENT_S:
        # Ten tries take minutes; two end as ten do.
        rm_hub.remote_rm.__defaults__ = (2,)
    by_url, by_function = remote(ask), grouped(ask)
    if by_url != by_function:
        raise AssertionError(f"the URL says {by_url}, the function {by_function}")
    return {"rewards": by_url}


if __name__ == "__main__":
    drive(score)
