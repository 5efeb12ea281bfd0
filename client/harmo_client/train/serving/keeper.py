"""`keeper.py COMMAND...`: runs a service for as long as whoever started this is there.

That one holds the other end of our standard input, and a process that is gone holds nothing:
however a run dies, its service goes too. What it writes there says that the service has answered;
from then on a service that crashes is started again. Run by its path, it imports no package.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

PATIENCE_S = 60.0
"""For what was asked to end: it finishes what is in flight, and writes what it keeps."""
ANSWERED = b"answered\n"
"""What the starter writes once it has seen an answer."""
_PAUSE_S = 1.0
_MEANT = (0, 2)
"""Exit codes of a service that somebody ended, or that was asked for what it cannot do."""


class Keeper:
    """One command, and whether it is still wanted."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answered = self._unwanted = False

    def run(self) -> int:
        """Exit code of the command in the end; below 0 the signal that ended it."""
        while True:
            with self._lock:
                if self._unwanted:
                    return 0
                process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)  # noqa: S603  our starter's
                self._process = process
            code = process.wait()
            if self._unwanted or not self._answered or code in _MEANT:
                return code
            print(f"the service ended with {code}; it is started again", flush=True)
            time.sleep(_PAUSE_S)

    def follow_input(self) -> None:
        """Return once nobody holds our standard input any more, and the command has ended."""
        # Not through sys.stdin: Python aborts where it ends while another thread reads there.
        while os.read(0, 1 << 10):
            self._answered = True
        with self._lock:
            self._unwanted, process = True, self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()


def main() -> int:
    """Exit code of the command."""
    keeper = Keeper(sys.argv[1:])
    threading.Thread(target=keeper.follow_input, daemon=True).start()
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main())
