"""A store to look at, and one that a hostile policy wrote into."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.made import made_store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, exp-1 and exp-2; nobody may change it."""
    return made_store(tmp_path_factory.mktemp("kept"), groups=200)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with texts that attack whoever reads them."""
    return made_store(tmp_path_factory.mktemp("hostile"), groups=120, hostile=True)
