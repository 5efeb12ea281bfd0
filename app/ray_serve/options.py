"""What is deployed: the `args` of the Serve application, checked."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Ongoing = Annotated[float, Field(gt=0)]


class Share(BaseModel):
    """How many replicas a deployment has, and what each asks of its machine."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    replicas: int = Field(default=1, ge=1)
    """So many; the least where `max_replicas` says more."""
    max_replicas: int | None = Field(default=None, ge=1)
    """The most; None for always as many."""
    target_ongoing_requests: Ongoing = 16.0
    """What one replica should have in hand: requests of a gateway, groups of a model."""
    num_cpus: float = Field(default=1.0, ge=0)
    """CPU cores; Ray also makes it the number of threads that torch computes with."""
    num_gpus: float = Field(default=0.0, ge=0)
    """GPUs, or a fraction of one. It says what fits on a machine; it bounds no memory."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.max_replicas is not None and self.max_replicas < self.replicas:
            raise ValueError(f"max_replicas {self.max_replicas} is below replicas {self.replicas}")
        return self


class Hosted(Share):
    """One reward model and its replicas."""

    path: str
    """Directory or hub id, as for `harmo serve --model`; every machine finds it there."""
    device: str = "auto"
    """`auto`, `cpu` or `cuda`; Ray shows a replica the GPUs it was given."""


class Options(BaseModel):
    """The whole application."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    settings: dict[str, object] = Field(default_factory=dict)
    """Of each gateway, by the names of `app/settings.py`; what HARMO_... says comes below."""
    gateway: Share = Share()
    models: dict[str, Hosted] = Field(default_factory=dict)
    """By the name that recipes know them by."""

    @model_validator(mode="after")
    def _models_stand_apart(self) -> Self:
        if self.settings.get("models"):
            raise ValueError(
                "settings.models would be loaded by every gateway; name them under models"
            )
        return self
