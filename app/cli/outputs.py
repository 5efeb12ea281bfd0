"""Files that commands write: with their own name only once they are whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from harmo.app.cli.terminal import progress_console


@contextmanager
def written_whole(target: Path) -> Iterator[BinaryIO]:
    """A file to write, called NAME.partial until the block ends well; `-` is standard output.

    Where the block does not end well, what was written stays under that name and a line says so.

    Args:
        target: Its name; what is there is replaced at the end. A pipe or device is written at once.

    Raises:
        ValueError: If there is no such folder, before anything is written.
    """
    if str(target) == "-":
        yield sys.stdout.buffer
        return
    if not target.parent.is_dir():
        raise ValueError(f"{target.parent}: no such folder for {target.name}; make it first")
    if target.exists() and not target.is_file():
        # A pipe or a device cannot be renamed to; a folder is refused here.
        with target.open("wb") as out:
            yield out
        return
    partial = target.with_name(f"{target.name}.partial")
    whole = False
    try:
        with partial.open("wb") as out:
            yield out
        partial.replace(target)
        whole = True
    finally:
        if not whole:
            _tell(partial)


def _tell(partial: Path) -> None:
    if partial.is_file() and partial.stat().st_size:
        progress_console.print(f"cut short; so far: {partial}", highlight=False, soft_wrap=True)
    else:
        partial.unlink(missing_ok=True)
