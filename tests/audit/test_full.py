"""A disk without room: the batch is refused by name, and the next is kept once there is room."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harmo.audit.errors import Trouble, WriteError
from harmo.audit.read import Query, Reader
from harmo.audit.schema import FILE
from harmo.audit.write import Writer
from tests.audit.made import made_groups

ROOT = Path(__file__).parents[2]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        os.getuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        ).returncode
    )
    if not mounted:
        pytest.skip("mounting a tmpfs needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def integrity(folder: Path) -> list[tuple[str]]:
    db = sqlite3.connect(folder / FILE)
    found = db.execute("PRAGMA integrity_check").fetchall()
    db.close()
    return found


def test_a_full_disk_loses_nothing_acknowledged_and_takes_more_once_there_is_room(
    small_disk: Path,
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    writer, made = Writer(small_disk), list(made_groups(groups=64))
    acknowledged: list[int] = []

    def fill() -> None:
        for turn in range(1000):
            acknowledged.extend(writer.write(made[turn % 60 : turn % 60 + 3]))

    with pytest.raises(WriteError, match="make room") as caught:
        fill()
    assert caught.value.trouble is Trouble.FULL
    assert acknowledged
    for _ in range(3):
        with pytest.raises(WriteError):
            writer.write(made)
    assert [g.number for g in Reader(small_disk).groups(Query())] == acknowledged
    ballast.unlink()
    acknowledged += writer.write(made[:3])
    assert [g.number for g in Reader(small_disk).groups(Query())] == acknowledged
    writer.close()
    assert integrity(small_disk) == [("ok",)]


LIMITED = """
import json, resource, signal, sys
from pathlib import Path
from harmo.audit.write import WriteError, Writer
from tests.audit.made import made_groups

made = list(made_groups(groups=64))
writer = Writer(Path(sys.argv[1]))
acknowledged, troubles = [], []
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
for turn in range(200):
    try:
        acknowledged += writer.write(made[turn % 60 : turn % 60 + 3])
    except WriteError as error:
        troubles.append(error.trouble.value)
        if len(troubles) == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    else:
        if len(troubles) == 3:
            break
writer.close()
print(json.dumps([acknowledged, troubles]))
"""


def test_a_file_that_may_not_grow_loses_nothing_acknowledged(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, check=True, cwd=ROOT
    )
    acknowledged, troubles = json.loads(done.stdout)
    # Three were refused, and the one after the limit was lifted was kept.
    assert len(troubles) == 3
    assert set(troubles) <= {"full", "failed"}
    assert len(acknowledged) > 3
    assert [g.number for g in Reader(tmp_path).groups(Query())] == acknowledged
    assert integrity(tmp_path) == [("ok",)]


def test_a_disk_that_fills_up_before_there_is_a_store_says_so(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    room = os.statvfs(small_disk)
    ballast.write_bytes(bytes(room.f_bavail * room.f_bsize))
    with pytest.raises(WriteError, match="cannot be written") as caught:
        Writer(small_disk / "store")
    assert caught.value.trouble is Trouble.FULL
    ballast.unlink()
    assert Writer(small_disk / "store").write(made_groups(groups=1)) == [1]
