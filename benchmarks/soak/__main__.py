"""`make soak`: one real server under everything at once, every answer checked.

The server hosts a tiny random reward model and scores with three recipes: maths, the model, and
both with format, instructions and length. Exits with 1 if an answer was lost, a reward was another
than alone, or the server at rest has more files or processes than before.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import random_model
from benchmarks.soak import bank
from benchmarks.soak.report import Report
from benchmarks.soak.traffic import Traffic
from benchmarks.soak.watch import Sample, Watch
from tests.reliability.cluster import Server, started, until

KNOWN_GROUPS = 120
IN_FLIGHT = 512
"""Completions at once: few enough for every burst to be more."""


def main() -> int:
    """Run and report; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--markdown", type=Path, help="write the tables here as well")
    given = parser.parse_args()
    # That it asks again where it was shed is part of the report.
    logging.getLogger("harmo_client").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        model = random_model.save(folder / "rm", hidden=128, layers=2)
        settings = {"models": [f"rm={model}"], "max_in_flight_completions": IN_FLIGHT}
        with started(folder, {"soak": bank.RECIPE}, **settings) as server:
            report = asyncio.run(soak(server, given.minutes, given.seed))
            server.terminate()
            ended = server.wait()
    report.show()
    if given.markdown is not None:
        report.write(given.markdown)
    if ended:
        print(f"the server ended with {ended}, not 0")
    return int(bool(report.failures or ended))


async def soak(server: Server, minutes: float, seed: int) -> Report:
    """What so many minutes came to."""
    groups = bank.groups(KNOWN_GROUPS, random.Random(seed))
    known = await asyncio.to_thread(bank.settle, server.url, groups)
    watch, traffic = Watch(server), Traffic(server.url, known, seed)
    before = await asyncio.to_thread(at_rest, server, watch)
    said_before = server.get("/metrics").text
    watching = asyncio.create_task(watch.run())
    await traffic.run(minutes * 60)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    after = await asyncio.to_thread(at_rest, server, watch)
    return Report(
        minutes=minutes,
        tally=traffic.tally,
        before=before,
        samples=watch.samples,
        after=after,
        metrics=(said_before, server.get("/metrics").text),
    )


def at_rest(server: Server, watch: Watch) -> Sample:
    """A look at a server that nobody asks anything, once it has let go of the last request."""
    until(lambda: server.metric("harmo_completions_in_flight") == 0.0, "nothing is in flight")
    # Workers that are being replaced, and connections that are closing.
    time.sleep(3.0)
    return Sample(ready=server.status("/readyz") == 200, livez_s=0.0, **watch.kernel())


if __name__ == "__main__":
    sys.exit(main())
