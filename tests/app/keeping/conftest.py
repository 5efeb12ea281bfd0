"""A store of tests, and a service's haste in all that it waits for."""

from __future__ import annotations

import pytest

from harmo.app.keeping import keeper as keeper_module
from harmo.app.keeping import writing
from harmo.app.metrics import Metrics
from harmo.app.metrics.audit import AuditMetrics
from tests.app.keeping.disk import Disk


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(writing, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(keeper_module, "FINISH_S", 0.3)
    monkeypatch.setattr(keeper_module, "SOON_S", 0.2)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def metrics() -> AuditMetrics:
    return Metrics("0").audit
