"""A plugin package that breaks in every way: at a completion's word, or while a file exists.

Real processes load it through its entry point (`cluster.installed`). What the service is told
stands in the folder `FAULTS`: there it writes a line for every call that counts, and there lie the
files that hold something up. Its workers have no such variable and write no file.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from harmo import Group, Sample, Score, scorer
from harmo.models.batcher import Batcher

FOLDER = Path(os.environ.get("FAULTS", os.devnull))
WORD = "fault: "


def hold(name: str) -> None:
    """Return once the file is gone."""
    while (FOLDER / name).exists():
        time.sleep(0.01)


def count(text: str) -> None:
    """Write down that this text is being scored, in one write."""
    file = os.open(FOLDER / "calls", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, text.replace("\n", " ").encode() + b"\n")
    os.close(file)


def raises() -> object:
    raise RuntimeError("a scorer that raises")


def spins() -> object:
    while True:
        pass


def recurses() -> object:
    return recurses()


def hangs() -> object:
    time.sleep(30.0)
    return Score(value=1.0)


def cancels() -> object:
    raise asyncio.CancelledError


def eats() -> object:
    return bytearray(64 << 30)


def crashes() -> object:
    return ctypes.string_at(0)


def is_killed() -> object:
    return os.kill(os.getpid(), signal.SIGKILL)


FAULTS: dict[str, Callable[[], object]] = {
    "raises": raises,
    "exits": lambda: sys.exit(3),
    "cancels": cancels,
    "recurses": recurses,
    "nan": lambda: Score(value=float("nan")),
    "infinity": lambda: Score(value=float("inf")),
    "minus infinity": lambda: Score(value=float("-inf")),
    "unsure": lambda: Score(value=1.0, confidence=float("nan")),
    "too much": lambda: Score(value=17.0),
    "a float": lambda: 1.0,
    "nothing": lambda: None,
    "hangs": hangs,
    # Only in a process of its own:
    "spins": spins,
    "eats": eats,
    "aborts": os.abort,
    "crashes": crashes,
    "leaves": lambda: os._exit(3),
    "is killed": is_killed,
}


def judge(sample: Sample) -> Score:
    """1.0 where the completion says right and 0.0 where it does not, unless it names a fault."""
    _, named, fault = sample.text.partition(WORD)
    if named:
        return FAULTS[fault]()  # type: ignore[return-value]
    return Score(value=float("right" in sample.text))


@scorer("rule.faulty", timeout_s=0.5)
def faulty(sample: Sample) -> Score:
    """What `judge` says, in a thread."""
    return judge(sample)


@scorer("rule.faulty_later", timeout_s=0.5)
async def faulty_later(sample: Sample) -> Score:
    """What `judge` says, on the event loop; a hang waits."""
    if sample.text.endswith("hangs"):
        await asyncio.sleep(30.0)
    return judge(sample)


@scorer("rule.faulty_isolated", isolate=True, timeout_s=0.2)
def faulty_isolated(sample: Sample) -> Score:
    """What `judge` says, in a worker process."""
    return judge(sample)


@scorer("rule.faulty_group", timeout_s=0.5)
def faulty_group(group: Group) -> list[Score]:
    """What `judge` says of each, or one score too few or too many."""
    scores = [judge(sample) for sample in group.samples if "too few" not in sample.text]
    extra = any("too many" in sample.text for sample in group.samples)
    return scores + scores[:1] if extra else scores


def fingerprint(sample: Sample) -> Score:
    """A score in [0, 1] that another text hardly has."""
    return Score(value=zlib.crc32(sample.text.encode()) / 2**32)


def wait_s(sample: Sample) -> float:
    return float(str(sample.metadata.get("wait_s", 0.0)))


@scorer("aspect.counted", timeout_s=60.0)
async def counted(sample: Sample) -> Score:
    """The text's fingerprint after the seconds in the metadata, and once the file there is gone.

    Every call is counted.
    """
    count(sample.text)
    await asyncio.sleep(wait_s(sample))
    while Path(str(sample.metadata.get("hold", "nothing"))).exists():  # noqa: ASYNC110, ASYNC240 - another process makes and unlinks it
        await asyncio.sleep(0.01)
    return fingerprint(sample)


@scorer("aspect.wordy")
def wordy(sample: Sample) -> Score:
    """1.0, with a megabyte of evidence; every call is counted."""
    count(sample.text)
    return Score(value=1.0, detail={"said": ["x" * 8000] * 128})


@scorer("aspect.held_thread", timeout_s=60.0)
def held_thread(sample: Sample) -> Score:
    """The text's fingerprint from a thread, but not while the file in the metadata exists.

    Every call is counted.
    """
    count(sample.text)
    hold(str(sample.metadata.get("hold", "nothing")))
    return fingerprint(sample)


@scorer("aspect.held_isolated", isolate=True, timeout_s=10.0)
def held_isolated(sample: Sample) -> Score:
    """The text's fingerprint from a worker, but not while the file in the metadata exists."""
    hold(str(sample.metadata.get("hold", "nothing")))
    return fingerprint(sample)


@scorer("aspect.slow", isolate=True, timeout_s=5.0)
def slow(sample: Sample) -> Score:
    """The text's fingerprint after 50 ms, however busy the machine is."""
    time.sleep(0.05)
    return fingerprint(sample)


@scorer("aspect.hard", isolate=True, timeout_s=5.0, by_text=True, carries=())
def hard(sample: Sample) -> Score:
    """The text's fingerprint, for 0.2 s of a worker's processor time."""
    until_s = time.process_time() + 0.2
    while time.process_time() < until_s:
        pass
    return fingerprint(sample)


@scorer("aspect.held", timeout_s=300.0)
async def held(sample: Sample) -> Score:
    """The text's fingerprint, but not while the file `hold` exists."""
    while (FOLDER / "hold").exists():  # noqa: ASYNC110 - another process makes and unlinks it
        await asyncio.sleep(0.01)
    return fingerprint(sample)


def spoil(batcher: type[Batcher]) -> None:
    """Have every device thread stop while `stuck` exists, and know no more room than `room` says.

    That is how a driver that never returns, and a device that is too small, look from outside. The
    file `patience` says after how many seconds a batch has hung.
    """
    begin = batcher.__init__

    def init(self: Batcher, forward: Callable[[Sequence[object]], object], **options: object):
        def spoilt(batch: Sequence[object]) -> object:
            hold("stuck")
            room = FOLDER / "room"
            if room.exists() and sum(len(work) for work in batch) > int(room.read_text()):
                raise MemoryError("a device that is too small")
            return forward(batch)

        if (patience := FOLDER / "patience").exists():
            options["stuck_after_s"] = float(patience.read_text())
        begin(self, spoilt, **options)

    batcher.__init__ = init


spoil(Batcher)
