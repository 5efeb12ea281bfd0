"""Settings: flags, HARMO_... in the environment, or a YAML file; flags win."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)


class Settings(BaseSettings):
    """How one service runs."""

    model_config = SettingsConfigDict(
        env_prefix="HARMO_", extra="forbid", use_attribute_docstrings=True, frozen=True
    )

    host: str = "127.0.0.1"
    """Address to listen on; loopback unless said otherwise."""
    port: int = Field(default=8000, ge=0, le=65_535)
    """0 picks a free port."""
    root_path: str = ""
    """Path under which a proxy serves this, e.g. `/rewards`; for addresses that are shown."""
    recipes: tuple[str, ...] = ()
    """Recipe files, or names of shipped recipes; the first is the default."""
    models: tuple[str, ...] = ()
    """Reward models to host: DIR, hub id, or NAME=DIR."""
    encoders: tuple[str, ...] = ()
    """Sentence or text-image encoders besides the embedded one: NAME=DIR."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    tokenizer: str | None = None
    """Tokenizer directory or hub id, to count tokens where trainers send none."""
    sandbox_url: str | None = None
    """SandboxFusion endpoint that runs code for `rule.code`; nothing runs here."""

    api_keys: tuple[str, ...] = ()
    """Accepted bearer keys, `KEY` or `KEY:recipe1|recipe2`; none leaves every route open."""
    api_keys_file: Path | None = None
    """One key a line, as in `api_keys`."""

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
    max_in_flight_completions: int = Field(default=16_384, ge=1)
    """Completions being scored at once; more get 429."""
    max_completion_chars: int = Field(default=400_000, ge=1)
    """A longer completion is unscored with `completion_too_long`."""
    max_image_bytes: int = Field(default=16 << 20, ge=1)
    """Larger images leave their group unscored with `unreadable_image`."""
    max_image_pixels: int = Field(default=16_000_000, ge=1)
    """Width times height; larger images leave their group unscored."""
    deadline_ms: int = Field(default=120_000, ge=1)
    """Time for one request where `X-Deadline-Ms` says nothing."""
    workers: int = Field(default=2, ge=1)
    """Processes for isolated scorers."""
    worker_memory_bytes: int = Field(default=2 << 30, ge=256 << 20)
    """Address space of one worker process."""
    max_worker_queue: int = Field(default=8192, ge=1)
    """Isolated samples waiting at once; more abstain with `overloaded`."""
    drain_timeout_s: float = Field(default=30.0, ge=0)
    """Time for requests in flight after SIGTERM."""
    log_level: str = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file named by `--config`."""
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, YamlConfigSettingsSource(settings_cls))

    @classmethod
    def from_file(cls, path: Path | None, **flags: object) -> Settings:
        """Settings from a YAML file beneath environment and flags.

        Args:
            path: The file, or None.
            **flags: Values that win over everything.

        Raises:
            FileNotFoundError: If the file does not exist.
            ValidationError: If a value does not fit its field.
        """
        if path is None:
            return cls(**flags)  # type: ignore[arg-type]  # checked by pydantic
        if not path.is_file():
            raise FileNotFoundError(f"no settings file at {path}")

        class FromFile(cls):  # type: ignore[misc, valid-type]  # the file is a class setting
            model_config = SettingsConfigDict(yaml_file=path)

        return cls(**FromFile(**flags).model_dump())
