"""`harmo top` as it is typed, at a service that runs."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from harmo_client import wire
from tests.app.cli.conftest import Typed
from tests.process import HARMO, free_port, heeding_interrupts, serving

ASKED = wire.ScoreRequest.model_validate(wire.EXAMPLE | {"run": "exp-7"})
ALTERNATE, MAIN, CURSOR = "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--workers", "1", "--log-level", "warning") as port:
        address = f"http://127.0.0.1:{port}"
        body = ASKED.model_dump_json(exclude_defaults=True)
        httpx.post(
            f"{address}/score", content=body, headers={"Content-Type": "application/json"}
        ).raise_for_status()
        yield address


def test_once_prints_one_look_and_exits(url: str, typed: Typed) -> None:
    code, out, err = typed(f"top {url}/metrics --once --interval-s 0.2")
    assert (code, err) == (0, "")
    for shown in (url, "ready", "math exp-7", "answer", "idle", "0.750"):
        assert shown in out, shown
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_json_is_for_scripts(url: str, typed: Typed) -> None:
    code, out, _ = typed(f"top {url} --json --interval-s 0.2")
    seen = json.loads(out)
    assert code == 0
    assert seen["services"][0]["state"] == "ready"
    assert [run["run"] for run in seen["runs"]] == ["exp-7"]
    assert seen["runs"][0]["mean"] == pytest.approx(0.75)


def test_an_address_without_a_service_is_exit_code_1(url: str, typed: Typed) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    code, out, err = typed(f"top {nobody} {url} --interval-s 0.2")
    assert (code, err) == (1, "")
    assert f"{nobody}: nobody answers there" in out
    assert "math exp-7" in out, "what there is is shown all the same"


@pytest.mark.parametrize("address", ["ftp://box", "http://", "http://box:port", "::"])
def test_what_is_no_address_is_a_mistake(address: str, typed: Typed) -> None:
    code, _, err = typed(f"top {address}")
    assert code == 2
    assert "is no address of a service; write http://HOST:PORT" in err


def test_the_key_goes_to_the_service_and_nowhere_else(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARMO_API_KEY", "s3cret\x07")
    code, out, err = typed("top http://127.0.0.1:1 --once")
    assert code == 2
    assert "no header can carry" in err
    monkeypatch.setenv("HARMO_API_KEY", "s3cret")
    code, out, err = typed("top http://user:s3cret@127.0.0.1:1 --once")
    assert code == 1
    assert "s3cret" not in out + err


@pytest.mark.parametrize(("ended_by", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_leaves_the_terminal_as_it_was(url: str, ended_by: signal.Signals, code: int) -> None:
    ours, theirs = pty.openpty()
    with heeding_interrupts():
        process = subprocess.Popen(
            [HARMO, "top", url, "--interval-s", "0.2"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "COLUMNS": "80", "LINES": "24", "TERM": "xterm"},
        )
    os.close(theirs)
    seen = read_until(ours, "exp-7")
    process.send_signal(ended_by)
    seen += read_until(ours, MAIN)
    assert process.wait(20) == code
    seen += read_until(ours, "\0", wait_s=0.2)
    os.close(ours)
    assert seen.index(ALTERNATE) < seen.index("exp-7") < seen.index(MAIN)
    assert CURSOR in seen
    assert "Traceback" not in seen
    assert re.sub(r"\x1b\[[\d;?]*[a-zA-Z]|\s", "", seen.partition(MAIN)[2]) == ""


def read_until(ours: int, end: str, wait_s: float = 30.0) -> str:
    """What a terminal shows until these words."""
    stop, seen = time.monotonic() + wait_s, ""
    while end not in seen and (left_s := stop - time.monotonic()) > 0:
        if select.select([ours], [], [], left_s)[0]:
            try:
                seen += os.read(ours, 65_536).decode(errors="replace")
            except OSError:
                break
    return seen
