"""Which columns of a dataset are what; the words are those of `dataset` in a harmo-train config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harmo.models.documents import DocumentError, parse_yaml, read_text, said

TRAINERS_SUFFIXES = (".yaml", ".yml")


class Columns(BaseModel):
    """Where rows lie and what their columns are called; one in a column is `outer.inner`."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    path: str
    """A .jsonl or .parquet file, or a dataset of the hub."""
    split: str = "train"
    """Split of a hub dataset."""
    prompt: str = "prompt"
    """Column with the prompt: a string or chat messages."""
    reference: str | None = None
    """Column with the ground truth; default: `reference`, if there."""
    references: dict[str, str] = Field(default_factory=dict)
    """Further ground truth: name on the wire to column; default: the column `references`."""
    task: str | None = None
    """Column with the task word; default: `task`, if there."""
    images: str | None = None
    """Column with a picture or a list of them; default: none are read."""
    constraints: str | None = None
    """Column with the instructions; default: `constraints`, if there."""
    system: str | None = None
    """System message put before prompts that are strings."""
    prefix: str = ""
    """What the chat template opens in the prompt."""
    recipe: str | None = None
    """Recipe that the trainer asks for."""


def columns(dataset: str, given: Mapping[str, object]) -> Columns:
    """The columns of a dataset, or of the one that a harmo-train config names.

    Args:
        dataset: A file, a dataset of the hub, or the config.
        given: Fields that were given on the command line; they win.

    Raises:
        DocumentError: If the config cannot be read, or a field does not fit.
    """
    fields: dict[str, object] = {"path": dataset}
    if Path(dataset).suffix in TRAINERS_SUFFIXES:
        fields = _of_trainer(Path(dataset))
    fields |= {name: value for name, value in given.items() if value}
    try:
        return Columns.model_validate(fields)
    except ValidationError as error:
        raise DocumentError(f"{dataset}: {said(error, fields)}") from None


def _of_trainer(config: Path) -> dict[str, object]:
    """The fields of a harmo-train config's `dataset`, its prefix and its recipe."""
    written = parse_yaml(read_text(config), source=str(config))
    dataset = written.get("dataset") if isinstance(written, dict) else None
    if not isinstance(written, dict) or not isinstance(dataset, dict):
        raise DocumentError(f"{config}: no config of harmo-train: it has no mapping 'dataset'")
    service = written.get("service")
    recipe = service.get("recipe") if isinstance(service, dict) else None
    return {**dataset, "prefix": written.get("prefix", ""), "recipe": recipe}
