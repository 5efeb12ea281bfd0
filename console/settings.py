"""Settings of the console: flags, then HARMO_... in the environment."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from harmo.app.cli.options import URL_VARIABLE, address, authorization
from harmo.app.keys import ApiKey
from harmo.audit.read import Reader

PASSWORD_VARIABLE = "HARMO_CONSOLE_PASSWORD"  # noqa: S105 - a variable's name
AUDIT_VARIABLE = "HARMO_AUDIT"
_LEAST_CHARS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one console runs."""

    audit: Path | None = None
    """Folder of the store; None leaves the playground alone."""
    service: httpx.URL | None = None
    """Base address of the running service."""
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """What the service is asked with; no page sees it."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8600
    """0 picks a free port."""
    password: str | None = field(default=None, repr=False)
    """What opens the pages."""
    keys: tuple[ApiKey, ...] = field(default=(), repr=False)
    """Further things that open them."""

    @property
    def guarded(self) -> bool:
        """True if visitors must say a password or a key."""
        return self.password is not None or bool(self.keys)


def gathered(
    *,
    audit: Path | None,
    service: str | None,
    host: str,
    port: int,
    password_file: Path | None,
    keys_file: Path | None,
    token: str | None,
) -> Settings:
    """The settings of a command line; a ValueError says what does not go together."""
    audit = audit or _path(os.environ.get(AUDIT_VARIABLE))
    if audit is not None:
        # Whoever names a wrong folder hears it here, not on a page.
        Reader(audit).close()
    named = service or os.environ.get(URL_VARIABLE)
    settings = Settings(
        audit=audit,
        service=address(named) if named else None,
        headers=dict(authorization(token)) if named else {},
        host=host,
        port=port,
        password=_password(password_file),
        keys=_keys(keys_file),
    )
    if not settings.guarded and not is_loopback(host):
        raise ValueError(
            f"--host {host} lets others in, and nothing asks them who they are: set "
            f"{PASSWORD_VARIABLE}, or --password-file or --keys-file, or leave --host out and "
            "forward the port"
        )
    return settings


def is_loopback(host: str) -> bool:
    """True if nobody but this machine reaches the address."""
    name = host.strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _password(file: Path | None) -> str | None:
    if file is not None:
        first, _, _ = file.read_text(encoding="utf-8").partition("\n")
        given, where = first.strip(), str(file)
    else:
        given, where = os.environ.get(PASSWORD_VARIABLE, "").strip(), PASSWORD_VARIABLE
        if PASSWORD_VARIABLE not in os.environ:
            return None
    if len(given) < _LEAST_CHARS:
        raise ValueError(f"{where} holds a password of fewer than {_LEAST_CHARS} characters")
    return given


def _keys(file: Path | None) -> tuple[ApiKey, ...]:
    if file is None:
        return ()
    lines = file.read_text(encoding="utf-8").splitlines()
    keys = tuple(ApiKey.parse(line) for line in lines if line.strip() and line.strip()[0] != "#")
    if not keys:
        raise ValueError(f"{file} holds no key")
    return keys
