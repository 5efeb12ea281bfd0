"""The figures as a screen: the service on top, its models, then what the runs are paid for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from harmo.app.cli.options import shown
from harmo.app.cli.top import words
from harmo.app.cli.top.board import Board, Row
from harmo.app.cli.top.figures import Filled, Model, Service
from harmo.app.cli.top.rows import run_lines

_STATES = {"ready": "green", "starting": "yellow", "leaving": "yellow", "draining": "yellow"}
_BAD, _WARN, _LABEL = "red", "yellow", "dim"


def screen(board: Board, *, width: int, height: int | None = None, hint: str = "") -> Group:
    """Everything that is known, in at most `height` lines; None for as many as it takes.

    Args:
        board: What is to be shown.
        width: Cells of a line.
        height: Lines of the terminal.
        hint: Said in the last line.
    """
    parts: list[RenderableType] = [*_addresses(board), Rule(style=_LABEL)]
    used = len(board.rows) + 1 + sum(bool(row.look.why) for row in board.rows)
    if board.service is not None:
        used += len(board.rows) > 1
        overview, shed = _overview(board.service), list(_shed(board.service))
        parts += [overview, *shed]
        used += overview.row_count + len(shed)
        if board.service.models:
            parts += [Text(), _models(board.service.models)]
            used += 2 + len(board.service.models)
        left = None if height is None else max(3, height - used - 1 - bool(hint))
        parts += [Text(), *run_lines(board.runs, board.trends, width=width, height=left)]
    if hint:
        parts.append(Text(hint, style=_LABEL))
    return Group(*parts)


def _addresses(board: Board) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for _ in range(5 if len(board.rows) > 1 else 3):
        table.add_column(justify="right", no_wrap=True)
    for row in board.rows:
        table.add_row(*_address(row, several=len(board.rows) > 1))
    if len(board.rows) > 1 and board.service is not None:
        seen = sum(row.service is not None for row in board.rows)
        together = Text(f"{seen} of {len(board.rows)} together", style="bold")
        table.add_row(together, *_traffic(board.service), "", "", "")
    yield table
    for row in board.rows:
        if row.look.why:
            line = Text("  ", overflow="ellipsis", no_wrap=True)
            if len(board.rows) > 1:
                line.append(f"{words.plain(shown(row.url))}: ")
            yield line.append(words.plain(row.look.why), style=_state_style(row.look.state))


def _address(row: Row, *, several: bool) -> Iterator[Text]:
    name = Text(words.plain(shown(row.url)), style="bold")
    yield name
    if several:
        yield from _traffic(row.service) if row.service else (Text(), Text())
    yield Text(f"harmo {words.plain(row.version)}" if row.version else "", style=_LABEL)
    state = Text(row.look.state, style=_state_style(row.look.state))
    yield state.append(" (restarted)", style=_WARN) if row.restarted else state
    yield Text("" if row.up_s is None else f"up {words.age(row.up_s)}", style=_LABEL)


def _traffic(service: Service) -> tuple[Text, Text]:
    completions = words.number(service.completions_per_s)
    return Text(f"{completions} completions/s"), Text(f"p95 {words.seconds(service.p95_s)}")


def _state_style(state: str) -> str:
    return _STATES.get(state, _BAD)


def _overview(service: Service) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    for _ in range(3):
        table.add_column(style=_LABEL, no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(ratio=1)
    for cells in zip(_flow(service), _times(service), _load(service), strict=True):
        row: list[str | Text] = []
        for label, value in cells:
            row += [label, value, ""]
        table.add_row(*row)
    return table


_Cell = tuple[str, Text]


def _flow(service: Service) -> Iterator[_Cell]:
    shed = sum(service.shed_per_s.values())
    yield "requests", Text(f"{words.number(service.requests_per_s)}/s", style="bold")
    yield "completions", Text(f"{words.number(service.completions_per_s)}/s", style="bold")
    tokens = "" if service.tokens_per_s is None else "/s"
    yield "model tokens", Text(f"{words.number(service.tokens_per_s)}{tokens}", style="bold")
    yield "shed", _alarming(f"{words.number(shed)}/s", _WARN if shed else "")
    errors = service.errors_per_s
    yield "errors", _alarming(f"{words.number(errors)}/s", _BAD if errors else "")


def _times(service: Service) -> Iterator[_Cell]:
    yield "latency p50", Text(words.seconds(service.p50_s))
    yield "latency p95", Text(words.seconds(service.p95_s))
    yield "latency p99", Text(words.seconds(service.p99_s))
    lag = service.lag_p99_s
    yield "loop lag p99", _alarming(words.seconds(lag), _WARN if (lag or 0.0) > 0.25 else "")
    kills = service.worker_kills_per_s
    yield "worker kills", _alarming(f"{words.number(kills)}/s", _WARN if kills else "")


def _load(service: Service) -> Iterator[_Cell]:
    yield "in flight", _filled(service.completions)
    yield "waiting", _filled(service.waiting)
    yield "memory MiB", _filled(service.memory_bytes, mebibytes=True)
    yield "workers busy", _filled(service.workers, alarm=False)
    queue = Text(words.number(service.worker_queue))
    if service.worker_queue and service.oldest_s is not None:
        queue.append(f", {words.seconds(service.oldest_s)} old", style=_LABEL)
    yield "worker queue", queue


def _filled(filled: Filled, *, mebibytes: bool = False, alarm: bool = True) -> Text:
    write = words.mebibytes if mebibytes else words.number
    share = (filled.taken or 0.0) / filled.limit if filled.limit else 0.0
    style = _BAD if share > 0.95 else _WARN if share > 0.8 else ""
    text = _alarming(write(filled.taken), style if alarm else "")
    return text.append(f" of {write(filled.limit)}", style=_LABEL) if filled.limit else text


def _alarming(text: str, style: str) -> Text:
    """A text that is set off where something is wrong."""
    return Text().append(text, style=style or None)


def _shed(service: Service) -> Iterator[Text]:
    if service.shed_per_s:
        ranked = sorted(service.shed_per_s.items(), key=lambda item: -item[1])
        named = ", ".join(f"{words.plain(name)} {words.number(rate)}/s" for name, rate in ranked)
        yield Text(f"shed for {named}", style=_WARN, no_wrap=True, overflow="ellipsis")


def _models(models: Sequence[Model]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=_LABEL, expand=True)
    table.add_column("model", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("rung", no_wrap=True)
    figures = {
        "queue": [words.number(model.queued) for model in models],
        "wait p95": [words.seconds(model.wait_p95_s) for model in models],
        "batch": [words.number(model.batch_tokens) for model in models],
        "forward": [words.seconds(model.forward_s) for model in models],
        "tokens/s": [words.number(model.tokens_per_s) for model in models],
        "saved": [words.percent(model.saved_share) for model in models],
    }
    # What no model says anything of needs no column.
    told = {heading: cells for heading, cells in figures.items() if set(cells) != {words.NOTHING}}
    for heading in told:
        table.add_column(heading, justify="right", no_wrap=True)
    for model, *cells in zip(models, *told.values(), strict=True):
        name = Text(words.plain(model.name), style="" if model.ready else _BAD)
        rung = Text(words.plain(model.rung)).append(f" {words.plain(model.device)}", style=_LABEL)
        table.add_row(name, rung, *cells)
    return table
