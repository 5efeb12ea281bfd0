"""Rollouts are read line by line, and scored in chunks that do not grow with the file."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

import pytest

from harmo.app.cli.rollouts import CHUNK_COMPLETIONS, chunks, open_rollouts, read_rollouts

PIXEL = {"data": "AA=="}


def line(completions: int, images: int = 0) -> bytes:
    row = {"prompt": "?", "completions": ["4"] * completions, "images": [PIXEL] * images}
    return json.dumps(row).encode()


@pytest.mark.parametrize(
    ("completions", "images", "groups", "why"),
    [
        (1, 0, CHUNK_COMPLETIONS, "completions are what takes time"),
        (8, 0, CHUNK_COMPLETIONS // 8, "of whole groups"),
        (0, 0, CHUNK_COMPLETIONS, "a group without any takes room, too"),
        (1, 4, CHUNK_COMPLETIONS // 4, "pictures take more of it"),
        (CHUNK_COMPLETIONS + 1, 0, 1, "a group is never divided"),
    ],
)
def test_a_file_without_end_is_read_chunk_by_chunk(
    completions: int, images: int, groups: int, why: str
) -> None:
    endless = itertools.repeat(line(completions, images))
    chunk = next(chunks(read_rollouts(endless, "endless")))
    assert len(chunk) == groups, why


def test_what_comes_through_a_pipe_is_read_twice() -> None:
    reading, writing = os.pipe()
    os.write(writing, line(1) + b"\n" + line(2) + b"\n")
    os.close(writing)
    with open_rollouts(Path(f"/dev/fd/{reading}")) as lines:
        os.close(reading)
        first = [len(r.completion_ids) for r in read_rollouts(lines, "pipe")]
        lines.seek(0)
        again = [len(r.completion_ids) for r in read_rollouts(lines, "pipe")]
    assert first == again == [1, 2]
