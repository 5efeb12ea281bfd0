"""Servers that several tests share. What a test kills it starts for itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.cluster import Server, installed, started

RECIPES = {
    "maths": "rule: [{scorer: rule.math}]\n",
    "threaded": "rule: [{scorer: rule.faulty}]\n",
    "awaited": "rule: [{scorer: rule.faulty_later}]\n",
    "isolated": "rule: [{scorer: rule.faulty_isolated}]\n",
    "grouped": "rule: [{scorer: rule.faulty_group}]\n",
    "beside": "rule: [{scorer: rule.math}]\naspect: [{scorer: aspect.counted}]\n"
    "shadow: [{scorer: rule.faulty}]\n",
    "counted": "aspect: [{scorer: aspect.counted}]\n",
    "wordy": "aspect: [{scorer: aspect.wordy}]\n",
    "held-thread": "aspect: [{scorer: aspect.held_thread}]\n",
    "held": "aspect: [{scorer: aspect.held}]\n",
    "slow": "aspect: [{scorer: aspect.slow}]\n",
    "hard": "aspect: [{scorer: aspect.hard}]\n",
    "held-isolated": "aspect: [{scorer: aspect.held_isolated}]\n",
}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the plugin package of faults is installed."""
    return installed(tmp_path_factory.mktemp("reliability") / "site")


@pytest.fixture(scope="session")
def server(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two workers whose recipes break at a completion's word."""
    folder = tmp_path_factory.mktemp("server")
    with started(folder, RECIPES, site, worker_memory_bytes=1 << 30) as running:
        yield running
