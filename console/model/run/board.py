"""The Run page's panels: one run, or two of them overlaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harmo.console.model.bins import Band
from harmo.console.model.panel import Panel, Section, Series
from harmo.console.model.run.alone import alone
from harmo.console.model.run.drawn import (
    BAND,
    UNIT,
    by_reason,
    evals,
    known,
    over,
    plain,
    toned,
    within_unit,
)
from harmo.console.model.run.seen import Seen
from harmo.console.model.signals import NOTE, SHARES, Line, Signal

SCORES = "scores as the scorers gave them"
_OTHER = 1
"""Colour of the reward itself, and of what is of no column."""


def board(first: Seen, other: Seen | None = None) -> Sequence[Section]:
    """The sections in the order to read them; panels of which nothing is known are left out.

    Args:
        first: Drawn in full lines.
        other: Drawn dashed over it; what is stacked stands beside it.
    """
    both = [first] if other is None else [first, other]
    tones = toned([column for seen in both for column, _ in seen.curves.columns])
    sections = (
        alone(both, tones, _columns(both, tones), _signals(both, tones))
        if first.focus is not None
        else _all(both, tones)
    )
    marks = tuple(first.changes)
    return [
        replace(section, panels=[replace(panel, marks=marks) for panel in section.panels])
        for section in sections
        if section.panels
    ]


def _all(both: Sequence[Seen], tones: Mapping[str, int]) -> Sequence[Section]:
    note = f"{BAND}; upright: another version of the recipe" if both[0].changes else BAND
    return (
        Section(title="Reward", note=note, panels=_rewards(both, tones), wide=True),
        Section(title="Columns", note=SCORES, panels=_columns(both, tones)),
        Section(title="Completions", panels=_completions(both)),
        Section(title="Audit signals", note=NOTE, panels=_signals(both, tones)),
    )


def _rewards(both: Sequence[Seen], tones: Mapping[str, int]) -> Sequence[Panel]:
    reward = [
        *over(both, lambda s: s.curves.reward, "reward"),
        *evals(both, lambda c: c.reward),
    ]
    correct = [
        *over(both, lambda s: s.curves.correct, "right"),
        *evals(both, lambda c: c.correct),
    ]
    panels = [
        Panel(key="reward", title="Reward", series=reward, legend=len(reward) > len(both)),
        Panel(
            key="correct",
            title="Right answers",
            note="of what the rules could tell",
            series=correct,
            legend=len(correct) > len(both),
            shares=True,
            bounds=UNIT,
        ),
    ]
    shares = [_shares(seen, tones, named=len(both) > 1) for seen in both]
    waiting = both[0].signals is None
    return [panel for panel in panels if known(panel)] + [
        panel for panel in shares if waiting or known(panel)
    ]


def _shares(seen: Seen, tones: Mapping[str, int], *, named: bool) -> Panel:
    signal = next((s for s in seen.signals or () if s.name == SHARES), None)
    lines = signal.lines if signal else ()
    return Panel(
        key=f"shares-{seen.name}" if named else "shares",
        title="What the reward differs by",
        note=seen.name if named else "share of siblings' differences, by column",
        kind="stack",
        series=[
            Series(name=line.name, x=line.x, y=_whole(line, lines), tone=tones.get(line.name))
            for line in lines
        ],
        shares=True,
        legend=True,
    )


def _whole(line: Line, lines: Sequence[Line]) -> list[float]:
    """A column's shares, 0 where only other columns have one: its version lacks the column."""
    return [
        0.0 if own != own and any(v == v for v in all_of) else own
        for own, all_of in zip(line.y, zip(*(each.y for each in lines), strict=True), strict=True)
    ]


def _columns(both: Sequence[Seen], tones: Mapping[str, int]) -> Sequence[Panel]:
    panels = []
    for column, _ in both[0].curves.columns:
        name = column.name

        def of_column(seen: Seen, name: str = name) -> Band | None:
            return next((band for c, band in seen.curves.columns if c.name == name), None)

        series = over(both, of_column, name, tone=tones[name])
        panels.append(
            Panel(
                key=f"column-{name}",
                title=name,
                note=column.family.value + (", pays nothing" if column.shadow else ""),
                series=series,
                bounds=UNIT if within_unit(series) else (None, None),
            )
        )
    return [panel for panel in panels if known(panel)]


def _completions(both: Sequence[Seen]) -> Sequence[Panel]:
    panels = [
        Panel(key="tokens", title="Tokens", series=over(both, lambda s: s.curves.tokens, "tokens")),
        Panel(
            key="flat",
            title="Groups without signal",
            note="all rewards equal",
            series=plain(both, lambda c: c.flat),
            shares=True,
            bounds=UNIT,
        ),
        Panel(
            key="truncated",
            title="Cut at the limit",
            series=plain(both, lambda c: c.truncated),
            shares=True,
            bounds=(0.0, None),
        ),
        *(_unscored(seen, named=len(both) > 1) for seen in both),
    ]
    return [panel for panel in panels if known(panel)]


def _unscored(seen: Seen, *, named: bool) -> Panel:
    return by_reason(
        seen, seen.curves.unscored, key="unscored", title="Without a reward", named=named
    )


def _signals(both: Sequence[Seen], tones: Mapping[str, int]) -> Sequence[Panel]:
    panels = []
    for signal in both[0].signals or ():
        if signal.name == SHARES:
            continue
        lines = []
        for place, seen in enumerate(both):
            like = next((s for s in seen.signals or () if s.name == signal.name), None)
            for line in like.lines if like else ():
                name = line.name or signal.meaning.title
                lines.append(
                    Series(
                        name=f"{name} · {seen.name}" if len(both) > 1 else name,
                        legend=name,
                        x=line.x,
                        y=line.y,
                        tone=tones.get(line.name, _OTHER),
                        dashed=place > 0,
                    )
                )
        meaning = signal.meaning
        looks = [edge for edge in (meaning.look_below, meaning.look_above) if edge is not None]
        panels.append(
            Panel(
                key=f"signal-{signal.name}",
                title=meaning.title,
                note=_latest(signal) if len(signal.lines) == 1 else "",
                sentence=meaning.sentence,
                series=lines,
                legend=len(lines) > len(both),
                bounds=(meaning.low, meaning.high),
                looks=tuple(looks),
                stands_out=signal.looks,
            )
        )
    return panels


def _latest(signal: Signal) -> str:
    """The latest value of a signal of one line, in two digits."""
    last = signal.lines[0].last
    return "" if last != last else f"{last:.2f}".replace("-", "−")
