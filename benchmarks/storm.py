"""One sample a request, as most trainers send them, against the same samples in whole groups.

Requests of one sample go to `/get_reward`, each on a connection of its own and all at once, as
OpenRLHF's client sends them; groups of eight go to `/score`, eight groups a request.
"""

from __future__ import annotations

import asyncio
import statistics
import time

from benchmarks.overhead import cpu_seconds, server
from tests.load.storm import Answer, completion, prompt, send, storm
from tests.process import HARMO, free_port

SAMPLES = 2048
GROUP = 8
GROUPS = 8
"""In one request."""
ROUNDS = 5


def main() -> None:
    """Print the table."""
    port = free_port()
    command = [HARMO, "serve", "--log-level", "warning", "--port", str(port)]
    rounds: dict[str, list[tuple[float, float]]] = {}
    with server(command, port) as process:
        for number in range(-1, ROUNDS):
            for name, sending in (("single samples", singles), ("whole groups", groups)):
                before_s, began_s = cpu_seconds(process.pid), time.monotonic()
                answers = asyncio.run(sending(port))
                spent = time.monotonic() - began_s, cpu_seconds(process.pid) - before_s
                if wrong := [answer for answer in answers if answer.status != 200]:
                    raise RuntimeError(f"{len(wrong)} answers like {wrong[0]}")
                if number >= 0:
                    rounds.setdefault(name, []).append(spent)
    report(rounds)


def report(rounds: dict[str, list[tuple[float, float]]]) -> None:
    """Print medians, and the ratio round by round."""
    print(f"## {SAMPLES} samples, each in a request of its own or in groups of {GROUP}\n")
    print("| sent as | samples/s | server CPU us/sample | CPU to groups' |")
    print("|---|---|---|---|")
    for name, spent in rounds.items():
        rate = SAMPLES / statistics.median(wall for wall, _ in spent)
        cpu_us = statistics.median(cpu for _, cpu in spent) / SAMPLES * 1e6
        pairs = zip(spent, rounds["whole groups"], strict=True)
        ratio = statistics.median(own[1] / theirs[1] for own, theirs in pairs)
        print(f"| {name} | {rate:.0f} | {cpu_us:.0f} | {ratio:.1f} |")
    print(f"\nMedians of {ROUNDS} rounds; client and server share the machine.\n")


async def singles(port: int) -> list[Answer]:
    """Every sample on a connection of its own, all at once."""
    return await storm(port, "/get_reward?run=bench", range(SAMPLES))


async def groups(port: int) -> list[Answer]:
    """The same samples, eight groups of eight a request, all at once."""
    wholes = [
        {
            "id": str(first),
            "prompt": prompt(first),
            "reference": str(first + 7),
            "completions": [
                {"id": str(n), "text": completion(n)} for n in range(first, first + GROUP)
            ],
        }
        for first in range(0, SAMPLES, GROUP)
    ]
    bodies = [{"groups": wholes[i : i + GROUPS]} for i in range(0, len(wholes), GROUPS)]
    return await asyncio.gather(*(send(port, "/score", body) for body in bodies))


if __name__ == "__main__":
    main()
