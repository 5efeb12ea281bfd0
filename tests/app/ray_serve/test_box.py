"""What a Ray of our own finds in its environment."""

from __future__ import annotations

import os
import sys

import pytest

from harmo.app.ray_serve.box import NotDeployedError, environment, run
from harmo.app.ray_serve.options import Options


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


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(os.environ).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(NotDeployedError, match=r"pip install 'harmo\[ray\]'"):
        run(Options(), port=1, num_cpus=None, folder=None)
