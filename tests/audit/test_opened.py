"""Folders that are no store, or one that cannot be had: each by its name, and left as it was."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from harmo.audit.errors import StoreError, Trouble, WriteError
from harmo.audit.read import Query, Reader
from harmo.audit.schema import FILE, VERSION
from harmo.audit.write import Writer
from harmo.scorers.types import Sample
from tests.audit.made import made_store
from tests.audit.test_round_trip import kept

ROOT = Path(__file__).parents[2]


def foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE holidays (day TEXT)")
    db.commit()
    db.close()


def later(path: Path) -> None:
    made_store(path.parent, groups=2)
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version={VERSION + 1}")
    db.close()


def cut(path: Path) -> None:
    made_store(path.parent, groups=200)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribbled(path: Path) -> None:
    made_store(path.parent, groups=200)
    content = bytearray(path.read_bytes())
    content[8192:-8192] = os.urandom(len(content) - 2 * 8192)
    path.write_bytes(content)


def with_a_view(path: Path) -> None:
    made_store(path.parent, groups=2)
    db = sqlite3.connect(path)
    db.execute("DROP TABLE texts")
    db.execute(
        "CREATE VIEW texts AS WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number + 1 "
        "FROM n) SELECT number, '[]' AS shared, '' AS content FROM n"
    )
    db.commit()
    db.close()


def with_a_trigger(path: Path) -> None:
    made_store(path.parent, groups=2)
    db = sqlite3.connect(path)
    db.execute("CREATE TRIGGER t AFTER INSERT ON groups BEGIN DELETE FROM groups; END")
    db.commit()
    db.close()


BROKEN = {
    "with a view that never ends": (with_a_view, Trouble.FOREIGN, "not the tables of version"),
    "with a trigger": (with_a_trigger, Trouble.FOREIGN, "not the tables of version"),
    "a text": (lambda path: path.write_text("hello" * 999), Trouble.TORN, "file is not a database"),
    "another program's": (foreign, Trouble.FOREIGN, "a database of another program"),
    "of a later version": (
        later,
        Trouble.OTHER_VERSION,
        f"version {VERSION + 1} and this Harmo knows {VERSION}",
    ),
    "cut off": (cut, Trouble.TORN, "move it away"),
    "scribbled on": (scribbled, Trouble.TORN, "move it away"),
}


@pytest.mark.parametrize(("make", "trouble", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_store_of_ours_is_named_and_left_alone(
    tmp_path: Path, make, trouble: Trouble, words: str
) -> None:
    path = tmp_path / FILE
    make(path)
    before = path.read_bytes()

    def read() -> None:
        reader = Reader(tmp_path)
        reader.runs()
        list(reader.groups(Query()))

    def write() -> None:
        writer = Writer(tmp_path)
        try:
            writer.write([kept(Sample(prompt=str(k), completion="x")) for k in range(2000)])
        finally:
            writer.close()

    for use in (read, write):
        with pytest.raises(StoreError, match=words) as caught:
            use()
        assert caught.value.trouble is trouble
        assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_a_folder_without_a_store_says_who_makes_one(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(StoreError, match=f"no {FILE} in it; a service writes one") as caught:
            Reader(folder)
        assert caught.value.trouble is Trouble.ABSENT


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    with pytest.raises(StoreError, match="a service has not made it yet") as caught:
        Reader(tmp_path)
    assert caught.value.trouble is Trouble.ABSENT
    assert Writer(tmp_path).write([kept()]) == [1]


def test_a_store_that_was_killed_in_its_making_is_none_and_is_made_anew(tmp_path: Path) -> None:
    making = tmp_path / "making"
    making.mkdir()
    with closing(sqlite3.connect(making / FILE, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size=2")
        db.execute("BEGIN")
        db.execute("CREATE TABLE groups (a)")
        db.executemany("INSERT INTO groups VALUES (zeroblob(?))", [(9000,)] * 40)
        left = tmp_path / "left"
        shutil.copytree(making, left)
    assert (left / f"{FILE}-journal").stat().st_size
    with pytest.raises(StoreError, match="half made") as caught:
        Reader(left)
    assert caught.value.trouble is Trouble.ABSENT
    with closing(Writer(left)) as writer:
        assert writer.write([kept()]) == [1]
    assert [g.number for g in Reader(left).groups(Query())] == [1]


def test_a_second_writer_is_refused_by_name_until_the_first_is_gone(tmp_path: Path) -> None:
    first = Writer(tmp_path)
    with pytest.raises(WriteError, match=f"process {os.getpid()} writes this store") as caught:
        Writer(tmp_path)
    assert caught.value.trouble is Trouble.HELD
    assert first.write([kept()]) == [1]
    first.close()
    assert Writer(tmp_path).write([kept()]) == [2]


def test_a_writer_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from harmo.audit.write import Writer; "
        "w = Writer(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"open\n"
    with pytest.raises(WriteError, match=f"process {child.pid} writes"):
        Writer(tmp_path)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert Writer(tmp_path).write([kept()]) == [1]


def test_a_store_that_was_moved_away_is_begun_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a")
    writer.write([kept(), kept()])
    (tmp_path / "a").rename(tmp_path / "b")
    assert writer.write([kept()]) == [1]
    assert len(list(Reader(tmp_path / "a").groups(Query()))) == 1
    assert len(list(Reader(tmp_path / "b").groups(Query()))) == 2


NOBODY = 65534


def as_nobody(code: str, folder: Path) -> str:
    """What a script prints that may read the folder and write nothing."""
    # Root may write whatever its permissions say.
    drop = f"import os; os.setgid({NOBODY}); os.setuid({NOBODY})\n" if os.getuid() == 0 else ""
    before = (
        "import sys; from pathlib import Path\n"
        "from harmo.audit.read import *; from harmo.audit.write import *\n"
        "folder = Path(sys.argv[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", before + drop + code, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert not done.stderr, done.stderr
    return done.stdout.strip()


@pytest.fixture
def frozen() -> Iterator[tuple[Path, Callable[[], Path]]]:
    """A folder that is made read-only once the test has filled it; pytest's own are private."""
    with TemporaryDirectory() as name:
        folder = Path(name)

        def freeze() -> Path:
            for path in folder.iterdir():
                path.chmod(0o444)
            folder.chmod(0o555)
            return folder

        yield folder, freeze
        folder.chmod(0o755)


LEFT = {
    "closed": "",
    "with its log": "-wal",
    "with its log and the log's index": "-wal -shm",
}


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT.keys())
def test_a_read_only_folder_can_be_read_with_what_a_killed_writer_left(frozen, left: str) -> None:
    folder, freeze = frozen
    code = (
        "import os, sys, signal; from pathlib import Path; from harmo.audit.write import Writer\n"
        "from tests.audit.test_round_trip import kept\n"
        "w = Writer(Path(sys.argv[1]))\n"
        "for _ in range(3): w.write([kept()])\n"
        "os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] else w.close()"
    )
    subprocess.run([sys.executable, "-c", code, str(folder), left], check=False, cwd=ROOT)
    for end in ("-wal", "-shm"):
        if end not in left:
            (folder / (FILE + end)).unlink(missing_ok=True)
    assert (folder / (FILE + "-wal")).exists() == bool(left)
    said = as_nobody("print([g.number for g in Reader(folder).groups(Query())])", freeze())
    assert said == "[1, 2, 3]"


def test_a_read_only_folder_cannot_be_written_and_says_so(frozen) -> None:
    folder, freeze = frozen
    made_store(folder, groups=2)
    said = as_nobody(
        "try: Writer(folder)\nexcept WriteError as error: print(error.trouble, error)", freeze()
    )
    assert said.startswith("read_only ")
    assert "let this user write the folder" in said


def test_a_store_that_may_not_be_looked_at_says_so(frozen) -> None:
    folder, freeze = frozen
    made_store(folder, groups=2)
    freeze().chmod(0o700)
    said = as_nobody("try: Reader(folder)\nexcept StoreError as error: print(error)", folder)
    assert "Permission denied" in said


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="cannot be written") as caught:
        Writer(tmp_path / "file" / "store")
    assert caught.value.trouble is Trouble.FOREIGN
