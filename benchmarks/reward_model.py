"""Reward models: `python -m benchmarks.reward_model`.

In process, the ways to run the same groups through the same model; over HTTP, the service against
peers; on a GPU, the share of the machine's own matrix rate. Rounds alternate between the
contestants and bring fresh prompts, so that noise and caches hit all alike.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from benchmarks import random_model
from harmo.models.base import Rung
from harmo.models.checkpoint.heads import Head
from harmo.models.checkpoint.loader import load
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.rungs import padded, values
from harmo.models.forward.token_group import TokenGroup, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is scored in one round."""

    prompt: int = 512
    shortest: int = 64
    longest: int = 512
    group: int = 8
    groups: int = 4

    def __str__(self) -> str:
        return (
            f"P={self.prompt} completions {self.shortest}-{self.longest} G={self.group},"
            f" {self.groups} groups"
        )

    def token_groups(self, rng: random.Random, *, vocabulary: int) -> list[TokenGroup]:
        """Fresh groups of random ids; the last token of each completion is read."""

        def ids(count: int) -> tuple[int, ...]:
            return tuple(rng.randrange(300, vocabulary) for _ in range(count))

        groups = []
        for _ in range(self.groups):
            prompt = ids(self.prompt)
            members = [
                prompt + ids(rng.randint(self.shortest, self.longest)) for _ in range(self.group)
            ]
            groups.append(share(members, [(len(member) - 1,) for member in members]))
        return groups


SHORT = Load(prompt=1024, shortest=32, longest=64, group=16)
LOADS = (Load(), SHORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One contestant in one round."""

    wall_s: float
    cpu_s: float
    scores: Tensor


Contestant = Callable[[Sequence[TokenGroup]], Tensor]


def contestants(backbone: Backbone, head: Head, max_tokens: int) -> dict[str, Contestant]:
    """The ways to score, by name; the first is what ratios refer to."""

    def in_order(groups: Sequence[TokenGroup]) -> Tensor:
        """A padded batch per group, as a server does that scores a request at a time."""
        rows = [head(padded(backbone, [g], max_tokens=1 << 30), [1] * len(g)) for g in groups]
        return torch.cat(rows)

    def on(rung: Rung) -> Contestant:
        def one_batch_per_budget(groups: Sequence[TokenGroup]) -> Tensor:
            pieces = [piece for group in groups for piece in group.pieces(max_tokens)]
            return torch.cat(
                [values(backbone, head, rung, [piece], max_tokens=max_tokens) for piece in pieces]
            )

        return one_batch_per_budget

    def sorted_rows(groups: Sequence[TokenGroup]) -> Tensor:
        return values(backbone, head, Rung.PADDED, groups, max_tokens=max_tokens)

    return {
        "padded, a batch per group": in_order,
        "padded, sorted by length": sorted_rows,
        "packed": on(Rung.PACKED),
        "cached prefix": on(Rung.CACHED),
        "tree": on(Rung.TREE),
    }


def compare(load_: Load, backbone: Backbone, head: Head, *, rounds: int, seed: int = 0) -> None:
    """Print one table of ratios."""
    forwarded = 0

    def count(_module: object, _args: object, inputs: dict[str, Tensor]) -> None:
        nonlocal forwarded
        forwarded += inputs["input_ids"].numel()

    handle = backbone.module.register_forward_pre_hook(count, with_kwargs=True)
    ways = contestants(backbone, head, max_tokens=4096)
    timings: dict[str, list[Timing]] = {name: [] for name in ways}
    tokens: dict[str, list[float]] = {name: [] for name in ways}
    rng = random.Random(seed)
    vocabulary = backbone.module.config.vocab_size
    for number in range(rounds):
        groups = load_.token_groups(rng, vocabulary=vocabulary)
        ideal = sum(group.tokens for group in groups)
        for name in list(ways)[:: 1 if number % 2 else -1]:
            forwarded = 0
            timings[name].append(_timed(lambda way=ways[name], g=groups: way(g)))
            tokens[name].append(forwarded / ideal)
    handle.remove()
    print(f"\n{load_}, {rounds} rounds")
    _print_ratios(timings, tokens)


def _timed(run: Callable[[], Tensor]) -> Timing:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        scores = run()
    return Timing(
        wall_s=time.perf_counter() - wall_s, cpu_s=time.process_time() - cpu_s, scores=scores
    )


def _print_ratios(timings: dict[str, list[Timing]], tokens: dict[str, list[float]]) -> None:
    base = timings[next(iter(timings))]
    print("| way | wall s | speed-up, wall | speed-up, CPU time | forwarded / ideal | largest |")
    print("|---|---|---|---|---|---|")
    for name, mine in timings.items():
        wall = statistics.median(b.wall_s / m.wall_s for b, m in zip(base, mine, strict=True))
        cpu = statistics.median(b.cpu_s / m.cpu_s for b, m in zip(base, mine, strict=True))
        apart = max(
            float((b.scores - m.scores).abs().max()) for b, m in zip(base, mine, strict=True)
        )
        seconds = statistics.median(m.wall_s for m in mine)
        print(
            f"| {name} | {seconds:.2f} | {wall:.2f}x | {cpu:.2f}x"
            f" | {statistics.mean(tokens[name]):.3f} | {apart:.1e} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    with tempfile.TemporaryDirectory() as directory:
        path = random_model.save(Path(directory) / "rm")
        loaded = load(path, device="cpu")
        backbone = Backbone(loaded.backbone, device=loaded.device)
        size = sum(weight.numel() for weight in loaded.backbone.parameters()) / 1e6
        print(f"random Qwen2, {size:.1f}M parameters, float32, {given.threads} thread")
        for load_ in LOADS:
            compare(load_, backbone, loaded.head, rounds=given.rounds)


if __name__ == "__main__":
    main()
