"""Samples a minute of a replay: from stored scores alone, and where rules run again.

From a store of made-up groups of eight on this machine's disk to the whole answer: read, combined,
compared. The last table is what a what-if page pays for one move of a slider, in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from harmo.app.replay.recombine import matched, recombined
from harmo.app.replay.replaying import Asked, replayed
from harmo.app.settings import Settings
from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import Recipe
from harmo.scorers import registry
from tests.audit.made import RECIPE, made_store

SIBLINGS = 8
PAGE_GROUPS = 1000
RULES: Mapping[str, Any] = {"model": [], "rule": [{"scorer": "rule.math", "name": "answer"}]}
KEPT: Mapping[str, Mapping[str, Any]] = {
    "other weights": {"weights": {"model": 0.1, "rule": 1.0, "aspect": 0.5, "length": 0.25}},
    "combine gate": {"combine": "gate"},
    "combine lexicographic": {"combine": "lexicographic"},
    "cut ones are wrong (lengths anew)": {"on_truncated": "wrong"},
    "another length term": {"length": [{"scorer": "length.harmo"}]},
}
SCORED: Mapping[str, tuple[Mapping[str, Any], bool]] = {
    "one aspect more": ({"shadow": [{"scorer": "aspect.language"}]}, False),
    "rule.math for rule.by_task": (RULES, False),
    "every rule, aspect and length": (RULES, True),
}
"""What the recipe says, and whether all is scored."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    registry.load()
    with tempfile.TemporaryDirectory() as folder:
        store = made_store(Path(folder, "store"), groups=arguments.groups, siblings=SIBLINGS)
        from_stored(store, arguments.rounds)
        scored_again(store, arguments.rounds)
        in_memory(store, arguments.rounds)


def recipe(fields: Mapping[str, Any]) -> Recipe:
    """The store's, with some fields replaced."""
    return Recipe.model_validate({**yaml.safe_load(RECIPE), **copy.deepcopy(dict(fields))})


def from_stored(store: Path, rounds: int) -> None:
    """Print the table of what runs no scorer."""
    print("## Replay from stored scores\n")
    print("| change | completions/min | a minute of one core |\n|---|---|---|")
    for name, fields in KEPT.items():
        rates = [replay(store, recipe(fields)) for _ in range(rounds)]
        wall, core = (median(side) / 1e6 for side in zip(*rates, strict=True))
        print(f"| {name} | {wall:.2f} million | {core:.2f} million |")
    print()


def scored_again(store: Path, rounds: int) -> None:
    """Print the table of what runs scorers, workers and all; no results are there before."""
    print("## Replay with scorers\n")
    print("| what runs | completions/min |\n|---|---|")
    for name, (fields, rescore) in SCORED.items():
        rates = [replay(store, recipe(fields), rescore=rescore)[0] for _ in range(rounds)]
        print(f"| {name} | {median(rates) / 1e6:.3f} million |")
    print()


def replay(store: Path, under: Recipe, *, rescore: bool = False) -> tuple[float, float]:
    """Completions a minute, and a minute of this process's CPU, from first look to answer."""
    with tempfile.TemporaryDirectory() as to:
        asked = Asked(
            store=store, query=Query(), recipe=under, source="", rescore=rescore, to=Path(to)
        )
        began_s, busy_s = time.perf_counter(), time.process_time()
        report = asyncio.run(replayed(asked, Settings(), begin=quietly))
        spent_s = time.perf_counter() - began_s, time.process_time() - busy_s
        wall, core = (60 * report.tally.changes.completions / s for s in spent_s)
        return wall, core


def quietly(_what: str, _completions: int) -> Callable[[int], None]:
    """No progress bar."""
    return lambda _done: None


def in_memory(store: Path, rounds: int) -> None:
    """Print how long a thousand groups take that were read before."""
    with closing(Reader(store)) as reader:
        groups = list(reader.groups(Query(run="exp-2"), texts=False))[:PAGE_GROUPS]
    print(f"## {len(groups)} groups of {SIBLINGS} in memory, recombined\n")
    print("| change | ms |\n|---|---|")
    for name, fields in KEPT.items():
        spent_s = []
        for _ in range(rounds):
            began_s = time.perf_counter()
            plan = compile_recipe(recipe(fields))
            match = matched(plan, groups[0].recipe)
            for kept in groups:
                recombined(plan, kept, match)
            spent_s.append(time.perf_counter() - began_s)
        print(f"| {name} | {1000 * median(spent_s):.0f} |")


if __name__ == "__main__":
    main()
