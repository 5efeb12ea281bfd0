"""The YAML file of harmo-train: what to train, on what, rewarded by whom."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FILE_SUFFIXES = (".jsonl", ".parquet")
Several = Annotated[list[str], BeforeValidator(lambda v: [v] if isinstance(v, str) else v)]
"""A list; one alone may stand without brackets."""


class ConfigError(Exception):
    """The run cannot start as configured; the message says what to change."""


class Section(BaseModel):
    """Base of every section: closed, so that a misspelt field is named."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class DatasetConfig(Section):
    """Where the prompts come from and what their columns are called."""

    path: str
    """A .jsonl or .parquet file, or a dataset on the hub."""
    split: str = "train"
    """Split of a hub dataset; a slice such as `train[:1000]` works."""
    eval_path: str | None = None
    """Held-out prompts, as `path` and with the same columns; default with `eval_split`: `path`."""
    eval_split: str | None = None
    """Split of a hub dataset to evaluate on, such as `test`; default: `split`."""
    prompt: str = "prompt"
    """Column with the prompt: a string (becomes one user message) or chat messages."""
    images: str | None = None
    """Column with a picture or a list of them; paths are relative to the dataset file."""
    reference: str | None = None
    """Column with the ground truth that rules read; default: `reference`, if there."""
    references: dict[str, str] = Field(default_factory=dict)
    """Further ground truth: name on the wire to column, e.g. `{caption: caption}`."""
    task: str | None = None
    """Column with the task word of `rule.by_task`; default: `task`, if there."""
    constraints: str | None = None
    """Column with the instructions to check; default: `constraints`, if there."""
    system: str | None = None
    """System message put before prompts that are strings."""

    @property
    def held_out(self) -> DatasetConfig | None:
        """The dataset to evaluate on, or None."""
        if self.eval_path is None and self.eval_split is None:
            return None
        path, split = self.eval_path or self.path, self.eval_split or self.split
        return self.model_copy(update={"path": path, "split": split})

    @model_validator(mode="after")
    def _held_out_is_another(self) -> DatasetConfig:
        if (held_out := self.held_out) and (held_out.path, held_out.split) == (
            self.path,
            self.split,
        ):
            raise ValueError("eval_path and eval_split name the rows that are trained on")
        if self.eval_split and Path(self.eval_path or self.path).suffix in FILE_SUFFIXES:
            raise ValueError("a file has no splits: leave eval_split out and name eval_path")
        return self


class ServeConfig(Section):
    """A service for this run alone: `harmo serve` beside it, on a free loopback port."""

    recipe: Several = Field(default_factory=list)
    """Recipe files or shipped names, the first is the default; `math` where there is no model."""
    model: Several = Field(default_factory=list)
    """Reward models, `[NAME=]DIR` or hub ids."""
    encoder: Several = Field(default_factory=list)
    """Encoders, `[NAME=]DIR` or hub ids."""
    device: str | None = None
    """Where its models run: `auto`, `cpu`, `cuda` or `cuda:N`."""
    tokenizer: str | None = None
    """Directory or hub id of the tokenizer that counts what nobody counted."""
    workers: PositiveInt | None = None
    """Processes for isolated scorers."""
    config: Path | None = None
    """A YAML file of the service's settings; all of them also come from HARMO_..."""
    audit: bool = True
    """Keep every scored group in `output_dir/audit`, for `harmo console` and `harmo replay`."""


class ServiceConfig(Section):
    """The Harmo service, and what an outage or an unscored completion means."""

    url: str = Field(default="http://127.0.0.1:8000", pattern="^https?://.")
    """Address of the service; `--service` overrides it."""
    serve: ServeConfig | None = None
    """In place of `url`: start one for this run, and stop it at the end."""
    recipe: str | None = None
    """Recipe to score with; default: the service's default."""
    run: str | None = None
    """Name of the run in the service's metrics; default: the name of `output_dir`."""
    retry_budget_s: PositiveFloat = 600.0
    """How long to wait for a service that does not answer before stopping with a checkpoint."""
    on_unscored: Literal["skip", "group_mean", "stop"] = "skip"
    """`skip` leaves an unscored completion out of the update (TRL's None)."""
    stop_after_unscored: PositiveInt = 2
    """Stop when so many generations in a row bring no reward at all."""
    allow_version_change: bool = False
    """Go on when the recipe or its scorers change within the run, or before it is resumed."""

    @property
    def api_key(self) -> str | None:
        """The key from the environment variable HARMO_API_KEY; configs hold no secrets."""
        return os.environ.get("HARMO_API_KEY")

    @model_validator(mode="after")
    def _one_service(self) -> ServiceConfig:
        if self.serve is not None and "url" in self.model_fields_set:
            raise ValueError("url names a service and serve starts one: leave one of them out")
        return self


class TrainConfig(Section):
    """One run of harmo-train."""

    model: str
    """Directory or hub id of the policy, text or vision-language."""
    dataset: DatasetConfig
    prefix: str = ""
    """What the chat template opens in the prompt, e.g. `<think>\\n`; put before completions."""
    service: ServiceConfig = Field(default_factory=ServiceConfig)
    output_dir: Path
    """Checkpoints, `policy/`, metrics, curves, completions, rollouts and the recipe go here."""
    resume: bool = False
    """Continue from the last whole checkpoint in `output_dir`; `--resume` sets it too."""
    grpo: dict[str, Any] = Field(default_factory=dict)
    """Fields of trl.GRPOConfig, passed through."""
    lora: dict[str, Any] | None = None
    """Fields of peft.LoraConfig; without the section all weights are trained."""
    curves_every: PositiveInt = 20
    """Steps between two drawings of `curves.png`."""
    show_completions: int = Field(default=4, ge=0)
    """Rows of the completions table printed whenever the curves are drawn."""

    @property
    def run_name(self) -> str:
        """The run's name in the service's metrics."""
        return self.service.run or self.output_dir.name


def load_config(path: Path, *, service: str | None = None, resume: bool = False) -> TrainConfig:
    """The validated config; `service` and `resume` override the file where they are given.

    Raises ConfigError naming the field that is wrong.
    """
    import yaml

    try:
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not YAML: {error}") from error
    if not isinstance(fields, dict):
        raise ConfigError(f"{path} holds no mapping; it needs at least model, dataset, output_dir")
    if service:
        # A service that is named is not started.
        written = {k: v for k, v in (fields.get("service") or {}).items() if k != "serve"}
        fields["service"] = {**written, "url": service}
    if resume:
        fields["resume"] = True
    try:
        return TrainConfig.model_validate(fields)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_mistakes(error)}") from error


def _first_mistakes(error: ValidationError, limit: int = 3) -> str:
    mistakes = [
        f"{'.'.join(map(str, mistake['loc']))}: {_in_words(mistake)}"
        for mistake in error.errors()[:limit]
    ]
    return "; ".join(mistakes)


def _in_words(mistake: ErrorDetails) -> str:
    """What is wrong with a field, without the validator's own terms."""
    match mistake["type"]:
        case "extra_forbidden":
            return "there is no such field"
        case "missing":
            return "is missing"
        case "value_error":
            return str(mistake["ctx"]["error"])
        case "model_type" | "dict_type":
            return f"must be a mapping, got {mistake['input']!r}"
        case _:
            told = mistake["msg"].replace("Input should be", "must be").partition(", unable")[0]
            return f"{told}, got {mistake['input']!r}"
