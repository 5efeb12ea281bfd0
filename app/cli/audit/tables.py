"""Runs and a run's figures, for people at a terminal and for scripts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harmo.app.cli.audit.asked import named_run
from harmo.app.cli.audit.figures import WORTH, Column, Figures, Worth
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

SPARKS = 48
"""Bars of a line of rewards: more steps than that are put together."""


def runs_table(runs: Sequence[RunSummary], now_s: float) -> RenderableType:
    """A row a run, the last written first.

    Args:
        runs: In that order.
        now_s: Unix time.
    """
    if not runs:
        return Text("no groups yet: a service has opened this store and scored nothing")
    table = _table("run", "recipe", groups="", steps="", mean="", null="", flat="", last="", size="")
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
    return Text(
        f"{number(figures.groups)} groups, {number(figures.completions)} completions; "
        f"mean reward {decimal(figures.mean)}; "
        f"unscored {percent(_part(unscored, figures.completions))}; "
        f"groups without signal {percent(_part(figures.flat, figures.comparable))}"
    )


def _columns(figures: Figures) -> Table:
    table = _table("column", scored="", score="mean score", paid="mean paid", share="")
    for column in figures.columns.values():
        table.add_row(
            _name(column),
            percent(_part(column.scored, figures.completions)) if column.family else "",
            decimal(_part(column.score, column.scored)) if column.family else "",
            decimal(_part(column.paid, figures.scored)),
            percent(figures.share(column)),
        )
    table.add_row(
        Text("reward", style="bold"),
        percent(_part(figures.scored, figures.completions)),
        "",
        decimal(figures.mean),
        "",
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
            yield Text(f"{plain(name)} is missing for {_counted(reasons)}")


def _counted(reasons: Counter[Reason]) -> str:
    return ", ".join(f"{reason} {number(count)}" for reason, count in reasons.most_common())


def _steps(figures: Figures) -> Iterator[RenderableType]:
    means = figures.means()
    if len(means) < 2:
        return
    steps, line = list(means), sparkline(thinned(list(means.values()), SPARKS))
    first, last = means[steps[0]], means[steps[-1]]
    yield Text()
    yield Text(f"reward by step  {steps[0]} {decimal(first)} ").append(line, style="cyan").append(
        f" {decimal(last)} {steps[-1]}"
    )


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


def thinned(values: Sequence[float], most: int) -> Sequence[float]:
    """At most so many, each the mean of its neighbours."""
    if len(values) <= most:
        return values
    edges = [len(values) * i // most for i in range(most + 1)]
    return [
        math.fsum(values[a:b]) / (b - a) for a, b in zip(edges, edges[1:], strict=False) if b > a
    ]


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
