"""Runs and a run's figures, for people at a terminal and for scripts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harmo.app.cli.audit.asked import named_run
from harmo.app.cli.audit.figures import WORTH, Column, Figures, Worth, means
from harmo.app.cli.top.words import (
    NOTHING,
    age,
    decimal,
    number,
    percent,
    plain,
    sparkline,
)
from harmo.audit.read import RunSummary
from harmo.scorers.types import Reason

_COLUMN_SPARKS, _STEP_ROWS = 16, 10
"""Bars and rows at most: more steps than that are put together."""


def runs_table(runs: Sequence[RunSummary], now_s: float) -> RenderableType:
    """A row a run, the last written first.

    Args:
        runs: In that order.
        now_s: Unix time.
    """
    if not runs:
        return Text("no groups yet: a service has opened this store and scored nothing")
    table = _table(
        "run", "recipe", groups="", steps="", mean="", null="", flat="", last="", size=""
    )
    for run in runs:
        table.add_row(
            Text(named_run(run.run), style="bold"),
            Text(", ".join(map(plain, run.recipes))),
            number(run.groups),
            _span(run.first_step, run.last_step),
            decimal(run.mean),
            percent(_part(run.completions - run.scored, run.completions)),
            percent(_part(run.zero_variance, run.comparable)),
            f"{age(max(now_s - run.last_s, 0.0))} ago",
            size(run.bytes),
        )
    return table


def run_report(figures: Figures) -> RenderableType:
    """A run's figures: columns, abstentions, reward by step, the groups worth opening."""
    if not figures.groups:
        return Text("no group is as asked")
    return Group(
        _totals(figures),
        Text(),
        _columns(figures),
        *_abstentions(figures),
        *_steps(figures),
        *_worth(figures.worth),
    )


def _totals(figures: Figures) -> Text:
    unscored = figures.completions - figures.scored
    splits = [f"{number(count)} {plain(name)}" for name, count in figures.splits.most_common()]
    groups = " and ".join(splits)
    return Text(
        f"{groups} groups, {number(figures.completions)} completions; "
        f"mean reward {decimal(figures.mean)}; "
        f"unscored {percent(_part(unscored, figures.completions))}; "
        f"groups without signal {percent(_part(figures.flat, figures.comparable))}"
    )


def _columns(figures: Figures) -> Table:
    table = _table("column", scored="", score="mean score", paid="mean paid", share="")
    table.add_column("score by step", style="cyan", no_wrap=True)
    for column in figures.columns.values():
        table.add_row(
            _name(column),
            percent(_part(column.scored, figures.completions)) if column.family else "",
            decimal(_part(column.score, column.scored)) if column.family else "",
            decimal(_part(column.paid, figures.scored)),
            percent(figures.share(column)),
            sparkline(thinned(list(means(column.steps).values()), _COLUMN_SPARKS)),
        )
    table.add_row(
        Text("reward", style="bold"),
        percent(_part(figures.scored, figures.completions)),
        "",
        decimal(figures.mean),
        "",
        sparkline(thinned(list(means(figures.steps).values()), _COLUMN_SPARKS)),
    )
    return table


def _name(column: Column) -> Text:
    name = Text(plain(column.name))
    return name.append(" shadow", style="dim") if column.shadow else name


def _abstentions(figures: Figures) -> Iterator[RenderableType]:
    missing = {
        **{column.name: column.missing for column in figures.columns.values()},
        "reward": figures.missing,
    }
    for name, reasons in missing.items():
        if reasons:
            yield Text(f"{plain(name)} is missing: {_counted(reasons)}")


def _counted(reasons: Counter[Reason]) -> str:
    return ", ".join(f"{number(count)} {reason}" for reason, count in reasons.most_common())


def _steps(figures: Figures) -> Iterator[RenderableType]:
    """A row for each step, or for some that follow each other."""
    by_step = means(figures.steps)
    if len(by_step) < 2:
        return
    edges = evenly(len(by_step), _STEP_ROWS)
    steps, rewards = list(by_step), list(by_step.values())
    table = _table("steps", reward="mean reward")
    for column in figures.columns.values():
        if column.family:
            table.add_column(heading(column.name), justify="right", overflow="fold")
    columns = [means(c.steps) for c in figures.columns.values() if c.family]
    for a, b in pairwise(edges):
        span = steps[a:b]
        table.add_row(
            str(span[0]) if b - a == 1 else f"{span[0]}-{span[-1]}",
            decimal(math.fsum(rewards[a:b]) / (b - a)),
            *(decimal(_mean_over(span, column)) for column in columns),
        )
    yield Text()
    yield table


def _mean_over(steps: Sequence[int], by_step: Mapping[int, float]) -> float | None:
    known = [by_step[step] for step in steps if step in by_step]
    return math.fsum(known) / len(known) if known else None


def _worth(worth: Mapping[str, Sequence[Worth]]) -> Iterator[RenderableType]:
    found = [(cause, each) for cause, several in worth.items() for each in several]
    if not found:
        return
    table = _table("worth opening", group="", step="", figure="")
    table.add_column("what the figure says", style="dim", overflow="fold")
    before = ""
    for cause, each in found:
        step = NOTHING if math.isnan(each.step) else f"{each.step:.0f}"
        first = cause != before
        table.add_row(
            cause if first else "",
            str(each.number),
            step,
            number(each.figure),
            WORTH[cause] if first else "",
        )
        before = cause
    yield Text()
    yield table
    yield Text("--group N prints one of them; the console has it at /group/N", style="dim")


def evenly(count: int, most: int) -> Sequence[int]:
    """Edges of at most so many spans of about equal length."""
    spans = min(count, most)
    return [count * i // spans for i in range(spans + 1)]


def thinned(values: Sequence[float], most: int) -> Sequence[float]:
    """At most so many, each the mean of its neighbours."""
    if not values:
        return ()
    return [math.fsum(values[a:b]) / (b - a) for a, b in pairwise(evenly(len(values), most))]


def heading(column: str) -> str:
    """A column's name above its figures: on as many lines as it has words."""
    return plain(column).replace(".", ".\n").replace("_", "_\n")


def size(count: int) -> str:
    """Bytes: 12 KiB, 3.4 MiB, 2.0 GiB."""
    for unit, power in (("GiB", 30), ("MiB", 20)):
        if count >= 1 << power:
            return f"{number(count / (1 << power))} {unit}"
    return f"{number(count / (1 << 10))} KiB"


def _span(first: int | None, last: int | None) -> str:
    return NOTHING if first is None else f"{first}-{last}"


def _part(count: float, whole: int) -> float | None:
    return count / whole if whole else None


def _table(*names: str, **figures: str) -> Table:
    """Columns of words to the left, then columns of figures to the right."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    for name, heading in figures.items():
        table.add_column(heading or name, justify="right", no_wrap=True)
    return table
