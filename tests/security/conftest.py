from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.target import Target, attacked


@pytest.fixture(scope="package")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One service for the attacks that need no settings: what one leaves, the next meets."""
    with attacked(tmp_path_factory.mktemp("attacked")) as target:
        yield target
