"""A `harmo` beside a Python of its own: it notes its arguments and is the toy service."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

TOY_SERVICE = Path(__file__).parents[1] / "toy_service.py"
CALLED = "called.txt"
"""Where it notes its arguments, one a line, beside it."""

_SERVES = f"""#!{sys.executable}
import os, pathlib, sys
pathlib.Path(__file__).with_name({CALLED!r}).write_text("\\n".join(sys.argv[1:]))
print("serving", flush=True)
port = sys.argv[sys.argv.index("--port") + 1]
os.execv({sys.executable!r}, [{sys.executable!r}, {str(TOY_SERVICE)!r}, port, "-1", "1"])
"""
_FAILS = f"""#!{sys.executable}
import sys
sys.exit("harmo: nowhere.yaml: no such recipe")
"""


def install(folder: Path, patch: pytest.MonkeyPatch, *, fails: bool = False) -> Path:
    """The folder that holds it; this process takes it for its own environment."""
    folder.mkdir()
    command = folder / "harmo"
    command.write_text(_FAILS if fails else _SERVES)
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    # What keeps the service needs the standard library alone.
    (folder / "python").symlink_to(sys.executable)
    patch.setattr(sys, "executable", str(folder / "python"))
    return folder
