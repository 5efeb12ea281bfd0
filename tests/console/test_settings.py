"""What a command line of the console comes to, and what does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmo.audit.errors import StoreError
from harmo.console.settings import Settings, gathered, is_loopback
from tests.process import HARMO, run


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HARMO_AUDIT", "HARMO_URL", "HARMO_API_KEY", "HARMO_CONSOLE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def made(**changes: object) -> Settings:
    given = {
        "audit": None, "service": None, "host": "127.0.0.1", "port": 8600,
        "password_file": None, "keys_file": None, "token": None,
    }  # fmt: skip
    return gathered(**given | changes)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("lab.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("2130706433", False),
    ],
)
def test_what_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_others_are_let_in_with_a_password_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="set HARMO_CONSOLE_PASSWORD"):
        made(host="0.0.0.0")
    monkeypatch.setenv("HARMO_CONSOLE_PASSWORD", "open sesame")
    assert made(host="0.0.0.0").password == "open sesame"
    monkeypatch.delenv("HARMO_CONSOLE_PASSWORD")
    keys = tmp_path / "keys"
    keys.write_text("# who\nkey-one\n\nkey-two:math\n")
    assert len(made(host="0.0.0.0", keys_file=keys).keys) == 2


@pytest.mark.parametrize("word", ["", "short", "       "])
def test_a_password_is_long_enough(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("HARMO_CONSOLE_PASSWORD", word)
    with pytest.raises(ValueError, match="fewer than 8 characters"):
        made()


def test_a_file_of_keys_holds_one(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("# none\n")
    with pytest.raises(ValueError, match="holds no key"):
        made(keys_file=tmp_path / "keys")


def test_a_folder_without_a_store_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"audit\.sqlite"):
        made(audit=tmp_path)


def test_secrets_are_not_in_what_settings_say_of_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HARMO_CONSOLE_PASSWORD", "open sesame")
    monkeypatch.setenv("HARMO_API_KEY", "key-of-the-service")
    said = repr(made(service="http://127.0.0.1:8000"))
    assert "sesame" not in said
    assert "key-of" not in said


def test_a_key_goes_to_the_service_that_was_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARMO_API_KEY", "key-of-the-service")
    assert made().headers == {}
    assert made(service="lab.example:8000").headers == {
        "Authorization": "Bearer key-of-the-service"
    }


def test_the_command_refuses_in_one_sentence() -> None:
    done = run(HARMO, "console", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("harmo: --host 0.0.0.0 lets others in")
