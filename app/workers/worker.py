"""One worker process as the service sees it: spoken to, listened to with care, killed."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import pickle
import signal
import socket
from pathlib import Path

from harmo.app.workers.forked import HERE, HERE_UNFILTERED, LENGTH, Done
from harmo.scorers.types import Reason, Score

ANSWER_S = 5.0
"""Time for a worker to say that it is there, or that it has read a job."""
MAX_ANSWER_BYTES = 64 << 20


class SilentWorkerError(OSError):
    """A worker does not say that it is there."""


class Worker:
    """One worker process."""

    def __init__(self, pid: int, died: asyncio.Future[int | None]) -> None:
        self.pid = pid
        self.died = died
        """Its exit code, negative for a signal; None where nobody can tell any more."""
        self.filtered = True
        """The kernel refuses it what it has no use for."""
        self._coming: int | None = None
        """Bytes of the answer of which the head was read."""
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self, channel: socket.socket) -> None:
        """Hear that it is there.

        Args:
            channel: The service's end of a socket pair.

        Raises:
            OSError: If it is not.
        """
        with contextlib.ExitStack() as undo:
            self._reader, self._writer = await asyncio.open_connection(sock=channel)
            undo.callback(self.close)
            self.filtered = await self._here() == HERE
            undo.pop_all()

    async def ping(self) -> None:
        """Hear that it is still there.

        Raises:
            OSError: If it is not.
        """
        self._writer.write(LENGTH.pack(0))
        await self._here()

    async def give(self, job: bytes) -> None:
        """Hand over a job, and hear that it is read.

        Args:
            job: As `forked.Job`, pickled.

        Raises:
            OSError: If the worker is gone, or does not take it.
        """
        self._writer.write(LENGTH.pack(len(job)))
        self._writer.write(job)
        await self._here()

    async def answer(self) -> Done:
        """What came of the job; may be given up and asked for again.

        Raises:
            OSError: If the worker is gone.
        """
        if self._coming is None:
            (self._coming,) = LENGTH.unpack(await self._read(LENGTH.size))
        if self._coming > MAX_ANSWER_BYTES:
            raise SilentWorkerError(f"an answer of {self._coming} bytes is too long")
        read, self._coming = await self._read(self._coming), None
        return _understood(read)

    def kill(self) -> None:
        """End it at once; what waits for its answer gets an OSError."""
        if not self.died.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and let go of its files."""
        self.kill()
        self._writer.transport.abort()

    @property
    def stopped(self) -> bool:
        """True where a signal halted it; False where the system does not say."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8", errors="replace")
            return status.rpartition(")")[2].split()[0] in ("T", "t")
        return False

    async def _here(self) -> bytes:
        try:
            async with asyncio.timeout(ANSWER_S):
                said = await self._read(1)
        except TimeoutError:
            raise SilentWorkerError(f"worker {self.pid} says nothing for {ANSWER_S:g} s") from None
        if said not in (HERE, HERE_UNFILTERED):
            raise SilentWorkerError(f"worker {self.pid} says {said!r}")
        return said

    async def _read(self, size: int) -> bytes:
        try:
            return await self._reader.readexactly(size)
        except asyncio.IncompleteReadError:
            raise ConnectionResetError(f"worker {self.pid} is gone") from None


class _Answers(pickle.Unpickler):
    """Reads what a worker wrote, in which model-written text may have had its way."""

    def find_class(self, module: str, name: str) -> object:
        known = {("harmo.scorers.types", kind.__name__): kind for kind in (Score, Reason)}
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"a worker answers with a {module}.{name}")
        return known[module, name]


def _understood(answer: bytes) -> Done:
    try:
        return Done(*_Answers(io.BytesIO(answer)).load())
    except (
        pickle.UnpicklingError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        EOFError,
        MemoryError,
        OverflowError,
        RecursionError,
    ) as error:
        return Done(raised=type(error).__name__, words=str(error), worn=True)
