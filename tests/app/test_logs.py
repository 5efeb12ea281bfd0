"""One record is one line, and errors do not speak."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from harmo.app import logs
from harmo.app.logs import OneLine


def line(message: str, *arguments: object, error: BaseException | None = None) -> str:
    about = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("n", logging.INFO, "f", 1, message, arguments, about)
    return OneLine("%(name)s %(message)s").format(record)


@pytest.mark.parametrize(
    ("text", "shown", "why"),
    [
        ("a\r\nERROR forged", r"a\r\nERROR forged", "another line"),
        ("\x1b[31mred", r"\x1b[31mred", "a terminal's colour"),
        ("\x9b31m", r"\x9b31m", "the same in one character"),
        ("a\x00b\x7f", r"a\x00b\x7f", "what ends a string, what deletes"),
        ("a\u2028b\x85c", r"a\u2028b\x85c", "lines to some readers"),
        ("\u202egnp.exe", r"\u202egnp.exe", "the other direction"),
        ("réponse 数", "réponse 数", "words of any language stay"),
    ],
)
def test_what_is_written_by_others_cannot_forge_a_line(text: str, shown: str, why: str) -> None:
    assert line("said %s", text) == f"n said {shown}", why


def test_a_line_has_a_limit() -> None:
    assert len(line("%s", "x" * 100_000)) == logs.MAX_LINE_CHARS


def test_an_error_is_named_by_its_place() -> None:
    try:
        raise ValueError("MARKER of the policy")
    except ValueError as error:
        said = line("failed", error=error)
    assert "ValueError at" in said
    assert "test_logs.py:" in said
    assert "MARKER" not in said


@pytest.fixture
def configured(tmp_path: object) -> Iterator[None]:
    """The hooks of a service; those of the tests come back."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.raiseExceptions
    hooks = warnings.showwarning, threading.excepthook, sys.unraisablehook
    logs.configure("debug")
    root.handlers = before[0]
    yield
    _, root.level, logging.raiseExceptions = before
    warnings.showwarning, threading.excepthook, sys.unraisablehook = hooks


class _Unraisable:
    def __del__(self) -> None:
        raise RuntimeError("MARKER")


def in_a_thread() -> None:
    def fails() -> None:
        raise RuntimeError("MARKER")

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()


def a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = logs._warned
        warnings.warn("MARKER", stacklevel=1)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (in_a_thread, "RuntimeError at"),
        (a_warning, "UserWarning at"),
        (lambda: _Unraisable() and None, "RuntimeError at"),
    ],
    ids=["thread", "warning", "destructor"],
)
@pytest.mark.usefixtures("configured")
def test_what_nobody_catches_is_named_without_its_words(
    what: object, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    what()  # type: ignore[operator]
    records = [record for record in caplog.records if record.levelno > logging.DEBUG]
    assert any(said in record.getMessage() for record in records)
    assert not any("MARKER" in record.getMessage() for record in records)


async def test_a_task_that_nobody_awaits_is_named_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails() -> None:
        raise RuntimeError("MARKER")

    asyncio.get_running_loop().set_exception_handler(logs.of_loop)
    task = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    del task
    await asyncio.sleep(0)
    assert "RuntimeError at" in caplog.text
    assert "MARKER" not in caplog.text


def test_a_pipe_that_nobody_reads_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stderr", os.fdopen(writing, "w"))
    monkeypatch.setattr(logging, "raiseExceptions", False)
    monkeypatch.setattr(logs, "FINISH_S", 0.1)
    lines = logs.Lines()
    for number in range(logs.MAX_WAITING + 2000):
        lines.handler.handle(logging.LogRecord("n", 20, "f", number, "x" * 100, (), None))
    lines.finish()
    os.close(reading)
    monkeypatch.setattr(logs, "FINISH_S", 20.0)
    lines.finish()
