"""Log lines: one record is one line, and what an error says is never in it.

An error's words may quote what a policy wrote, so lines name its type and where it was raised.
Writing happens in a thread: a pipe that nobody reads must not hold up a request.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sys
import threading
import time
import traceback
import warnings
from logging.handlers import QueueHandler, QueueListener
from types import TracebackType

MAX_FRAMES = 6
MAX_WAITING = 10_000
"""Lines that wait to be written; more are dropped."""
MAX_LINE_CHARS = 8192
FINISH_S = 1.0
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_HIDDEN = (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, *_BIDI)
_CONTROL = {n: chr(n).encode("unicode_escape").decode() for n in _HIDDEN}
"""Characters that would begin a line, colour a terminal or turn the reading direction."""

log = logging.getLogger("harmo.logs")


def places(error: BaseException, *, most: int = MAX_FRAMES) -> str:
    """Where an error was raised, innermost frame first, without its words.

    Args:
        error: That was raised.
        most: So many frames.
    """
    frames = traceback.extract_tb(error.__traceback__)[-most:]
    return (
        " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames)) or "no frame"
    )


class OneLine(logging.Formatter):
    """A record as one line of printable characters, errors by type and place."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None
        return super().format(record)[:MAX_LINE_CHARS].translate(_CONTROL)

    def formatException(  # noqa: N802 - logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return "" if ei[1] is None else f"{type(ei[1]).__name__} at {places(ei[1])}"


class _Queued(QueueHandler):
    """Hands records to a thread, as long as it keeps up."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            return


class Lines:
    """The lines that wait to be written to standard error, and the thread that writes them."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[logging.LogRecord] = queue.Queue(MAX_WAITING)
        output = logging.StreamHandler()
        output.setFormatter(OneLine(_FORMAT))
        self.handler = _Queued(self._waiting)
        QueueListener(self._waiting, output).start()

    def finish(self) -> None:
        """Wait until all are written, for a while: perhaps nobody reads them."""
        until_s = time.monotonic() + FINISH_S
        while not self._waiting.empty() and time.monotonic() < until_s:
            time.sleep(0.01)


def configure(level: str) -> Lines:
    """Write log lines to standard error from now on, and nothing that an error says.

    Args:
        level: `debug`, `info`, `warning`, ...
    """
    lines = Lines()
    logging.basicConfig(level=level.upper(), handlers=[lines.handler], force=True)
    # A stream that is gone is no reason to say so on it.
    logging.raiseExceptions = False
    warnings.showwarning = _warned
    threading.excepthook = _thread_ended
    sys.unraisablehook = _unraisable
    return lines


def of_loop(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """What asyncio says of an error that nobody caught, without the error's words."""
    del loop
    error = context.get("exception")
    what = str(context.get("message", "")).partition("\n")[0]
    if isinstance(error, BaseException):
        log.error("unhandled %s at %s: %s", type(error).__name__, places(error), what)
    else:
        log.error("unhandled: %s", what)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: object = None,
    line: str | None = None,
) -> None:
    del file, line
    log.warning("%s at %s:%d", category.__name__, filename, lineno)
    log.debug("%s", message)


def _thread_ended(arguments: threading.ExceptHookArgs) -> None:
    error, thread = arguments.exc_value, arguments.thread
    if error is not None and not isinstance(error, SystemExit):
        name = thread.name if thread is not None else "unknown"
        log.error("thread %s ended: %s at %s", name, type(error).__name__, places(error))


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    error = unraisable.exc_value
    if error is not None:
        log.error("unraisable %s at %s", type(error).__name__, places(error))
