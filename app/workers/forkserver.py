"""The process that forks workers, as the service sees it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence

from harmo.app.workers.forked import ASKED, DIED, FORKED, READY, SAID
from harmo.app.workers.worker import ANSWER_S, Worker
from harmo.scorers.confidence import calibration

log = logging.getLogger("harmo.workers")

START_S = 120.0
"""Time for a fork server to import what workers need, on a busy machine."""

_KEPT = (
    *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV"),
    calibration.PATH_VARIABLE,
)
"""What workers may know of our environment: nothing that might be a secret."""
_KEPT_PREFIXES = ("LC_", "PYTHON", "OMP_", "OPENBLAS_", "MKL_", "MALLOC_", "COVERAGE_")
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[4]);"
    " from harmo.app.workers.forked import serve;"
    " serve(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))"
)


class ForkError(OSError):
    """No worker can be had at this time; says why."""


class ForkServer:
    """Starts the process that forks workers, and starts it again whenever it is gone.

    Args:
        preload: Modules that it imports once for all workers.
    """

    def __init__(self, preload: Sequence[str]) -> None:
        self._preload = tuple(preload)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._one_by_one = asyncio.Lock()
        self._said = b""
        self._reply: asyncio.Future[tuple[int, int]] | None = None
        self._died: dict[int, asyncio.Future[int | None]] = {}
        self._newest: Worker
        self._warned = False

    async def fork(self, memory_bytes: int) -> Worker:
        """A new worker, ready for jobs.

        Args:
            memory_bytes: Address space it may have.

        Raises:
            OSError: If there can be none at this time.
        """
        with contextlib.ExitStack() as undo:
            async with self._one_by_one:
                if self._control is None or not self._process or self._process.poll() is not None:
                    await self._start()
                ours, theirs = socket.socketpair()
                undo.callback(ours.close)
                with theirs:
                    worker = await self._forked(theirs, memory_bytes)
            undo.callback(worker.kill)
            await worker.open(ours)
            undo.pop_all()
        if not worker.filtered and not self._warned:
            self._warned = True
            log.warning("no_system_call_filter workers are held back by an audit hook only")
        return worker

    def close(self) -> None:
        """End it, and with it its workers."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._hang_up()

    async def _start(self) -> None:
        self.close()
        ours, theirs = socket.socketpair()
        arguments = [str(theirs.fileno()), str(os.getpid())]
        arguments += [json.dumps(self._preload), json.dumps(sys.path)]
        with theirs:
            try:
                # A few milliseconds, once: what follows is awaited.
                self._process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own interpreter
                    [sys.executable, "-c", _PROGRAM, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=_environment(os.environ),
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)  # noqa: FBT003 - its signature
        self._control, self._said = ours, b""
        asyncio.get_running_loop().add_reader(ours, self._hear)
        await self._told(READY, START_S, "does not start")

    async def _forked(self, channel: socket.socket, memory_bytes: int) -> Worker:
        if self._control is None:
            raise ForkError("the fork server is gone")
        asked = ASKED.pack(memory_bytes)
        socket.send_fds(self._control, [asked], [channel.fileno()])
        await self._told(FORKED, ANSWER_S, "does not fork")
        return self._newest

    async def _told(self, wanted: int, limit_s: float, otherwise: str) -> None:
        """Wait for a word of it."""
        self._reply = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(limit_s):
                said, number = await self._reply
        except TimeoutError:
            self.close()
            raise ForkError(f"the fork server {otherwise} within {limit_s:g} s") from None
        except asyncio.CancelledError:
            # Its word would be taken for the next one's.
            self.close()
            raise
        finally:
            self._reply = None
        if said != wanted:
            raise ForkError(f"no worker can be forked: {os.strerror(number)}")

    def _hear(self) -> None:
        """Take in what the fork server says."""
        if self._control is None:
            return
        try:
            heard = self._control.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            heard = b""
        if not heard:
            self._hang_up()
            return
        self._said += heard
        while len(self._said) >= SAID.size:
            said, pid, number = SAID.unpack(self._said[: SAID.size])
            self._said = self._said[SAID.size :]
            if said == DIED:
                if pid in self._died:
                    self._died.pop(pid).set_result(os.waitstatus_to_exitcode(number))
                continue
            if said == FORKED:
                # Its death may be the next thing that is heard.
                self._died[pid] = asyncio.get_running_loop().create_future()
                self._newest = Worker(pid, self._died[pid])
            if self._reply is not None and not self._reply.done():
                self._reply.set_result((said, number))

    def _hang_up(self) -> None:
        """The fork server is gone: how its workers end, nobody can tell any more."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
            self._control = None
        for died in self._died.values():
            died.set_result(None)
        self._died.clear()
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(ForkError("the fork server is gone"))


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in ours.items() if k in _KEPT or k.startswith(_KEPT_PREFIXES)}
