"""API keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keys import ApiKey, Doorkeeper
from harmo.app.settings import Settings
from harmo.app.startup import build


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


@pytest.mark.parametrize("text", ["swordfish:", "swordfish:|"])
def test_a_key_with_an_empty_list_of_recipes_does_not_open_them_all(text: str) -> None:
    with pytest.raises(ValueError, match="names no recipe") as refused:
        ApiKey.parse(text)
    assert "swordfish" not in str(refused.value)


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


def test_keys_of_a_file_are_those_of_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("# ours\na\r\n\n  b:math \n  #old\n")
    service = build(Settings(api_keys_file=file, api_keys=("c",)))
    assert all(service.doorkeeper.identify(f"Bearer {key}") for key in "abc")
    with pytest.raises(ServiceError):
        service.doorkeeper.identify("Bearer #old")


@pytest.mark.parametrize("text", ["", "\n \n", "# a\n"])
def test_a_file_of_keys_without_a_key_opens_nothing(text: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    with pytest.raises(ValueError, match="no key in it"):
        build(Settings(api_keys_file=file))
