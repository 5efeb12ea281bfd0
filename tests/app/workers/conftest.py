from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.app.workers.jobs import Pool


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool(2)
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def one() -> AsyncIterator[Pool]:
    pool = Pool(1)
    yield pool
    await pool.close()
