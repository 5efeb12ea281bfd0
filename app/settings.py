"""Settings: flags, HARMO_... in the environment, or a YAML file; flags win."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from harmo.audit.records import Texts
from harmo.models.documents import DocumentError, Fault, faults, parse_yaml, read_text

PREFIX = "HARMO_"
_REPEATED = ("recipes", "models", "encoders")
"""Settings that are lists, whose flags are given once for each."""


class SettingsError(ValueError):
    """A setting does not fit; the message names its flag, its variable or its file."""


def _listed(value: object) -> object:
    """The items of a list that the environment holds: JSON, or with commas between them."""
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    try:
        return tuple(json.loads(value))
    except json.JSONDecodeError:
        raise ValueError("not a JSON list; separate several by commas") from None


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
AuditMode = Literal["prompt", "strict"]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)
]


class Settings(BaseSettings):
    """How one service runs."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", use_attribute_docstrings=True, frozen=True
    )

    host: str = "127.0.0.1"
    """Address to listen on; loopback unless said otherwise."""
    port: int = Field(default=8000, ge=0, le=65_535)
    """0 picks a free port."""
    root_path: str = ""
    """Path under which a proxy serves this, e.g. `/rewards`; for addresses that are shown."""
    recipes: Names = ()
    """Recipe files, or names of shipped recipes; the first is the default."""
    models: Names = ()
    """Reward models to host: DIR, hub id, or NAME=DIR."""
    encoders: Names = ()
    """Sentence or text-image encoders besides the embedded one: NAME=DIR."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    tokenizer: str | None = None
    """Tokenizer directory or hub id, to count tokens where trainers send none."""
    sandbox_url: str | None = None
    """SandboxFusion endpoint that runs code for `rule.code`; nothing runs here."""

    api_keys: Names = Field(default=(), repr=False)
    """Accepted bearer keys, `KEY` or `KEY:recipe1|recipe2`; none leaves every route open."""
    api_keys_file: Path | None = None
    """One key a line, as in `api_keys`."""
    public_docs: bool = True
    """`/`, `/docs` and `/openapi.json` answer without a key."""
    public_metrics: bool = True
    """`/metrics` answers without a key."""

    max_connections: int | None = Field(default=None, ge=1)
    """Open connections; beyond it the one that has waited longest without a whole request is
    closed. None: as many as the limit of open files leaves room for, at most 16,384."""
    max_connections_per_address: int | None = Field(default=None, ge=1)
    """The same for those of one address, loopback and proxies too. None: no limit of its own."""
    spare_files: int = Field(default=64, ge=16)
    """Open files that connections leave to models, workers and libraries."""
    head_timeout_s: float = Field(default=10.0, gt=0)
    """Connections are closed whose request line and headers take longer."""
    keep_alive_timeout_s: float = Field(default=75.0, gt=0)
    """Connections are closed that are idle for longer; more than your proxy's own limit."""
    write_timeout_s: float = Field(default=60.0, gt=0)
    """Connections are closed whose client takes longer to read its answer."""

    max_body_bytes: int = Field(default=64 << 20, ge=1024)
    """Larger bodies get 413."""
    body_timeout_s: float = Field(default=30.0, gt=0)
    """Slower bodies get 408."""
    max_completions: int = Field(default=4096, ge=1)
    """Completions in one request; more get 413."""
    max_groups: int = Field(default=1024, ge=1)
    """Groups in one request; more get 413."""
    max_images: int = Field(default=1024, ge=0)
    """Images in one request; more get 413."""
    max_values: int = Field(default=500_000, ge=100)
    """JSON values in one body; more get 413 before anything is built of them."""
    max_messages: int = Field(default=100_000, ge=1)
    """Turns in one request, with every further part and tool call of a turn; more get 413."""
    max_constraints: int = Field(default=65_536, ge=1)
    """Instructions in one request, each times the completions it checks; more get 413."""
    max_references: int = Field(default=262_144, ge=1)
    """References in one request, each times the completions it judges; more get 413."""
    max_in_flight_completions: int = Field(default=16_384, ge=1)
    """Completions being scored at once; more get 429."""
    max_in_flight_bytes: int = Field(default=512 << 20, ge=1024)
    """Bodies being read and requests being answered: their bytes, and 256 a value; more get 429."""
    max_waiting_members: int = Field(default=16_384, ge=1)
    """Members that wait for the rest of their group; more get 429."""
    caller_share: float = Field(default=0.5, gt=0, le=1)
    """The part of the three limits above that one of several API keys may hold."""
    max_completion_chars: int = Field(default=400_000, ge=1)
    """A longer completion is unscored with `completion_too_long`."""
    max_image_bytes: int = Field(default=16 << 20, ge=1)
    """Larger images leave their group unscored with `unreadable_image`."""
    max_image_pixels: int = Field(default=16_000_000, ge=1)
    """Width times height; larger images leave their group unscored."""
    image_timeout_s: float = Field(default=5.0, gt=0)
    """CPU time to decode one image; slower ones leave their group unscored."""
    deadline_ms: int = Field(default=120_000, ge=1)
    """Time for one request where `X-Deadline-Ms` says nothing."""
    workers: int = Field(default=2, ge=1)
    """Processes for isolated scorers."""
    worker_memory_bytes: int = Field(default=2 << 30, ge=512 << 20)
    """Address space of one worker process."""
    max_remembered_bytes: int = Field(default=64 << 20, ge=0)
    """Of workers' scores, kept for texts that come again; 0 keeps none."""
    drain_wait_s: float = Field(default=5.0, ge=0)
    """After SIGTERM, time with `/readyz` at 503 in which requests are still taken."""
    drain_timeout_s: float = Field(default=30.0, ge=0)
    """After that wait, time for requests in flight."""
    canary_s: float = Field(default=30.0, ge=0)
    """How often a group of ours is scored through everything, for `/readyz` to know; 0: never."""
    fatal_after_s: float = Field(default=600.0, ge=0)
    """A service that was ready and has had a fault for so long ends with exit code 3; 0: never."""
    log_level: LogLevel = "info"

    audit: Path | None = None
    """Folder of the store that keeps every scored group; None keeps nothing."""
    audit_mode: AuditMode = "prompt"
    """`prompt`: answers wait for nothing, and what there is no room for is counted. `strict`: an
    answer waits until its groups are on the disk; while they cannot be kept requests get 503."""
    audit_texts: Texts = "full"
    """What is kept of prompts, completions and pictures: all, sha256 of completions, or nothing."""
    audit_detail: bool = True
    """Keep the evidence that scorers give with their scores."""
    audit_max_bytes: int = Field(default=10 << 30, ge=1 << 20)
    """Of the store; beyond it whole runs are dropped, the oldest first."""
    audit_max_days: float | None = Field(default=None, gt=0)
    """Runs are dropped that were last scored longer ago. None: only `audit_max_bytes` counts."""
    audit_backlog_bytes: int = Field(default=128 << 20, ge=1 << 20)
    """Memory for groups that wait to be written; beyond it `prompt` drops, `strict` answers 429."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment."""
        del settings_cls, dotenv_settings, file_secret_settings
        return (init_settings, env_settings)

    @classmethod
    def from_file(cls, path: Path | None, **flags: object) -> Settings:
        """Settings from a YAML file beneath environment and flags.

        Args:
            path: The file, or None.
            **flags: Values that win over everything; None for a flag that was not given.

        Raises:
            DocumentError: If the file cannot be read or is no mapping.
            SettingsError: If a value does not fit its field; says where it came from.
        """
        given = {key: value for key, value in flags.items() if value is not None}
        written = {} if path is None else _fields(path)
        set_by = {key.upper() for key in os.environ}
        unset = {k: v for k, v in written.items() if f"{PREFIX}{k}".upper() not in set_by}
        try:
            return cls(**{**unset, **given})  # type: ignore[arg-type]  # checked by pydantic
        except ValidationError as error:
            wrong = (_said(fault, given, unset, path) for fault in faults(error, None))
            raise SettingsError("; ".join(wrong)) from None


def _fields(path: Path) -> Mapping[str, object]:
    written = parse_yaml(read_text(path), source=str(path))
    if written is None:
        return {}
    if not isinstance(written, dict) or not all(isinstance(key, str) for key in written):
        raise DocumentError(f"{path}: settings are a mapping, such as `port: 8000`")
    return written


def _said(
    fault: Fault, given: Mapping[str, object], written: Mapping[str, object], path: Path | None
) -> str:
    """A fault with the flag, the variable or the line of the file that it comes from."""
    name = fault.field.partition(".")[0]
    if name in given:
        flag = name.removesuffix("s") if name in _REPEATED else name
        source = f"--{flag.replace('_', '-')}"
    elif name in written:
        source = f"{path}: {name}"
    else:
        source = f"{PREFIX}{name.upper()}"
    secret = name.startswith("api_keys")
    return str(replace(fault, field=source, got="" if secret else fault.got))
