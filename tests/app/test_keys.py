"""API keys."""

from __future__ import annotations

import pytest

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keys import ApiKey, Doorkeeper
from harmo.app.settings import Settings


def test_no_keys_leaves_every_route_open() -> None:
    assert Doorkeeper([]).identify(None) is None


def test_a_key_may_be_limited_to_recipes() -> None:
    key = Doorkeeper([ApiKey.parse("k:math|vqa")]).identify("Bearer k")
    Doorkeeper.allow(key, "vqa")
    with pytest.raises(ServiceError) as refused:
        Doorkeeper.allow(key, "other")
    assert refused.value.type is ErrorType.FORBIDDEN


def test_keys_are_not_kept_in_clear() -> None:
    assert "secret" not in repr(ApiKey.parse("secret"))


@pytest.mark.parametrize("text", [":math", "", "ключ", "two words"])
def test_a_key_that_no_header_can_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        ApiKey.parse(text)


def test_a_key_for_an_unknown_recipe_is_refused_and_no_part_of_it_is_said() -> None:
    keys = [ApiKey.parse("fine:math"), ApiKey.parse("hunter2:swordfish|math")]
    with pytest.raises(ValueError, match=r"API key 2 of 2 .* not loaded; loaded: math") as refused:
        Doorkeeper(keys).require_known(["math"])
    assert "hunter2" not in str(refused.value)
    assert "swordfish" not in str(refused.value)


@pytest.mark.parametrize("text", ["two words:swordfish", ":swordfish", "ключ:swordfish"])
def test_a_key_that_cannot_be_read_is_not_said(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII") as refused:
        ApiKey.parse(text)
    assert "swordfish" not in str(refused.value)


def test_keys_are_not_in_what_settings_say_of_themselves() -> None:
    assert "swordfish" not in repr(Settings(api_keys=("swordfish",)))
