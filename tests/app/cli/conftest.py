"""The command without its process, which costs seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from harmo.app.cli import main

Typed = Callable[[str], tuple[int, str, str]]
"""A command line -> exit code, standard output and standard error."""


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """What the installed script calls, on 80 columns that are no terminal."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["harmo", *line.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call
