"""The ports that tests start their servers on."""

from __future__ import annotations

from tests.process import free_port


def test_no_port_is_given_twice_before_it_can_be_used() -> None:
    """An nginx that was given one for two of its addresses never answered."""
    assert len({free_port() for _ in range(500)}) == 500
