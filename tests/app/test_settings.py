"""Settings say where a value that does not fit came from, and never show a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmo.app.settings import Settings, SettingsError


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HARMO_PORT", "HARMO_RECIPES", "HARMO_WORKERS", "HARMO_API_KEYS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("flag", "variable", "written", "port"),
    [
        (1, "2", 3, 1),
        (None, "2", 3, 2),
        (None, None, 3, 3),
        (None, None, None, 8000),
    ],
)
def test_flags_win_over_the_environment_and_that_over_the_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flag: int | None,
    variable: str | None,
    written: int | None,
    port: int,
) -> None:
    (tmp_path / "f.yaml").write_text("" if written is None else f"port: {written}")
    if variable is not None:
        monkeypatch.setenv("HARMO_PORT", variable)
    assert Settings.from_file(tmp_path / "f.yaml", port=flag).port == port


@pytest.mark.parametrize(
    ("value", "recipes"),
    [
        ("math", ("math",)),
        ("math, ocr", ("math", "ocr")),
        ('["math", "ocr"]', ("math", "ocr")),
        ("", ()),
    ],
)
def test_a_list_in_the_environment_is_json_or_has_commas(
    monkeypatch: pytest.MonkeyPatch, value: str, recipes: tuple[str, ...]
) -> None:
    monkeypatch.setenv("HARMO_RECIPES", value)
    assert Settings.from_file(None).recipes == recipes


def test_every_source_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("port: x\nworkers: 0\nwokers: 1")
    monkeypatch.setenv("HARMO_WORKERS", "no")
    with pytest.raises(SettingsError) as caught:
        Settings.from_file(file, log_level="loud", models=[1])
    faults = dict(line.rsplit(": ", 1) for line in str(caught.value).split("; "))
    assert set(faults) == {
        f"{file}: port",
        "HARMO_WORKERS",
        f"{file}: wokers",
        "--log-level",
        "--model",
    }


def test_a_key_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("api_keys: [1234567]")
    with pytest.raises(SettingsError, match="api_keys: Input should be a valid string") as caught:
        Settings.from_file(file)
    assert "1234567" not in str(caught.value)
