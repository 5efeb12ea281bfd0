from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from harmo_client.adapters.core import ranks
from harmo_client.errors import BudgetExhaustedError


@pytest.fixture
def served(service: Any) -> Iterator[tuple[str, Any]]:
    """The fake service behind a real socket: its address and itself."""
    fake = service()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            refused = b"refuse" in content
            request = httpx.Request(self.command, f"http://service{self.path}", content=content)
            response = httpx.Response(422) if refused else fake(request)
            self.send_response(response.status_code)
            self.send_header("Content-Length", str(len(response.content)))
            self.end_headers()
            self.wfile.write(response.content)

        do_GET = do_POST = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def reports(served: tuple[str, Any], tmp_path: Path) -> list[dict[str, Any]]:
    """What each of two processes saw."""
    script = Path(__file__).with_name("rank.py")
    processes = [
        subprocess.Popen(
            [sys.executable, str(script), served[0], str(tmp_path / "store"), str(rank)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        ended = [process.communicate(timeout=120) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], ended
    return [json.loads(output) for output, _ in ended]


def test_two_processes_share_one_request_and_its_fate(
    reports: list[dict[str, Any]], served: tuple[str, Any]
) -> None:
    first, second = reports
    # Right rows per rank: the reward is the length of the text, and a quarter.
    assert first["rewards"] == [0.25, 1.25, 2.25]
    assert second["rewards"] == [3.25, 4.25, 5.25]
    assert (first["unscored"], second["unscored"]) == ([1.25, 1.25, None], [2.25, 1.25, 1.25])
    assert first["columns"] == [[0.0, 1.0, 2.0], [0.25] * 3]
    assert second["columns"] == [[3.0, 4.0, 5.0], [0.25] * 3]
    # The same error on every rank, and nothing in between stays out of step.
    for name, words in {
        "refused by the service": "BadRequestError: HTTP 422",
        "rank 1 cannot read its rows": "RankError: rank 1: ValueError: no column 'answer'",
        "ranks disagree on the groups": "RankError: rank 0: ValueError: group 'train",
    }.items():
        assert first[name].startswith(words)
        assert first[name] == second[name]
    assert first["and on it goes"] == first["rewards"]
    # One request per generation that could be posted: rewards, unscored, columns, and again.
    fake = served[1]
    assert len(fake.bodies) == 4
    for body in fake.bodies:
        assert [(g["id"].split(".")[-1], len(g["completions"])) for g in body["groups"]] == [
            ("0", 2),
            ("1", 2),
            ("2", 2),
        ]


def test_alone_nothing_is_gathered_and_errors_are_raised_as_they_are() -> None:
    assert ranks.settle_once(lambda: 1, lambda parts: [parts, ranks.rank()]) == [[1], 0]

    def fail(parts: list[int]) -> None:
        raise BudgetExhaustedError("gone")

    with pytest.raises(BudgetExhaustedError, match="gone"):
        ranks.settle_once(lambda: 1, fail)
