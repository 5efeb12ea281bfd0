"""`keeper.py COMMAND...`: runs a command until it ends, or until standard input does.

Whoever started this holds the other end of its standard input, and a process that is gone holds
nothing: however a run dies, its service goes too. Run by its path, it imports no package.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

PATIENCE_S = 60.0
"""For what was asked to end: it finishes what is in flight, and writes what it keeps."""


def main() -> int:
    """Exit code of the command; below 0 the signal that ended it."""
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603  our starter's command
    threading.Thread(target=_end_with_input, args=(process,), daemon=True).start()
    return process.wait()


def _end_with_input(process: subprocess.Popen[bytes]) -> None:
    # Not through sys.stdin: Python aborts where it ends while another thread reads there.
    while os.read(0, 1 << 10):
        pass
    process.terminate()
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    sys.exit(main())
