"""Rollouts in files: JSON lines, one group of POST /score a line, never all in memory."""

from __future__ import annotations

import shutil
import sys
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from harmo.models.documents import DocumentError, parse_json, said
from harmo_client.wire import Group

CHUNK_COMPLETIONS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One line of a file."""

    line: int
    group: Group
    group_id: object
    """As the line has it, where the wire has its text: a number stays a number."""
    completion_ids: tuple[object, ...]
    """Likewise."""

    @property
    def size(self) -> int:
        """What it counts for in a chunk."""
        return max(len(self.group.completions), len(self.group.images), 1)


def open_rollouts(path: Path) -> BinaryIO:
    """The bytes of a file, to be read more than once.

    Args:
        path: `-` for standard input; what comes through a pipe is kept in a file meanwhile.
    """
    source = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    if source.seekable():
        return source
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    with source:
        shutil.copyfileobj(source, kept)
    kept.seek(0)
    return kept


def read_rollouts(lines: Iterable[bytes], source: str) -> Iterator[Rollout]:
    """The groups of JSON lines; blank lines are skipped.

    Args:
        lines: One group each. A completion may be a plain string; ids default to positions, the
            group's to its line, and may be numbers.
        source: Where they come from, for messages.

    Raises:
        DocumentError: Names source, line and field of what does not fit.
    """
    for number, line in enumerate(lines, 1):
        if line.removeprefix(BOM_UTF8).strip():
            try:
                yield _rollout(parse_json(line), number)
            except DocumentError as error:
                raise DocumentError(f"{source}:{number}: {error}") from None


def chunks(rollouts: Iterable[Rollout]) -> Iterator[list[Rollout]]:
    """Rollouts in lists of about as many completions, or pictures, as are scored at once."""
    chunk: list[Rollout] = []
    held = 0
    for rollout in rollouts:
        if chunk and held + rollout.size > CHUNK_COMPLETIONS:
            yield chunk
            chunk, held = [], 0
        chunk.append(rollout)
        held += rollout.size
    if chunk:
        yield chunk


def _rollout(row: object, number: int) -> Rollout:
    if not isinstance(row, dict):
        raise DocumentError("a line is one group of POST /score: an object")
    fields = {"id": str(number), **row, "completions": _completions(row)}
    fields.pop("completion", None)
    try:
        group = Group.model_validate(_with_text_ids(fields))
    except ValidationError as error:
        raise DocumentError(said(error, fields)) from None
    return Rollout(
        line=number,
        group=group,
        group_id=fields["id"],
        completion_ids=tuple(completion["id"] for completion in fields["completions"]),
    )


def _completions(row: dict[str, object]) -> object:
    """The completions as objects with ids; what is no list, text or object stays as it is."""
    if ("completions" in row) == ("completion" in row):
        raise DocumentError("give 'completions', a list, or 'completion', a single one")
    written = row["completions"] if "completions" in row else [row["completion"]]
    if not isinstance(written, list):
        return written
    objects = ({"text": item} if isinstance(item, str) else item for item in written)
    return [
        {"id": str(i), **item} if isinstance(item, dict) else item for i, item in enumerate(objects)
    ]


def _with_text_ids(fields: dict[str, object]) -> dict[str, object]:
    """The fields as the wire wants them: ids are text."""
    written = fields["completions"]
    if isinstance(written, list):
        written = [_with_text_id(item) if isinstance(item, dict) else item for item in written]
    return {**_with_text_id(fields), "completions": written}


def _with_text_id(fields: dict[str, object]) -> dict[str, object]:
    number = isinstance(fields["id"], int | float) and not isinstance(fields["id"], bool)
    return {**fields, "id": str(fields["id"])} if number else fields
