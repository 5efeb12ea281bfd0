"""A server from outside, once a second: what it says of itself, and what the kernel says of it."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx
import psutil

from tests.reliability.cluster import Server

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look."""

    seconds: float
    own_mib: float
    """Resident memory of the service's process."""
    tree_mib: float
    """Of its processes all together; pages they share count once for each."""
    files: int
    """Open files of the service's process."""
    processes: int
    ready: bool
    livez_s: float
    """How long `/livez` took, from a process that was busy itself."""


class Watch:
    """Looks at a server until it is cancelled."""

    def __init__(self, server: Server) -> None:
        self.samples: list[Sample] = []
        self._server = server
        self._started_s = time.monotonic()

    async def run(self, every_s: float = 1.0) -> None:
        """Look every so often; never returns."""
        async with httpx.AsyncClient(base_url=self._server.url, trust_env=False) as http:
            while True:
                self.samples.append(await self._look(http))
                await asyncio.sleep(every_s)

    async def _look(self, http: httpx.AsyncClient) -> Sample:
        asked_s = time.monotonic()
        await http.get("/livez", timeout=120.0)
        livez_s = time.monotonic() - asked_s
        ready = (await http.get("/readyz", timeout=120.0)).status_code == 200
        return Sample(ready=ready, livez_s=livez_s, **self.kernel())

    def kernel(self) -> dict[str, float]:
        """What needs no answer of the server."""
        own = psutil.Process(self._server.process.pid)
        resident = []
        for process in own.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                resident.append(process.memory_info().rss / MIB)
        own_mib = own.memory_info().rss / MIB
        return {
            "seconds": time.monotonic() - self._started_s,
            "own_mib": own_mib,
            "tree_mib": own_mib + sum(resident),
            "files": own.num_fds(),
            "processes": 1 + len(resident),
        }


def slope(samples: Sequence[Sample]) -> float:
    """MiB a minute by which the service's process grows over the second half; NaN of too few."""
    half = samples[len(samples) // 2 :]
    if len(half) < 2:
        return float("nan")
    minutes = [sample.seconds / 60 for sample in half]
    return statistics.linear_regression(minutes, [sample.own_mib for sample in half]).slope


def counted(metrics: str, name: str) -> float:
    """A metric summed over its labels; 0 where it has not counted yet."""
    return sum(float(value) for _, value in _rows(metrics, name))


def by_label(before: str, after: str, name: str) -> dict[str, float]:
    """By its labels, how much a counter grew, where it did."""
    was = dict(_rows(before, name))
    grew = {label: float(value) - float(was.get(label, 0)) for label, value in _rows(after, name)}
    return {label: value for label, value in grew.items() if value}


def highest_bucket(before: str, after: str, name: str) -> str:
    """The upper end of the highest bucket of a histogram that grew; `-` where none did."""
    was = [float(value) for _, value in _rows(before, f"{name}_bucket")]
    upper, below = "-", 0.0
    for n, (label, value) in enumerate(_rows(after, f"{name}_bucket")):
        grew = float(value) - (was[n] if was else 0.0)
        if grew > below:
            upper, below = label.removeprefix('le="').rstrip('"'), grew
    return upper


def _rows(metrics: str, name: str) -> list[tuple[str, str]]:
    """Labels and value of each series."""
    return re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", metrics, re.MULTILINE)
