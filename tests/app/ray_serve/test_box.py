"""What a Ray of our own finds in its environment."""

from __future__ import annotations

import pytest

from harmo.app.ray_serve.box import environment


def test_every_start_has_a_token_of_its_own() -> None:
    first, second = environment({}), environment({})
    assert first["RAY_AUTH_MODE"] == "token"
    assert len(first["RAY_AUTH_TOKEN"]) > 32
    assert first["RAY_AUTH_TOKEN"] != second["RAY_AUTH_TOKEN"]


@pytest.mark.parametrize("name", ["RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"])
def test_a_token_that_is_given_stays(name: str) -> None:
    assert "RAY_AUTH_TOKEN" not in environment({name: "given"})


def test_authentication_cannot_be_off() -> None:
    assert environment({"RAY_AUTH_MODE": "disabled"})["RAY_AUTH_MODE"] == "token"
