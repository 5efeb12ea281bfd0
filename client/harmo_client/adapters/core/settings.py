"""What an adapter is told: by keyword where its trainer passes any, else by the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from harmo_client.adapters.core.rows import Fields
from harmo_client.adapters.unscored import OnUnscored, Unscored

PREFIX = "HARMO_"


class Settings(BaseModel):
    """How to ask the service. `group_size` is also HARMO_GROUP_SIZE in the environment, and so on.

    Adapters say which of these have another default with them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    url: str
    """Where the service is, e.g. `http://reward-host:8000`."""
    api_key: str | None = Field(default=None, repr=False)
    """Sent as a bearer token."""
    recipe: str | None = None
    """Name of a recipe; default: the service's."""
    run: str | None = Field(default=None, max_length=256)
    """Name of the training run: a metric label, and what keeps equal groups of two runs apart."""
    on_unscored: OnUnscored = "group_mean"
    """What a sample without a reward gets; see `harmo_client.adapters.unscored`."""
    unscored_value: float | None = Field(default=None, allow_inf_nan=False)
    """The number of `on_unscored=value`."""
    group_size: int | None = Field(default=None, ge=1, le=65_536)
    """Completions of one prompt: the service holds those that come alone for their siblings."""
    wait_for_group_ms: int = Field(default=60_000, ge=0, le=600_000)
    """How long it holds them."""
    reference: str | None = None
    """Dataset column with the ground truth; default: where the trainer keeps it."""
    references: Mapping[str, str] = Field(default_factory=dict)
    """Dataset column by the name that recipes use; in the environment a JSON object."""
    task: str | None = None
    """Dataset column with the task word; default: `task`, if there is one."""
    constraints: str | None = None
    """Dataset column with instructions to check; default: `constraints`, if there is one."""
    prefix: str = ""
    """What the chat template opened in the prompt, e.g. `<think>\\n`."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Limit of the generation, for trainers that count tokens but do not say what was truncated."""
    deadline_s: float | None = Field(default=None, gt=0)
    """How long the service may work on one request; default: its own deadline."""
    timeout_s: float = Field(default=150.0, gt=0)
    """Longest one attempt may take."""
    retry_for_s: float = Field(default=600.0, ge=0)
    """How long a service that is away is asked again; then an error ends the run."""
    in_flight: int | None = Field(default=None, ge=1)
    """Requests under way at once in one process; default: 4096, or half the files it may open."""

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address; write http://HOST:PORT")
        return str(httpx.URL(url))

    @field_validator("references", mode="before")
    @classmethod
    def _object(cls, value: object) -> object:
        return json.loads(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        _ = self.unscored
        return self

    @property
    def unscored(self) -> Unscored:
        """The choice, checked."""
        return Unscored(on_unscored=self.on_unscored, unscored_value=self.unscored_value)

    @property
    def fields(self) -> Fields:
        """Which dataset column holds what."""
        return Fields(
            reference=self.reference,
            references=self.references,
            task=self.task,
            constraints=self.constraints,
        )


def settings(
    given: Mapping[str, object] | None = None,
    *,
    no_skip: str | None = None,
    defaults: Mapping[str, object] | None = None,
) -> Settings:
    """The settings: what is given, else what the environment says, else the defaults.

    Args:
        given: By name; None values count as not given.
        no_skip: Why the trainer cannot leave a sample out, where it cannot.
        defaults: The adapter's own.

    Raises:
        ValueError: With the name, the value and what to write instead.
    """
    told = {key: value for key, value in (given or {}).items() if value is not None}
    named = {
        name: os.environ[PREFIX + name.upper()]
        for name in Settings.model_fields
        if os.environ.get(PREFIX + name.upper())
    }
    whole = {**(defaults or {}), **named, **told}
    if "url" not in whole:
        raise ValueError("where is the service? Give url=http://HOST:PORT or set HARMO_URL")
    try:
        chosen = Settings.model_validate(whole)
    except ValidationError as error:
        raise ValueError(_words(error)) from None
    if no_skip and chosen.on_unscored == "skip":
        raise ValueError(f"on_unscored=skip: {no_skip}; choose group_mean, stop or value")
    return chosen


def _words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    name = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"no setting {name!r}; there are {', '.join(Settings.model_fields)}"
    said = first["msg"].removeprefix("Value error, ")
    return f"setting {name}: {said}" if name else said
