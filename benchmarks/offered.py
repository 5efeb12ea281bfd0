"""What `harmo bench` can offer: its own cost, against a server that scores nothing.

`python -m benchmarks.offered`. CPU a completion is what counts; throughput is that of two processes
on one machine.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import socket

import httpx

from harmo.app.cli.bench.bodies import Made
from harmo.app.cli.bench.driving import Driver
from harmo.app.cli.bench.http import Connections
from harmo.app.cli.bench.load import Load
from harmo.app.cli.bench.needs import Needs
from tests.process import free_port

MEMBERS, SECONDS = 8, 4.0
SCORED = {
    "id": "0",
    "reward": 1.25,
    "reason": None,
    "scores": [1.0, 1.0, 0.0],
    "confidences": [0.98, 1.0, 1.0],
    "contributions": [1.0, 0.25, 0.0],
    "reasons": [None, None, None],
}


class Null(asyncio.Protocol):
    """Answers whatever is asked at once, with as many rewards as it was told."""

    def __init__(self, groups: int) -> None:
        answer = {"groups": [{"id": "g", "completions": [SCORED] * MEMBERS}] * groups}
        content = json.dumps(answer, separators=(",", ":")).encode()
        self._reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
        self._read = bytearray()
        self._needed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while True:
            if not self._needed:
                end = self._read.find(b"\r\n\r\n")
                if end < 0:
                    return
                length = bytes(self._read[:end]).lower().partition(b"content-length:")[2]
                self._needed = end + 4 + int(length.split(b"\r\n")[0])
            if len(self._read) < self._needed:
                return
            del self._read[: self._needed]
            self._needed = 0
            self._transport.write(self._reply)


def serve(port: int, groups: int) -> None:
    """Answer until the process is ended."""

    async def listen() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Null(groups), "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(listen())


async def offered(port: int, groups: int, concurrency: int) -> Driver:
    """A bench that is over."""
    load = Load(
        recipe="math",
        groups=groups,
        members=MEMBERS,
        prompt_tokens=100,
        completion_tokens=300,
        images=0,
        wrong=0.5,
        seed=0,
        concurrency=concurrency,
        rate=None,
        duration_s=SECONDS,
        requests=None,
        warmup_s=0.5,
        timeout_s=60.0,
        retry=False,
    )
    connections = Connections(httpx.URL(f"http://127.0.0.1:{port}"), {})
    made = Made(load, Needs(tasks={"math": 1.0}, thinks=True))
    driver = Driver(load, made, connections, keys="offered")
    await driver.run()
    connections.close()
    return driver


def main() -> None:
    """Print the table."""
    print("| groups a request | at once | completions/s | CPU us/completion | of a core |")
    print("|---|---|---|---|---|")
    for groups in (1, 4, 16):
        port = free_port()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(port, groups))
        server.start()
        _wait(port)
        for concurrency in (8, 64, 256):
            driver = asyncio.run(offered(port, groups, concurrency))
            rate = driver.tally.completions / driver.measured_s
            cost_us = driver.cpu_share / rate * 1e6
            share = f"{driver.cpu_share:.0%}"
            print(f"| {groups} | {concurrency} | {rate:,.0f} | {cost_us:.1f} | {share} |")
        server.terminate()
        server.join()


def _wait(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            continue
        return


if __name__ == "__main__":
    main()
