"""What a run came to, said at its end: shares, outages, and every column from first to last."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from harmo_client import wire
from harmo_client.connection import Split
from harmo_client.train.checkpoints import last_checkpoint
from harmo_client.train.record.metrics import Metrics, read_metrics
from harmo_client.train.record.outages import Outage, read_outages
from harmo_client.train.record.progress import COLUMN_KEY, LENGTH, ZERO_VARIANCE
from harmo_client.train.record.tally import COMPLETIONS, UNSCORED_KEY, prefix

LEFT = {
    "policy": "the trained policy",
    "curves.png": "reward, columns and shares by step",
    "metrics.jsonl": "the numbers behind the curves, a line a step",
    "completions": "tables of completions with their scores, a Parquet file a step",
    "rollouts": "what was sent to the service, a file a step",
    "outages.jsonl": "when the service was waited for",
    "recipe.json": "the recipe that paid, with its versions",
}
ENDS = 20
"""First and last are means over one step in this many."""


def print_summary(console: Console, out: Path, columns: Sequence[wire.Column], recipe: str) -> None:
    """What the run came to and where everything lies; nothing before the first step."""
    metrics = read_metrics(out / "metrics.jsonl")
    for line in [*shares(metrics), *late_answers(read_outages(out / "outages.jsonl"))]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if metrics:
        console.print(first_to_last(metrics, columns))
    for line in whereabouts(out, recipe):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def shares(metrics: Sequence[Metrics]) -> Iterator[str]:
    """What went wrong, a line each: nothing is left out because it is nothing."""
    splits: tuple[Split, ...] = ("train", "eval")
    for split in splits:
        completions = _total(metrics, prefix(split) + COMPLETIONS)
        if completions:
            reasons = _reasons(metrics, split)
            share = reasons.total() / completions
            listed = ", ".join(f"{reason} {n}" for reason, n in reasons.most_common())
            where = "unscored" if split == "train" else "unscored in evaluation"
            of = f"of {completions:,.0f} completions"
            yield f"{where}: {share:.1%} {of}" + (f" ({listed})" if listed else "")
    flat = _values(metrics, ZERO_VARIANCE)
    if flat:
        yield f"zero variance: {_mean(flat):.1%} of groups taught nothing: their rewards are alike"


def late_answers(outages: Sequence[Outage]) -> Iterator[str]:
    """How often and how long the run waited for the service; nothing if it never did."""
    if outages:
        seconds = math.fsum(outage.seconds for outage in outages)
        generations = "1 generation" if len(outages) == 1 else f"{len(outages)} generations"
        yield f"outages: {generations} waited for the service, {seconds:.0f} s in all"


def first_to_last(metrics: Sequence[Metrics], columns: Sequence[wire.Column]) -> Table:
    """The reward, every column's mean score and the length, at the start and at the end."""
    evaluated = any("eval_reward" in row for row in metrics)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for heading in ("first", "last", *(("eval first", "eval last") if evaluated else ())):
        table.add_column(heading, justify="right")
    keys = {"reward": "reward"}
    keys |= {column.name: COLUMN_KEY.format(column.name) for column in columns}
    keys |= {"tokens a completion": LENGTH}
    for name, key in keys.items():
        cells = _ends(_values(metrics, key))
        if evaluated:
            cells += _ends(_values(metrics, f"eval_{key}"), most=1)
        table.add_row(name, *cells)
    return table


def whereabouts(out: Path, recipe: str) -> Iterator[str]:
    """Where everything lies, and how to look into the last step."""
    left = {name: what for name, what in LEFT.items() if (out / name).exists()}
    checkpoint = last_checkpoint(out)
    if checkpoint:
        left[checkpoint.name] = "the last checkpoint"
    if left:
        yield f"In {out} lie:"
        width = max(map(len, left))
        yield from (f"  {name:<{width}}  {what}" for name, what in left.items())
    rollouts = sorted((out / "rollouts").glob("train_*[0-9].jsonl"))
    if rollouts:
        yield f"To see why a completion got its reward: {explaining(rollouts[-1], recipe)}"


def explaining(rollouts: Path, recipe: str) -> str:
    """The command that says what each scorer saw in these completions."""
    return f"harmo score {rollouts} --recipe {recipe} --explain"


def _reasons(metrics: Sequence[Metrics], split: Split) -> Counter[str]:
    start = prefix(split) + UNSCORED_KEY.format("")
    found: Counter[str] = Counter()
    for row in metrics:
        for key, value in row.items():
            if key.startswith(start):
                found[key.removeprefix(start)] += int(value or 0)
    return found


def _ends(values: Sequence[float], most: int | None = None) -> list[str]:
    """The first and the last of the values as text, each a mean over a few."""
    if not values:
        return ["-", "-"]
    count = most or max(1, len(values) // ENDS)
    return [f"{_mean(some):.3f}" for some in (values[:count], values[-count:])]


def _values(metrics: Sequence[Metrics], key: str) -> list[float]:
    return [value for row in metrics if (value := row.get(key)) is not None]


def _total(metrics: Sequence[Metrics], key: str) -> float:
    return math.fsum(_values(metrics, key))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
