"""A replay's answer, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harmo.app.cli.audit.asked import named_run
from harmo.app.cli.top.words import NOTHING, decimal, number, percent, plain
from harmo.app.replay.report import Place, Report, Version, link, short, verdicts
from harmo.rewards.changes import Changes, ColumnChanges
from harmo.rewards.changes.tally import ChangedGroup
from harmo.rewards.plan import INTERACTION

_LINE_CHARS = 4096


def report_tables(report: Report, pages: str) -> Iterator[RenderableType]:
    """What was replayed, what changed in all, by task and by column, and where most did.

    Args:
        report: The answer.
        pages: Address of a console, before the links; may be empty.
    """
    tally = report.tally
    yield _head(report)
    yield from map(_version, report.versions)
    yield from (Text(f"  {plain(line, _LINE_CHARS)}") for line in verdicts(report))
    yield from (Text(f"note: {plain(note, _LINE_CHARS)}", style="yellow") for note in report.notes)
    for why, count in report.skipped.items():
        yield Text(f"left out: {number(count)} groups, as {why}", style="yellow")
    if not tally.changes.groups:
        return
    yield Text()
    yield _totals(tally.changes)
    if len(tally.tasks) > 1:
        yield Text()
        yield _tasks(tally.tasks)
    yield Text()
    yield _columns(tally.columns)
    if tally.most_changed:
        yield Text()
        yield _most(tally.most_changed, report.places, pages)


def _head(report: Report) -> Text:
    done = report.tally.changes
    source = f", from {report.source}" if report.source == "the store" else ""
    return Text(
        f"{number(done.groups)} groups, {number(done.completions)} completions, under "
        f"{plain(report.recipe)} {short(report.version)}{source}"
    )


def _version(version: Version) -> Text:
    stored, columns = version.job.recipe, version.columns
    parts = [
        f"{words} {', '.join(map(plain, columns[what]))}"
        for what, words in (
            ("kept", "scores kept:"),
            ("scored", "scored now:"),
            ("from_numbers", "scored now, from numbers:"),
            ("left_out", "left out:"),
        )
        if columns[what]
    ]
    of = f"{plain(stored.name)} {short(stored.version)}, {number(version.groups)} groups"
    return Text("; ".join([f"of {of}", *parts]))


def _totals(c: Changes) -> Table:
    table = _table("", before="before", after="after", changed="changed")
    unscored = (c.completions - c.scored_before, c.completions - c.scored_after)
    table.add_row("completions without a reward", *map(number, unscored), "")
    table.add_row("  newly scored", "", "", number(c.newly_scored))
    table.add_row("  newly unscored", "", "", number(c.newly_unscored))
    table.add_row(
        "groups without variance",
        percent(_part(c.zero_variance_before, c.varied_before)),
        percent(_part(c.zero_variance_after, c.varied_after)),
        "",
    )
    table.add_row("groups whose best is another", "", "", _of(c.best_changed, c.compared_groups))
    table.add_row("advantages of the opposite sign", "", "", _of(c.flipped, c.advantages))
    table.add_row("advantages that are 0 now", "", "", _of(c.silenced, c.advantages))
    table.add_row("advantages that were 0", "", "", _of(c.woken, c.advantages))
    table.add_row("mean change of an advantage", "", "", decimal(c.mean_advantage_change))
    table.add_row("  over the group's deviation", "", "", decimal(c.mean_scaled_advantage_change))
    rho = f"{decimal(c.rank_correlation)} over {number(c.ranked_groups)} groups"
    table.add_row("rank correlation of siblings", "", "", rho)
    return table


def _tasks(tasks: Mapping[str, Changes]) -> Table:
    table = _table(
        "task", g="groups", best="other best", sign="other sign", rho="rank corr.",
        flat="no variance", null="unscored",
    )  # fmt: skip
    for task, c in tasks.items():
        flat = (c.zero_variance_before, c.varied_before), (c.zero_variance_after, c.varied_after)
        unscored = (c.completions - c.scored_before, c.completions - c.scored_after)
        table.add_row(
            plain(task) or NOTHING,
            number(c.groups),
            percent(c.best_changed_ratio),
            percent(c.flipped_ratio),
            decimal(c.rank_correlation),
            _arrow(*(percent(_part(*each)) for each in flat)),
            _arrow(*map(number, unscored)),
        )
    return table


def _columns(columns: Mapping[str, ColumnChanges]) -> Table:
    table = _table(
        "column", scored="unscored", other="other", score="mean score",
        paid="mean paid", moved="moves",
    )  # fmt: skip
    for name, c in columns.items():
        own = name != INTERACTION
        missing = (c.completions - c.scored_before, c.completions - c.scored_after)
        table.add_row(
            plain(name),
            _arrow(*map(number, missing)) if own else "",
            number(c.other_scores) if own else "",
            _arrow(decimal(c.mean_score_before), decimal(c.mean_score_after)) if own else "",
            _arrow(decimal(c.mean_paid_before), decimal(c.mean_paid_after)),
            decimal(c.mean_moved),
        )
    return table


def _most(groups: Sequence[ChangedGroup], places: Mapping[int, Place], pages: str) -> Table:
    table = _table("most changed", "run", step="step", moved="moved", best="best", sign="signs",
                   rho="rank corr.")  # fmt: skip
    for group in groups:
        place = places[group.number]
        table.add_row(
            link(group, pages),
            named_run(place.run),
            NOTHING if place.step is None else str(place.step),
            decimal(group.moved),
            _arrow(
                *(NOTHING if b is None else str(b) for b in (group.best_before, group.best_after))
            ),
            f"{group.flipped} of {group.completions}",
            decimal(group.rank_correlation),
        )
    return table


def _arrow(before: str, after: str) -> str:
    """Two figures, or one where they are the same."""
    return before if before == after else f"{before} → {after}"


def _of(count: int, whole: int) -> str:
    return f"{number(count)} of {number(whole)} ({percent(_part(count, whole))})"


def _part(count: float, whole: int) -> float | None:
    return count / whole if whole else None


def _table(*names: str, **figures: str) -> Table:
    """Columns of words to the left, then columns of figures to the right."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    for name in names:
        table.add_column(name, overflow="fold")
    for heading in figures.values():
        table.add_column(heading, justify="right", no_wrap=True)
    return table
