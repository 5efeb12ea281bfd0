"""The lines of the runs: each with what it was paid, then its signals, then its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from harmo.app.cli.top import comfort, words
from harmo.app.cli.top.runs import Column, Run
from harmo.app.cli.top.view import Key

_LABEL, _WARN = "dim", "yellow"
_WIDTHS = {"grp/s": 5, "mean": 6, "share": 5, "null": 5, "0 var": 5}
_LENGTH = "length_correlation"
_NAME_SHARE, _LEAST_NAME, _GAP = 0.31, 16, 2


def run_lines(
    runs: Sequence[Run],
    trends: Mapping[Key, Sequence[float]],
    *,
    width: int,
    height: int | None = None,
) -> list[Text]:
    """A heading, and the lines of every run; where they do not fit, columns go, the last first.

    Args:
        runs: In the order to be shown.
        trends: Mean rewards by run, oldest first.
        width: Cells of a line.
        height: Lines there are; None for as many as it takes.
    """
    heads = [list(_run_lines(run, trends.get(run.key, ()), width)) for run in runs]
    lines = [_heading(width)]
    if not runs:
        return [*lines, Text("no completions yet", style=_LABEL)]
    room = None if height is None else height - len(lines)
    shown = _fitting([len(head) for head in heads], [len(run.columns) for run in runs], room)
    hidden_runs = hidden_columns = 0
    for run, head, (is_shown, n) in zip(runs, heads, shown, strict=True):
        if is_shown:
            lines += [*head, *(_column_line(column, run, width) for column in run.columns[:n])]
            hidden_columns += len(run.columns) - n
        else:
            hidden_runs += 1
    return [*lines, *_left_out(hidden_runs, hidden_columns)]


def _fitting(
    heads: Sequence[int], columns: Sequence[int], room: int | None
) -> list[tuple[bool, int]]:
    """Of each run, whether it is shown and how many of its columns."""
    if room is None or sum(heads) + sum(columns) <= room:
        return [(True, n) for n in columns]
    room -= 1  # says what is left out
    shown = []
    for head in heads:
        shown.append(head <= room)
        room -= head if shown[-1] else 0
    fitting = []
    for run_shown, n in zip(shown, columns, strict=True):
        fitting.append((run_shown, min(n, room) if run_shown else 0))
        room -= fitting[-1][1]
    return fitting


def _left_out(runs: int, columns: int) -> Iterator[Text]:
    counts = {"run": runs, "column": columns}
    named = [f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n]
    if named:
        yield Text(f"{' and '.join(named)} more: make the window taller", style=_LABEL)


def _heading(width: int) -> Text:
    cells = [Text(name, style=_LABEL) for name in _WIDTHS]
    return _line(Text("run, column", style=_LABEL), cells, Text("trend, why", style=_LABEL), width)


def _run_lines(run: Run, trend: Sequence[float], width: int) -> Iterator[Text]:
    style = "" if run.active else _LABEL
    name = Text(words.plain(run.recipe), style=f"bold {style}".strip())
    for part in (run.run, "" if run.split == "train" else run.split):
        name.append(f" {words.plain(part)}" if part else "", style="not bold")
    cells = [
        Text(words.number(run.groups_per_s) if run.active else "idle", style=style),
        Text(words.decimal(run.mean), style=f"bold {style}".strip()),
        Text(),
        _share(run.unscored, comfort.UNSCORED, style),
        _share(run.zero_variance, comfort.ZERO_VARIANCE, style),
    ]
    note = Text().append(words.sparkline(trend[-max(8, width // 8) :]), style="cyan")
    if run.reason:
        note.append(f"{' ' if note else ''}{words.plain(run.reason)}", style=_LABEL)
    yield _line(name, cells, note, width)
    said = [*comfort.out_of_zone(run.signals)]
    for column in run.columns:
        # A length term goes with length, which is its purpose: of that only the reward's counts.
        of_column = {name: v for name, v in column.signals.items() if name != _LENGTH}
        said += [f"{words.plain(column.name)} {each}" for each in comfort.out_of_zone(of_column)]
    if said:
        line = Text(f"  ! {', '.join(said)}", style=_WARN)
        line.truncate(width, overflow="ellipsis")
        yield line


def _column_line(column: Column, run: Run, width: int) -> Text:
    style = "" if run.active else _LABEL
    share = column.signals.get("reward_share")
    cells = [
        Text(),
        Text(words.decimal(column.mean), style=style),
        Text("" if share is None else words.percent(share), style=style),
        _share(column.abstained, comfort.ABSTAINED, style),
        Text(),
    ]
    name = Text(f"  {words.plain(column.name)}", style=style)
    return _line(name, cells, Text(words.plain(column.reason), style=_LABEL), width)


def _share(share: float | None, limit: float, style: str) -> Text:
    """A share, set off where it is above its limit."""
    warned = share is not None and share > limit
    return Text(words.percent(share), style=_WARN if warned else style)


def _line(name: Text, cells: Sequence[Text], note: Text, width: int) -> Text:
    """Cells side by side: the name to the left, figures to the right, the rest for the note."""
    line = Text(no_wrap=True, end="")
    name.truncate(max(_LEAST_NAME, int(width * _NAME_SHARE)), overflow="ellipsis", pad=True)
    line.append_text(name)
    for cell, wide in zip(cells, _WIDTHS.values(), strict=True):
        cell.align("right", wide)
        line.append("  ").append_text(cell)
    line.append("  ").append_text(note)
    line.truncate(width, overflow="ellipsis")
    line.end = "\n"
    return line
