"""The other side of `app.workers.pool`: a process that forks workers, and what these do.

The fork server imports once what every worker needs, and forks on request. It is started with a
clean environment and none of the service's files; it and its workers end with the service.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import select
import signal
import socket
import struct
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, TypeAlias

from harmo.app.logs import places
from harmo.app.workers.confinement import confine, die_with_parent, limit_cpu

ASKED = struct.Struct("=Q")
"""To the fork server, with one end of a socket pair: memory of the worker to fork, in bytes."""
SAID = struct.Struct("=Bii")
"""From the fork server: what it says, of which process, and an errno or a wait status."""
READY, FORKED, FAILED, DIED = range(4)
LENGTH = struct.Struct("=Q")
"""Before every job and every answer; an empty job asks whether anybody is there."""
HERE, HERE_UNFILTERED = b"\x06", b"\x07"
"""What a worker says when it starts and whenever it has read a job, before it does it."""

Job: TypeAlias = tuple[Callable[..., object], tuple[object, ...]]


class Done(NamedTuple):
    """What a worker answers: a value, or what its job raised, as words."""

    value: object = None
    raised: str = ""
    """Name of the exception's class."""
    words: str = ""
    places: str = ""
    """Where, innermost first."""
    worn: bool = False
    """It holds so much memory by now that the next job might run out of it for no fault of its."""


def serve(control: int, parent: int, preload: Sequence[str]) -> None:
    """Fork workers for whoever is at the other end; returns once nobody is."""
    die_with_parent(parent)
    # A supervisor signals every process of a service: jobs in flight are still wanted.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for module in preload:
        import_module(module)
    gc.collect()
    gc.freeze()
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with socket.socket(fileno=control) as service, contextlib.suppress(ConnectionError):
        service.sendall(SAID.pack(READY, os.getpid(), 0))
        while True:
            ready, _, _ = select.select([service.fileno(), woken], [], [])
            if woken in ready:
                os.read(woken, 4096)
                _reap(service)
            if service.fileno() in ready and not _fork(service, (woken, wake)):
                return


def _reap(service: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while (died := os.waitpid(-1, os.WNOHANG))[0]:
            service.sendall(SAID.pack(DIED, *died))


def _fork(service: socket.socket, own: Sequence[int]) -> bool:
    """Fork one worker, or say why not; False once nobody asks any more."""
    asked, channels, _, _ = socket.recv_fds(service, ASKED.size, 1)
    if not asked:
        return False
    (channel,), parent = channels, os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        service.sendall(SAID.pack(FAILED, 0, error.errno or 0))
    else:
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for inherited in (service.fileno(), *own):
                os.close(inherited)
            _live(channel, parent, ASKED.unpack(asked)[0])
        service.sendall(SAID.pack(FORKED, pid, 0))
    os.close(channel)
    return True


def _live(channel: int, parent: int, memory_bytes: int) -> None:
    """A worker's whole life; never returns, whatever happens."""
    code = 1
    try:
        die_with_parent(parent)
        nowhere = os.open(os.devnull, os.O_RDWR)
        # What libraries print may hold model-written text.
        for standard in range(3):
            os.dup2(nowhere, standard)
        os.close(nowhere)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        here = HERE if confine(memory_bytes) else HERE_UNFILTERED
        os.write(channel, here)
        _work(channel, here, _memory() + (memory_bytes - _memory()) // 2)
        code = 0
    finally:
        os._exit(code)


def _work(channel: int, here: bytes, worn_bytes: int) -> None:
    """One job after the other, until nobody gives any more."""
    while head := _read(channel, LENGTH.size):
        (size,) = LENGTH.unpack(head)
        asked = _read(channel, size)
        os.write(channel, here)
        if asked:
            answer = _answer(asked, worn_bytes)
            _write(channel, LENGTH.pack(len(answer)))
            _write(channel, answer)


def _answer(asked: bytes, worn_bytes: int) -> bytes:
    """The job's result, or what it raised, for a reader that knows scores and plain values."""
    try:
        function, arguments = pickle.loads(asked)  # noqa: S301 - the service wrote it
        done = Done(value=function(*arguments), worn=_memory() > worn_bytes)
        return pickle.dumps(tuple(done))
    except BaseException as error:  # noqa: BLE001 - whatever a job raises is its answer
        limit_cpu(0.0)
        words = "".join(traceback.format_exception_only(error)).partition(": ")[2].strip()
        where, name = places(error, most=3), type(error).__name__
        worn = name == "MemoryError" or _memory() > worn_bytes
        return pickle.dumps(tuple(Done(raised=name, words=words, places=where, worn=worn)))


def _memory() -> int:
    """Address space of this process in bytes; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        statm = os.open("/proc/self/statm", os.O_RDONLY)
        try:
            return int(os.read(statm, 64).split()[0]) * os.sysconf("SC_PAGE_SIZE")
        finally:
            os.close(statm)
    return 0


def _read(channel: int, size: int) -> bytes:
    """So many bytes; fewer where the other end is gone."""
    read = bytearray()
    while len(read) < size and (part := os.read(channel, min(size - len(read), 1 << 20))):
        read += part
    return bytes(read)


def _write(channel: int, written: bytes) -> None:
    left = memoryview(written)
    while left:
        left = left[os.write(channel, left) :]
