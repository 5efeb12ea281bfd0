"""The `harmo` command. `main` imports the rest: workers that re-import the script pay nothing."""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import os
import sys

MISTAKE, INTERRUPTED = 2, 130


def main() -> None:
    """Run the command; a user's mistake is one sentence and exit code 2, never a traceback."""
    _open_standard_files()
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
