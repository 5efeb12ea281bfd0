"""What a probe prints: counts by kind, findings with rows to look at, seconds per verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harmo.app.probe.attacks import Kind
from harmo.app.probe.contract import reference_of
from harmo.app.probe.judged import Finding, JudgedRow
from harmo.app.probe.tally import WRONGLY_PAID, Count, Found, Tally, Way, quantile

MAX_CHARS = 64
"""Of a prompt, reference or text that is shown."""
MAX_ROWS = 8
"""Numbers of rows that are shown of one way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What was probed, and how it went."""

    dataset: str
    recipe: str
    rows_in_all: int
    seed: int
    seconds: float
    tally: Tally
    slowest: tuple[Found, float] | None = None
    """The slowest text of the slowest row, and its seconds."""
    stopped: str = ""
    """Why it ended early."""


def print_report(probed: Probed, console: Console, *, show: int) -> None:
    """Print everything for people.

    Args:
        probed: The probe.
        console: Where to.
        show: Findings to show of each sort.
    """
    tally = probed.tally
    for line in _heading(probed):
        _say(console, line)
    if not tally.rows:
        return
    console.print()
    console.print(_table(tally))
    if tally.rewarded_at_all() and not tally.judged_at_all():
        _say(console, "")
        _say(console, "The recipe calls nothing right or wrong (no rule, no fitted model): only")
        _say(console, "wrong answers that earn more than the right one are counted.")
    for title, findings in _SECTIONS:
        _findings(console, title, tally.ways(*findings), show)
    _unreadable(console, tally, show)
    _say(console, "")
    for line in _seconds(probed):
        _say(console, line)


_SECTIONS = (
    ("paid, and wrong", (Finding.PAID,)),
    ("wrong, and rewarded above the right answer", (Finding.OUTRANKS,)),
    ("refused, and right", (Finding.REFUSED,)),
    ("without a verdict, where the row has others", (Finding.UNSCORED,)),
)


def _heading(probed: Probed) -> Iterator[str]:
    count = len(probed.tally.rows)
    if probed.stopped:
        yield f"{probed.stopped}; this is what was known by then"
    yield f"{probed.dataset}: {count:,} of {probed.rows_in_all:,} rows (seed {probed.seed})"
    yield f"recipe {probed.recipe}: {probed.tally.tried:,} answers in {probed.seconds:.1f} s"


def _table(tally: Tally) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("what was tried", no_wrap=True)
    shown: Sequence[tuple[str, Callable[[Count], int]]] = [
        ("paid", lambda c: c.of(Finding.PAID)),
        ("outranks", lambda c: c.of(Finding.OUTRANKS)),
        ("refused", lambda c: c.of(Finding.REFUSED)),
        ("no verdict", lambda c: c.of(Finding.UNSCORED, Finding.UNREADABLE)),
        ("paid in part", lambda c: c.partly),
    ]
    always = ("paid", "refused", "no verdict")
    counts = [tally.kinds[kind] for kind in Kind if kind in tally.kinds]
    kept = [(name, of) for name, of in shown if name in always or any(map(of, counts))]
    for heading in ("answers", *(name for name, _ in kept)):
        table.add_column(heading, justify="right")
    for kind, count in ((kind, tally.kinds[kind]) for kind in Kind if kind in tally.kinds):
        cells = [_count(of(count), red=name != "paid in part") for name, of in kept]
        table.add_row(kind.value, f"{count.tried:,}", *cells)
    return table


def _count(count: int, *, red: bool) -> Text:
    return Text(f"{count:,}" if count else "-", style="red" if count and red else "")


def _findings(console: Console, title: str, ways: Sequence[Way], show: int) -> None:
    if not ways:
        return
    rows = {found.judged.row.number for way in ways for found in way.found}
    count = sum(len(way.found) for way in ways)
    _say(console, "")
    _say(console, f"{title}: {_of(count, 'answer')}, in {_of(len(rows), 'row')}", style="bold")
    for way in ways[:show]:
        found = way.found[0]
        _say(console, f"  {way.kind}, {cut(way.how)}: {len(way.found):,} of {way.tried:,}")
        _say(console, f"    {_rows(way)}")
        _say(console, f"    prompt     {cut(found.judged.row.prompt)}")
        _say(console, f"    reference  {cut(reference_of(found.judged.row))}")
        _say(console, f"    tried      {cut(found.verdict.attempt.text)}")
        _say(console, f"    reward     {_reward(found)}")
    if len(ways) > show:
        _say(console, f"  and {len(ways) - show:,} more ways; --show N, or --json FILE for all")


def _of(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _rows(way: Way) -> str:
    """The first few rows it happened in; the example is of the first."""
    numbers = list(dict.fromkeys(found.judged.row.number for found in way.found))
    shown = ", ".join(map(str, numbers[:MAX_ROWS]))
    more = f" and {len(numbers) - MAX_ROWS:,} more" if len(numbers) > MAX_ROWS else ""
    return f"{'rows' if len(numbers) > 1 else 'row '}       {shown}{more}"


def _reward(found: Found) -> str:
    verdict, best = found.verdict, found.judged.best
    if verdict.reward is None:
        return f"none: {verdict.reason}"
    right = "" if verdict.attempt.right or best is None else f", the best right answer {best:.4g}"
    by = ", ".join(f"{name} {value:.4g}" for name, value in verdict.by.items())
    return f"{verdict.reward:.4g}{right}{f'; paid by {by}' if by else ''}"


def _unreadable(console: Console, tally: Tally, show: int) -> None:
    rows = tally.unreadable()
    if not rows:
        return
    reasons = Counter(_reason(row) for row in rows)
    listed = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    _say(console, "")
    _say(console, f"cannot be read: {_of(len(rows), 'row')} ({listed})", style="bold")
    for judged in rows[:show]:
        shown = cut(reference_of(judged.row))
        _say(console, f"  row {judged.row.number}  {_reason(judged)}  {shown}")
        if why := next((v.why for v in judged.verdicts if v.why), ""):
            _say(console, f"    {cut(why)}")
    if len(rows) > show:
        _say(console, f"  and {len(rows) - show:,} more; --json FILE has all of them")


def _reason(judged: JudgedRow) -> str:
    return str(next((v.reason for v in judged.verdicts if v.reason is not None), "unknown"))


def _seconds(probed: Probed) -> Iterator[str]:
    ordered = probed.tally.seconds_per_verdict()
    middle, last = (1000 * quantile(ordered, share) for share in (0.5, 0.99))
    yield f"per verdict {middle:.2f} ms (median over rows), {last:.2f} ms (99 in 100 rows)"
    if probed.slowest is not None:
        found, seconds = probed.slowest
        attempt, row = found.verdict.attempt, found.judged.row
        what = f"row {row.number}, {attempt.kind}: {cut(attempt.how)}"
        yield f"slowest {1000 * seconds:.0f} ms: {what}"
    shares = probed.tally.shares()
    wrongly = sum(count.of(*WRONGLY_PAID) for count in probed.tally.kinds.values())
    yield (
        f"paid or outranking {shares['paid']:.3%} of wrong answers ({wrongly:,}), "
        f"refused {shares['refused']:.3%} of right ones, no verdict {shares['unscored']:.3%}"
    )


def cut(text: str) -> str:
    """A text on one line, without what a terminal would obey, cut in the middle."""
    line = " ".join(text.split())
    line = "".join(char if char.isprintable() else "?" for char in line[: 40 * MAX_CHARS])
    if len(line) <= MAX_CHARS:
        return line or "(empty)"
    return f"{line[: MAX_CHARS - 21]} … {line[-18:]}"


def _say(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style=style), soft_wrap=True)
