from __future__ import annotations

import pytest

from harmo_client.adapters.core.settings import Settings, settings

URL = {"url": "http://service:8000"}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HARMO_{name.upper()}", raising=False)


def test_what_is_given_goes_before_the_environment_and_that_before_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    defaults = {"recipe": "default", "run": "default", "timeout_s": 9.0}
    monkeypatch.setenv("HARMO_RECIPE", "environment")
    monkeypatch.setenv("HARMO_RUN", "environment")
    chosen = settings({**URL, "recipe": "given", "run": None}, defaults=defaults)
    assert (chosen.recipe, chosen.run, chosen.timeout_s) == ("given", "environment", 9.0)


def test_the_environment_holds_text_and_the_settings_hold_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, text in {
        "URL": "http://service:8000",
        "GROUP_SIZE": "8",
        "ON_UNSCORED": "value",
        "UNSCORED_VALUE": "-0.5",
        "REFERENCES": '{"caption": "caption_en"}',
        "RECIPE": "",
    }.items():
        monkeypatch.setenv(f"HARMO_{name}", text)
    chosen = settings()
    assert chosen.group_size == 8
    assert chosen.unscored.unscored_value == -0.5
    assert chosen.fields.references == {"caption": "caption_en"}
    assert chosen.recipe is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "HARMO_URL"),
        ({"url": "service:8000"}, "http://HOST:PORT"),
        ({**URL, "group_sise": 8}, "no setting 'group_sise'; there are url"),
        ({**URL, "group_size": 0}, "setting group_size"),
        ({**URL, "on_unscored": "zero"}, "setting on_unscored"),
        ({**URL, "on_unscored": "value"}, "the number goes with 'value'"),
        ({**URL, "unscored_value": 0.0}, "the number goes with 'value'"),
        ({**URL, "on_unscored": "value", "unscored_value": float("nan")}, "finite"),
        ({**URL, "on_unscored": "skip"}, "it cannot; choose group_mean, stop or value"),
    ],
)
def test_a_setting_that_does_not_fit_says_what_to_write(
    given: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        settings(given, no_skip="it cannot")


def test_the_key_is_in_no_message() -> None:
    assert "secret" not in repr(settings({**URL, "api_key": "secret"}))
    with pytest.raises(ValueError, match="timeout_s") as raised:
        settings({**URL, "api_key": "secret", "timeout_s": -1})
    assert "secret" not in str(raised.value)
