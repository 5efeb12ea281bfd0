"""512 maths completions over HTTP, against the rewards that trainers bring, in process.

    make conformance && python -m benchmarks.reward_loops

Integers, fractions, expressions and tuples, half of them right by construction. Every peer is its
trainer's own code in a process of its own, installed by `make conformance`. Every round has new
completions, because harmo remembers verdicts; in each one all score the same, one after the other.
Harmo's time is its client's: requests of whole groups, and the wait for them.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.overhead import server
from benchmarks.peers.reward_loop import PEERS
from benchmarks.verifiers import ASKED
from harmo_client import Completion, Group, RewardClient
from tests.conformance.overlays import environment, missing
from tests.process import HARMO, free_port

COMPLETIONS = 512
GROUP = 8
ROUNDS = 3
OVERLAYS = {"TRL": "trl", "ms-swift": "swift", "verl": "verl"}
"""The environment of a peer, by the first word of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A completion of which it is known whether it is right."""

    reference: str
    completion: str
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One scorer over all rows."""

    seconds: float
    rewards: Sequence[float | None]


Scorer = Callable[[Sequence[Row]], Round]


def main() -> None:
    """Print the table."""
    with ExitStack() as running:
        scorers = {"harmo over HTTP": running.enter_context(harmo())}
        for name in PEERS:
            overlay = OVERLAYS[name.partition(" ")[0]]
            if why := missing(overlay):
                print(f"{name} is left out: {why}", file=sys.stderr)
            else:
                scorers[name] = running.enter_context(peer(name, overlay))
        rounds: dict[str, list[Round]] = {name: [] for name in scorers}
        asked = [made(random.Random(seed)) for seed in range(ROUNDS + 1)]
        for rows in asked:
            for name, scorer in scorers.items():
                rounds[name].append(scorer(rows))
    # The first is to warm up.
    report(asked[1:], {name: each[1:] for name, each in rounds.items()})


def made(rng: random.Random) -> list[Row]:
    """Groups of eight completions of one question each, half of them right."""
    rows = []
    for number in range(COMPLETIONS // GROUP):
        reference, same, near = ASKED[number % len(ASKED)](rng)
        for i in range(GROUP):
            right = i % 2 == 0
            answer = (reference if i % 4 == 0 else same) if right else near
            thought = f"Let me see. Attempt {i} goes step by step, and I check the sum. " * 3
            rows.append(
                Row(
                    reference=reference,
                    completion=f"{thought}The answer is $\\boxed{{{answer}}}$.",
                    right=right,
                )
            )
    return rows


@contextmanager
def harmo() -> Iterator[Scorer]:
    """A service with one worker, asked by the client in groups of eight."""
    port = free_port()
    command = [HARMO, "serve", "--workers", "1", "--log-level", "warning", "--port", str(port)]
    with server(command, port), RewardClient(f"http://127.0.0.1:{port}") as client:

        def score(rows: Sequence[Row]) -> Round:
            groups = grouped(rows)
            began_s = time.perf_counter()
            answer = client.score(groups, recipe="math", run="bench")
            seconds = time.perf_counter() - began_s
            place = [column.name for column in answer.columns].index("answer")
            given = [c.scores[place] for group in answer.groups for c in group.completions]
            return Round(seconds=seconds, rewards=given)

        yield score


def grouped(rows: Sequence[Row]) -> list[Group]:
    """The rows as the client sends them."""
    return [
        Group(
            id=str(first),
            prompt="",
            reference=rows[first].reference,
            completions=[
                Completion(id=str(i), text=rows[i].completion, num_tokens=60)
                for i in range(first, first + GROUP)
            ],
        )
        for first in range(0, len(rows), GROUP)
    ]


@contextmanager
def peer(name: str, overlay: str) -> Iterator[Scorer]:
    """A trainer's own reward in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.peers.reward_loop", name]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(overlay),
    ) as process:
        given, answered = process.stdin, process.stdout
        assert given is not None
        assert answered is not None

        def score(rows: Sequence[Row]) -> Round:
            asked = [{"reference": row.reference, "completion": row.completion} for row in rows]
            given.write(json.dumps(asked) + "\n")
            given.flush()
            line = answered.readline()
            if not line:
                raise RuntimeError(f"{name} ended with {process.wait()}")
            return Round(**json.loads(line))

        yield score
        given.close()


def report(asked: Sequence[Sequence[Row]], rounds: dict[str, list[Round]]) -> None:
    """Print medians, the ratio to harmo round by round, and how often each was right."""
    print(
        f"## {COMPLETIONS} maths completions: harmo over HTTP, trainers' own rewards in process\n"
    )
    print("| reward | completions/s | time to harmo's | right verdicts | of right ones paid |")
    print("|---|---|---|---|---|")
    labels = [row.right for rows in asked for row in rows]
    ours = rounds["harmo over HTTP"]
    for name, each in rounds.items():
        rate = COMPLETIONS / statistics.median(round.seconds for round in each)
        pairs = zip(each, ours, strict=True)
        ratio = statistics.median(theirs.seconds / own.seconds for theirs, own in pairs)
        rewards = [reward for round in each for reward in round.rewards]
        paid = [reward is not None and reward >= 0.5 for reward in rewards]
        agree = sum(got == right for got, right in zip(paid, labels, strict=True)) / len(labels)
        found = sum(got and right for got, right in zip(paid, labels, strict=True)) / sum(labels)
        print(f"| {name} | {rate:.0f} | {ratio:.2f} | {agree:.3f} | {found:.3f} |")
    print(f"\nMedians of {ROUNDS} rounds on one machine.\n")


if __name__ == "__main__":
    main()
