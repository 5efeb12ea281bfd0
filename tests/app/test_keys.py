"""API keys."""

from __future__ import annotations

import pytest

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keys import ApiKey, Doorkeeper


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


def test_a_key_for_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(ValueError, match="no loaded recipe"):
        Doorkeeper([ApiKey.parse("team:secret")]).require_known(["math"])
