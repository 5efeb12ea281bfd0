"""A seeded sample of the rows of a JSONL or Parquet file or a hub dataset."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from harmo.app.probe.dataset.columns import Columns
from harmo.app.probe.dataset.pictures import pictures
from harmo.models.documents import DocumentError, said
from harmo_client.wire import Completion, Group

FILE_SUFFIXES = (".jsonl", ".parquet")
OTHER_SUFFIXES = (".json", ".csv", ".tsv", ".arrow", ".gz", ".txt")
"""What no dataset of the hub is called."""
Numbered: TypeAlias = tuple[int, dict[str, Any]]
"""A row as it lies there, with its number."""
MAX_PROMPT_CHARS = 20_000
"""What the attacks read of a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a dataset."""

    number: int
    """Its place, from 1: the line of a JSONL file."""
    group: Group
    """All that a request says of it, without completions."""
    prompt: str = field(repr=False)
    """The text of the last user turn."""

    def asked(self, texts: Sequence[str]) -> Group:
        """The row with completions."""
        completions = [Completion(id=str(i), text=text) for i, text in enumerate(texts)]
        return self.group.model_copy(update={"completions": completions})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """Some rows of a dataset."""

    rows: Sequence[Row]
    """In the dataset's order."""
    of: int
    """How many it has."""


def sample(columns: Columns, *, count: int, seed: int) -> Sampled:
    """As many rows, drawn by the seed; all where there are no more.

    Args:
        columns: Where they lie and what their columns are.
        count: How many.
        seed: Of the draw.

    Raises:
        DocumentError: If the dataset cannot be read, lacks a column or has a row that no request
            could carry; names which.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret
    path = Path(columns.path)
    if path.suffix in FILE_SUFFIXES and not path.is_file():
        raise DocumentError(f"{path}: no such file")
    if path.suffix not in FILE_SUFFIXES and (path.exists() or path.suffix in OTHER_SUFFIXES):
        raise DocumentError(f"{path}: rows are read from {' or '.join(FILE_SUFFIXES)} files")
    if path.suffix == ".jsonl":
        drawn, total = _draw(_json_lines(path), count, draw)
    elif path.suffix == ".parquet":
        drawn, total = _draw(enumerate(_parquet(path), 1), count, draw)
    else:
        drawn, total = _hub(columns, count, draw)
    if not drawn:
        raise DocumentError(f"{columns.path} has no rows")
    known = dict.fromkeys(name for _, row in drawn for name in row)
    _require(columns, list(known))
    return Sampled(rows=[_row(number, row, columns) for number, row in drawn], of=total)


def _draw(rows: Iterable[Numbered], count: int, draw: random.Random) -> tuple[list[Numbered], int]:
    """A uniform sample in one pass (algorithm R), in order, and how many there were."""
    kept: list[Numbered] = []
    total = 0
    for total, row in enumerate(rows, 1):
        if len(kept) < count:
            kept.append(row)
        elif (place := draw.randrange(total)) < count:
            kept[place] = row
    return sorted(kept, key=lambda numbered: numbered[0]), total


def _json_lines(path: Path) -> Iterator[Numbered]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DocumentError(f"{path}:{number}: not JSON: {error}") from None
            if not isinstance(row, dict):
                raise DocumentError(f"{path}:{number}: a row is a JSON object")
            yield number, row


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    pyarrow = _library("pyarrow", f"{path} is Parquet")
    parquet = import_module("pyarrow.parquet")
    try:
        for batch in parquet.ParquetFile(path).iter_batches(batch_size=256):
            yield from batch.to_pylist()
    except pyarrow.ArrowException as error:
        raise DocumentError(f"{path}: no Parquet file: {error}") from None


def _hub(columns: Columns, count: int, draw: random.Random) -> tuple[list[Numbered], int]:
    """Only the rows that are drawn: each of the others may have pictures to decode."""
    what = f"{columns.path} is no .jsonl or .parquet file, so it is a dataset of the hub"
    datasets = _library("datasets", what)
    try:
        rows = datasets.load_dataset(columns.path, split=columns.split)
    except (OSError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise DocumentError(f"{columns.path}: no file, and the hub says: {why}") from None
    places = sorted(draw.sample(range(len(rows)), min(count, len(rows))))
    return [(place + 1, dict(rows[place])) for place in places], len(rows)


def _library(name: str, why: str) -> Any:  # noqa: ANN401 - a module without types
    try:
        return import_module(name)
    except ImportError:
        raise DocumentError(f"{why}: that needs `pip install {name}`") from None


def _require(columns: Columns, known: Sequence[str]) -> None:
    named = [columns.prompt, columns.images, columns.reference, columns.task, columns.constraints]
    for name in [*filter(None, named), *columns.references.values()]:
        if name not in known and name.partition(".")[0] not in known:
            flag = "--prompt" if name == columns.prompt else "a flag such as --reference"
            raise DocumentError(
                f"{columns.path} has no column {name!r}; it has {', '.join(known)}; "
                f"say with {flag} which one it is"
            )
    if columns.reference is None and "reference" not in known and "references" not in known:
        raise DocumentError(
            f"{columns.path} has no column 'reference'; it has {', '.join(known)}; "
            "say with --reference which one holds the right answer"
        )


def _row(number: int, row: Mapping[str, Any], columns: Columns) -> Row:
    named = {name: _cell(row, column) for name, column in columns.references.items()}
    metadata = row.get("metadata")
    prompt = _prompt(_cell(row, columns.prompt), columns)
    fields = {
        "id": str(number),
        "prompt": prompt,
        "completions": [],
        "prefix": columns.prefix,
        "reference": _cell(row, columns.reference or "reference"),
        "references": named or row.get("references") or {},
        "task": _cell(row, columns.task or "task"),
        "constraints": _cell(row, columns.constraints or "constraints"),
        "metadata": metadata if isinstance(metadata, Mapping) else {},
        "images": pictures(_cell(row, columns.images), Path(columns.path).parent, number),
    }
    try:
        group = Group.model_validate(fields)
    except ValidationError as error:
        raise DocumentError(f"{columns.path}: row {number}: {said(error, fields)}") from None
    return Row(number=number, group=group, prompt=_asked(prompt)[-MAX_PROMPT_CHARS:])


def _cell(row: Mapping[str, Any], column: str | None) -> Any:  # noqa: ANN401 - whatever lies there
    """A column's value; `outer.inner` looks into it."""
    if column is None or column in row:
        return None if column is None else row[column]
    outer, _, inner = column.partition(".")
    within = row.get(outer)
    return within.get(inner) if isinstance(within, Mapping) else None


def _prompt(prompt: Any, columns: Columns) -> Any:  # noqa: ANN401 - the wire checks it
    if isinstance(prompt, str) and columns.system:
        return [{"role": "system", "content": columns.system}, {"role": "user", "content": prompt}]
    return prompt


def _asked(prompt: object) -> str:
    """The text of a prompt's last user turn."""
    if isinstance(prompt, str):
        return prompt
    turns = prompt if isinstance(prompt, list) else []
    for turn in reversed(turns):
        if isinstance(turn, dict) and turn.get("role") == "user":
            content = turn.get("content")
            if isinstance(content, str):
                return content
            parts = content if isinstance(content, list) else []
            return "".join(part.get("text") or "" for part in parts if isinstance(part, dict))
    return ""
