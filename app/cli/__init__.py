"""The `harmo` command. `main` imports the rest: workers that re-import the script pay nothing."""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

MISTAKE, INTERRUPTED = 2, 130


def main() -> None:
    """Run the command; a user's mistake is one sentence and exit code 2, never a traceback."""
    _open_standard_files()
    if sys.argv[1:2] == ["serve"]:
        _hear_signals()
    try:
        from harmo.app.cli.commands import run

        code = run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone: nothing is wrong, and Python must not flush to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except OSError as error:
        code = _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except ValueError as error:
        code = _fail(str(error))
    sys.exit(code)


def _hear_signals() -> None:
    """End a service in peace from its first moment: loading takes seconds, and owes nobody a word.

    Later the server hears them. SIGUSR1 and SIGUSR2 mean nothing to it, and would kill it.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end_at_once)
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    # An exception could be swallowed by whatever is being imported.
    del frame
    with contextlib.suppress(OSError):
        os.write(2, f"harmo: {signal.Signals(number).name} before it served anything\n".encode())
    os._exit(0)


def _open_standard_files() -> None:
    """Open what the parent closed: else a connection gets its number, and what is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or os.fdopen(os.dup(1), "w")
    sys.stderr = sys.stderr or os.fdopen(os.dup(2), "w")


def _fail(message: str) -> int:
    print(f"harmo: {message}", file=sys.stderr)  # noqa: T201 - this is the terminal
    return MISTAKE
