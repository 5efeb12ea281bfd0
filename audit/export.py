"""Exporting: one row per completion, as Parquet or JSONL; memory does not grow with the store."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Literal

from harmo.audit.opened import sync
from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.audit.rows.texts import as_json
from harmo.scorers.types import Sample, Score

Format = Literal["parquet", "jsonl"]
Row = dict[str, object]

_OWN = {
    "number": "int64",
    "run": "string",
    "step": "int64",
    "split": "string",
    "scored_at_s": "float64",
    "group": "string",
    "size": "int64",
    "id": "string",
    "task": "string",
    "recipe": "string",
    "version": "string",
    "scorer_version": "string",
    "prompt": "string",
    "reference": "json",
    "references": "json",
    "completion": "string",
    "messages": "json",
    "num_tokens": "int64",
    "truncated": "bool",
    "correct": "bool",
    "reward": "float64",
    "reason": "string",
}
"""Of every row, with its type; Parquet has JSON as text. `messages` are a completion's turns where
it has several, and `completion` is then the last assistant text."""
_OF_COLUMN = {
    "score": "float64",
    "confidence": "float64",
    "contribution": "float64",
    "reason": "string",
}
_ARROW = {"json": "string"}
INTERACTION = "combine.interaction"
_SLICE_CHARS = 16 << 20
_SLICE_ROWS = 8192


class ExportError(ValueError):
    """Nothing was exported; the message says why."""


def export(reader: Reader, query: Query, path: Path, *, form: Format) -> int:
    """Rows written: one per completion; the file is there whole or not at all.

    Args:
        reader: Of the store.
        query: Which groups.
        path: What to write; replaced if it is there.
        form: `parquet` (needs pyarrow) or `jsonl`.

    Raises:
        ExportError: If pyarrow is missing, or the file cannot be written.
        StoreError: If the store cannot be read.
    """
    fields = schema(_recipes(reader, query))
    write = _parquet(fields) if form == "parquet" else _jsonl
    try:
        with _whole(path) as file:
            return write(file, rows(reader, query, fields))
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error}") from error


def schema(recipes: Sequence[KeptRecipe]) -> Mapping[str, str]:
    """Names and types of the fields of a row, for all of these recipes together."""
    columns = dict.fromkeys(c.name for recipe in recipes for c in recipe.columns)
    of_columns = {f"{name}.{what}": kind for name in columns for what, kind in _OF_COLUMN.items()}
    return {**_OWN, **of_columns, f"{INTERACTION}.contribution": "float64"}


def rows(reader: Reader, query: Query, fields: Mapping[str, str]) -> Iterator[Row]:
    """A row per completion, with every field; None where a recipe has no such column."""
    empty = dict.fromkeys(fields)
    for kept in reader.groups(query):
        for place in range(len(kept.group.samples)):
            yield {**empty, **_row(kept, place)}


def _recipes(reader: Reader, query: Query) -> Sequence[KeptRecipe]:
    known = reader.recipes(query.run)
    return [r for r in known if query.recipe is None or query.recipe in (r.name, r.version)]


def _row(kept: KeptGroup, place: int) -> Row:
    group, recipe, reward = kept.group, kept.recipe, kept.rewards[place]
    row: Row = {
        "number": kept.number,
        "run": group.run or "",
        "step": group.step,
        "split": group.split,
        "scored_at_s": kept.scored_at_s,
        "group": group.id,
        "size": group.size,
        "id": kept.ids[place],
        "recipe": recipe.name,
        "version": recipe.version,
        "scorer_version": recipe.scorer_version,
        "correct": group.correctness[place] if group.correctness else None,
        "reward": reward.value,
        "reason": reward.reason and reward.reason.value,
        **_said(kept, group.samples[place]),
    }
    for column, score, paid in zip(
        recipe.columns, reward.scores, reward.contributions, strict=False
    ):
        row |= {f"{column.name}.{what}": value for what, value in _scored(score, paid).items()}
    if kept.interaction:
        row[f"{INTERACTION}.contribution"] = reward.contributions[-1]
    return row


def _said(kept: KeptGroup, sample: Sample) -> Row:
    row: Row = {
        "task": sample.task,
        "num_tokens": sample.num_tokens,
        "truncated": sample.truncated,
    }
    if kept.texts == "full":
        several = not isinstance(sample.completion, str)
        row |= {
            "prompt": sample.prompt_text,
            "reference": sample.reference,
            "references": sample.references,
            "completion": replace(sample, prefix="").text,
            "messages": as_json(sample.completion) if several else None,
        }
    return row


def _scored(score: Score, paid: float) -> Row:
    return {
        "score": score.value,
        "confidence": None if score.value is None else score.confidence,
        "contribution": paid,
        "reason": score.reason and score.reason.value,
    }


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name once all of it is on the disk."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _jsonl(file: IO[bytes], found: Iterator[Row]) -> int:
    count = 0
    for row in found:
        file.write(json.dumps(row).encode() + b"\n")
        count += 1
    return count


def _parquet(fields: Mapping[str, str]) -> Callable[[IO[bytes], Iterator[Row]], int]:
    arrow, parquet = _pyarrow()
    kinds = arrow.schema(
        [(name, arrow.type_for_alias(_ARROW.get(kind, kind))) for name, kind in fields.items()]
    )

    def write(file: IO[bytes], found: Iterator[Row]) -> int:
        count = 0
        with parquet.ParquetWriter(file, kinds, compression="zstd") as writer:
            for some in _slices(found, fields):
                table = {name: [row[name] for row in some] for name in fields}
                writer.write_table(arrow.table(table, schema=kinds))
                count += len(some)
        return count

    return write


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as arrow  # noqa: PLC0415 - of the extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise ExportError("Parquet needs pyarrow: pip install 'harmo[parquet]'") from None
    return arrow, parquet


def _slices(found: Iterator[Row], fields: Mapping[str, str]) -> Iterator[list[Row]]:
    """Rows as Arrow takes them, so many at a time that memory is bounded."""
    some: list[Row] = []
    chars = 0
    for row in found:
        plain = {name: _plain(row[name], kind) for name, kind in fields.items()}
        some.append(plain)
        chars += sum(len(value) for value in plain.values() if isinstance(value, str))
        if len(some) >= _SLICE_ROWS or chars >= _SLICE_CHARS:
            yield some
            some, chars = [], 0
    if some:
        yield some


def _plain(value: object, kind: str) -> object:
    """JSON as text; a lone surrogate, which UTF-8 has no place for, is replaced."""
    if kind == "json":
        return None if value is None else json.dumps(value)
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
