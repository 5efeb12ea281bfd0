"""The Run page's panels: one run, or two of them overlaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from harmo.audit.records import KeptColumn
from harmo.console.model.bins import Band, Floats
from harmo.console.model.curves import Curves
from harmo.console.model.panel import Panel, Section, Series
from harmo.console.model.seen import Seen
from harmo.console.model.signals import NOTE, SHARES, Signal
from harmo.scorers.types import Family

BAND = "by step; line: mean over groups, band: eight groups in ten"
SCORES = "scores as the scorers gave them"
_UNIT = (0.0, 1.0)
_OTHER = 1
"""Colour of the reward itself, and of what is of no column."""
_TONES = {
    Family.MODEL: (0, 5),
    Family.RULE: (2, 7),
    Family.ASPECT: (3, 6, 5),
    Family.LENGTH: (4, 1),
}
"""Colours of a family's columns, in order, so that a column has one wherever it is drawn."""


def board(first: Seen, other: Seen | None = None) -> Sequence[Section]:
    """The sections in the order to read them; panels of which nothing is known are left out.

    Args:
        first: Drawn in full lines.
        other: Drawn dashed over it; what is stacked stands beside it.
    """
    both = [first] if other is None else [first, other]
    tones = _tones([column for seen in both for column, _ in seen.curves.columns])
    sections = (
        Section(title="Reward", note=BAND, panels=_rewards(both, tones), wide=True),
        Section(
            title="Columns", note="scores as the scorers gave them", panels=_columns(both, tones)
        ),
        Section(title="Completions", panels=_completions(both)),
        Section(title="Audit signals", note=NOTE, panels=_signals(both, tones)),
    )
    return [section for section in sections if section.panels]


def _tones(columns: Iterable[KeptColumn]) -> Mapping[str, int]:
    """A colour for every column, and one for the reward."""
    found: dict[str, int] = {}
    taken: Counter[Family] = Counter()
    for column in columns:
        if column.name not in found:
            of_family = _TONES[column.family]
            found[column.name] = of_family[taken[column.family] % len(of_family)]
            taken[column.family] += 1
    return found


def _rewards(both: Sequence[Seen], tones: Mapping[str, int]) -> Sequence[Panel]:
    reward = [
        *_over(both, lambda c: c.reward, "reward"),
        *_evals(both, lambda c: c.reward),
    ]
    correct = [
        *_over(both, lambda c: c.correct, "right"),
        *_evals(both, lambda c: c.correct),
    ]
    first_has_evals = len(both) == 1 and both[0].evals is not None
    panels = [
        Panel(key="reward", title="Reward", series=reward, legend=first_has_evals),
        Panel(
            key="correct",
            title="Right answers",
            note="of what the rules could tell",
            series=correct,
            legend=first_has_evals,
            shares=True,
            bounds=_UNIT,
        ),
    ]
    shares = [_shares(seen, tones, named=len(both) > 1) for seen in both]
    waiting = both[0].signals is None
    return [panel for panel in panels if _known(panel)] + [
        panel for panel in shares if waiting or _known(panel)
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
            Series(name=line.name, x=line.x, y=line.y, tone=tones.get(line.name)) for line in lines
        ],
        shares=True,
        legend=True,
    )


def _columns(both: Sequence[Seen], tones: Mapping[str, int]) -> Sequence[Panel]:
    panels = []
    for column, _ in both[0].curves.columns:
        name = column.name

        def of_column(curves: Curves, name: str = name) -> Band | None:
            return next((band for c, band in curves.columns if c.name == name), None)

        series = _over(both, of_column, name, tone=tones[name])
        panels.append(
            Panel(
                key=f"column-{name}",
                title=name,
                note=column.family.value + (", pays nothing" if column.shadow else ""),
                series=series,
                bounds=_UNIT if _within_unit(series) else (None, None),
            )
        )
    return [panel for panel in panels if _known(panel)]


def _completions(both: Sequence[Seen]) -> Sequence[Panel]:
    panels = [
        Panel(key="tokens", title="Tokens", series=_over(both, lambda c: c.tokens, "tokens")),
        Panel(
            key="flat",
            title="Groups without signal",
            note="all rewards equal",
            series=_plain(both, lambda c: c.flat),
            shares=True,
            bounds=_UNIT,
        ),
        Panel(
            key="truncated",
            title="Cut at the limit",
            series=_plain(both, lambda c: c.truncated),
            shares=True,
            bounds=(0.0, None),
        ),
        *(_unscored(seen, named=len(both) > 1) for seen in both),
    ]
    return [panel for panel in panels if _known(panel)]


def _unscored(seen: Seen, *, named: bool) -> Panel:
    x = seen.curves.at.last_B.tolist()
    return Panel(
        key=f"unscored-{seen.name}" if named else "unscored",
        title="Without a reward",
        note=seen.name if named else "by reason",
        kind="bars",
        series=[
            Series(name=reason.replace("_", " "), x=x, y=values.tolist())
            for reason, values in seen.curves.unscored.items()
        ],
        shares=True,
        legend=True,
        bounds=(0.0, None),
    )


def _within_unit(series: Sequence[Series]) -> bool:
    """True if all that is drawn is in [0, 1], as most scores are by what they mean."""
    edges = [v for one in series for part in (one.y, one.low, one.high) for v in part or ()]
    return all(0.0 <= value <= 1.0 for value in edges if value == value)


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


def _over(
    both: Sequence[Seen],
    band: Callable[[Curves], Band | None],
    name: str,
    *,
    tone: int = 0,
) -> list[Series]:
    """A line with its band for each of the runs."""
    found = []
    for place, seen in enumerate(both):
        of = band(seen.curves)
        if of is not None:
            named = seen.name if len(both) > 1 else seen.split or name
            line = _series(named, seen.curves, of, tone=tone)
            found.append(replace(line, low=None, high=None, dashed=True) if place else line)
    return found


def _evals(both: Sequence[Seen], band: Callable[[Curves], Band]) -> list[Series]:
    """The other split of the first run, in a colour of its own."""
    first = both[0]
    if first.evals is None or len(both) > 1:
        return []
    line = _series(first.evals_split, first.evals, band(first.evals), tone=1)
    return [replace(line, low=None, high=None)]


def _series(name: str, curves: Curves, of: Band, *, tone: int) -> Series:
    return Series(
        name=name,
        x=curves.at.last_B.tolist(),
        y=of.mean_B.tolist(),
        low=of.low_B.tolist(),
        high=of.high_B.tolist(),
        tone=tone,
    )


def _plain(both: Sequence[Seen], values: Callable[[Curves], Floats]) -> list[Series]:
    """A line without a band for each of the runs."""
    return [
        Series(
            name=seen.name,
            x=seen.curves.at.last_B.tolist(),
            y=values(seen.curves).tolist(),
            tone=0,
            dashed=place > 0,
        )
        for place, seen in enumerate(both)
    ]


def _known(panel: Panel) -> bool:
    """True if there is a value to draw."""
    return any(value == value for one in panel.series for value in one.y)
