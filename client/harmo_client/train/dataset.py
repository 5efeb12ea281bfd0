"""Rows of a JSONL or Parquet file or a hub dataset, shaped as TRL's GRPOTrainer wants them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harmo_client.train.config import FILE_SUFFIXES, ConfigError, DatasetConfig

if TYPE_CHECKING:
    from datasets import Dataset


def load_rows(config: DatasetConfig, *, chat: bool) -> Dataset:
    """The dataset with `prompt` and, where configured, `images`; its other columns untouched.

    With `chat` (the policy has a chat template) string prompts become messages.
    """
    return shape_rows(read_rows(config), config, chat=chat)


def read_rows(config: DatasetConfig) -> Dataset:
    """The rows as they lie there, with every column that the config names."""
    rows = _read(config)
    _require_columns(rows, config)
    return rows


def shape_rows(rows: Dataset, config: DatasetConfig, *, chat: bool) -> Dataset:
    """The rows of `read_rows` as TRL wants them; see `load_rows`."""
    if config.system and not chat:
        raise ConfigError("dataset.system: the policy has no chat template to put it into")
    rows = rows.map(
        _shape_prompt,
        input_columns=[config.prompt],
        fn_kwargs={"chat": chat, "system": config.system},
        remove_columns=[config.prompt],
    )
    return _shape_images(rows, config) if config.images else rows


def _read(config: DatasetConfig) -> Dataset:
    import pyarrow
    from datasets import Dataset, load_dataset
    from datasets.exceptions import DatasetGenerationError

    path = Path(config.path)
    if path.suffix in FILE_SUFFIXES and not path.is_file():
        raise ConfigError(f"dataset: no file {path}")
    try:
        if path.suffix == ".jsonl":
            rows = Dataset.from_dict(_columns(list(_json_lines(path))))
        elif path.suffix == ".parquet":
            rows = Dataset.from_parquet(str(path))
        else:
            rows = load_dataset(config.path, split=config.split)
    except (OSError, ValueError, pyarrow.ArrowException, DatasetGenerationError) as error:
        raise ConfigError(f"dataset: cannot load {config.path}: {error}") from error
    if len(rows) == 0:
        raise ConfigError(f"dataset: {config.path} has no rows")
    return rows


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ConfigError(f"{path} line {number} is not JSON: {error}") from error
            if not isinstance(row, dict):
                raise ConfigError(f"{path} line {number} is not a JSON object")
            yield row


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    # Not Dataset.from_list: it drops every column that the first row lacks.
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _require_columns(rows: Dataset, config: DatasetConfig) -> None:
    asked = [config.prompt, config.images, config.reference, config.task, config.constraints]
    asked += config.references.values()
    for column in filter(None, asked):
        if column not in rows.column_names:
            known = ", ".join(rows.column_names)
            raise ConfigError(f"dataset: no column {column!r} in {config.path}; it has {known}")


def _shape_prompt(prompt: object, *, chat: bool, system: str | None) -> dict[str, object]:
    if not isinstance(prompt, str) or not chat:
        return {"prompt": prompt}
    messages = [{"role": "user", "content": prompt}]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    return {"prompt": messages}


def _shape_images(rows: Dataset, config: DatasetConfig) -> Dataset:
    from datasets import Image, List

    folder = Path(config.path).parent
    if config.images != "images":
        rows = rows.rename_column(config.images, "images")
    stored = rows.features["images"]
    element = getattr(stored, "feature", stored)
    if getattr(element, "dtype", None) == "string":
        rows = rows.map(_resolve_paths, input_columns=["images"], fn_kwargs={"folder": folder})
    elif element is stored:
        rows = rows.map(_listed, input_columns=["images"])
    return rows.cast_column("images", List(Image()))


def _listed(image: object | None) -> dict[str, list[object]]:
    return {"images": [] if image is None else [image]}


def _resolve_paths(images: str | list[str] | None, *, folder: Path) -> dict[str, list[str]]:
    named = [images] if isinstance(images, str) else images or []
    paths = [folder / path for path in named]
    for path in paths:
        if not path.is_file():
            raise ConfigError(f"dataset: no picture {path}")
    return {"images": [str(path.resolve()) for path in paths]}
