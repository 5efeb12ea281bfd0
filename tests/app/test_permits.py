"""Permits."""

from __future__ import annotations

import pytest

from harmo.app.errors import ServiceError
from harmo.app.permits import Limit, Permits
from harmo.app.shed import ShedReason


def permits(total: int, share: float = 1.0) -> Permits:
    reason = ShedReason.COMPLETIONS
    limit = Limit(total=total, what="in flight", setting="max", reason=reason, share=share)
    return Permits(limit)


def test_permits_are_given_back_after_an_error() -> None:
    held = permits(2)
    with pytest.raises(KeyError), held.hold("a", 2):
        raise KeyError
    assert held.taken == 0


def test_one_request_larger_than_the_limit_passes_when_idle() -> None:
    held = permits(2)
    with held.hold("a", 5), pytest.raises(ServiceError, match="in flight"):
        held.hold("b", 1)
