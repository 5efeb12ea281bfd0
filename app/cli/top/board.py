"""What a screen shows at one moment: every address, and all of them together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import httpx

from harmo.app.cli.options import shown
from harmo.app.cli.top.figures import Service, service
from harmo.app.cli.top.look import Look
from harmo.app.cli.top.runs import Run, runs
from harmo.app.cli.top.view import Key, View, since_start
from harmo.app.cli.top.watched import Trends, Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One address."""

    url: httpx.URL
    look: Look
    version: str
    up_s: float | None
    restarted: bool
    service: Service | None
    """None until two looks gave metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Every address, and the figures over all that answer."""

    rows: tuple[Row, ...]
    service: Service | None
    """None while no address has figures."""
    runs: tuple[Run, ...]
    trends: Mapping[Key, tuple[float, ...]]
    window_s: float
    """What rates and percentiles are over; 0 while there are none."""


def board(watched: Sequence[Watched], trends: Trends) -> Board:
    """The board after a look at every address; the trends get a point."""
    spans = [each.window for each in watched]
    window = View([span for span in spans if span is not None])
    always = View([since_start(span.after) for span in window.spans])
    found = runs(window, always)
    latest = [each.take_latest() for each in watched]
    trends.add(View([span for span in latest if span is not None]), [run.key for run in found])
    return Board(
        rows=tuple(
            Row(
                url=each.url,
                look=each.latest,
                version=each.version,
                up_s=each.up_s,
                restarted=span is not None and span.restarted,
                service=None if span is None else service(View([span])),
            )
            for each, span in zip(watched, spans, strict=True)
        ),
        service=service(window) if window.spans else None,
        runs=found,
        trends=trends.points,
        window_s=max((span.seconds for span in window.spans), default=0.0),
    )


def as_json(board: Board) -> str:
    """The board for scripts: seconds, shares and rates as numbers, null where unknown."""
    return json.dumps(
        {
            "window_s": round(board.window_s, 3),
            "services": [_row(row) for row in board.rows],
            "all": None if board.service is None else asdict(board.service),
            "runs": [asdict(run) for run in board.runs],
        },
        allow_nan=False,
        indent=2,
    )


def _row(row: Row) -> dict[str, object]:
    return {
        "url": shown(row.url),
        "state": row.look.state,
        "why": row.look.why or None,
        "version": row.version or None,
        "up_s": None if row.up_s is None else round(row.up_s),
        "restarted": row.restarted,
        "figures": None if row.service is None else asdict(row.service),
    }
