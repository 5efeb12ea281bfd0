"""A result and a comparison as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harmo.app.cli.bench.compare import COMPLETIONS, Ratio, ratios, spread
from harmo.app.cli.bench.result import QUANTILES, Result, differences
from harmo.app.cli.top import words

_LABEL, _WARN = "dim", "yellow"
_BUSY_SHARE = 0.8
"""Of a core: from here on the client may be what is slow."""
_LATE_S = 0.1
_UNSCORED_SHARE = 0.05
_UNSENT_SHARE = 0.01
"""One that was due just before the end may not have begun."""


def report(result: Result) -> RenderableType:
    """One bench: what was asked, what came of it, and what makes it doubtful."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style=_LABEL, no_wrap=True)
    table.add_column()
    for label, value in _lines(result):
        table.add_row(label, Text(value))
    warnings = [Text(f"! {warning}", style=_WARN) for warning in _warnings(result)]
    return Group(Text(_asked(result), style=_LABEL), Text(), table, *warnings)


def _asked(result: Result) -> str:
    load, service = result.settings, result.service
    how = f"{load.concurrency} at once, closed loop: a request begins when another ends"
    if load.rate is not None:
        how = f"{load.rate:g} requests/s, open loop: latency counts from when a request was due"
    images = f", {load.images} images" if load.images else ""
    texts = f"~{load.prompt_tokens} + ~{load.completion_tokens} tokens{images}, seed {load.seed}"
    each = "" if load.rollouts else f" of {load.members} completions"
    groups = f"{load.groups} group{'s' if load.groups > 1 else ''}{each} a request"
    return "\n".join(
        [
            f"{words.plain(service.url)}, harmo {words.plain(service.version or '?')}, "
            f"recipe {words.plain(service.recipe)} {words.plain(service.recipe_version)[:19]}",
            how,
            f"{groups}: {f'rollouts of {load.rollouts}' if load.rollouts else texts}",
            f"{result.measured_s:.1f} s after {load.warmup_s:g} s of warm-up",
        ]
    )


def _lines(result: Result) -> Iterator[tuple[str, str]]:
    completions = result.per_s(result.completions)
    ranges = spread(result)
    rates = {"groups": result.groups, "requests": result.requests, "tokens": result.tokens}
    others = ", ".join(f"{words.number(result.per_s(n))} {what}/s" for what, n in rates.items())
    yield "throughput", f"{words.number(completions)} completions/s{_range(ranges)}\n{others}"
    latency = {name: result.latency_s[name] for name in (*QUANTILES, "max")}
    yield "latency", ", ".join(f"{name} {words.seconds(s)}" for name, s in latency.items())
    yield "answers", _counts(result.statuses) or "none"
    if result.shed:
        tries = sum(result.statuses.values())
        again = (
            f"asked again {result.retries} times" if result.settings.retry else "not asked again"
        )
        yield "shed", f"{words.percent(result.shed / tries)} of the tries, {again}"
    if result.failed:
        yield "failed", f"{result.failed} requests"
    total = sum(result.unscored.values())
    share = total / result.completions if result.completions else None
    why = f" ({_counts(result.unscored)})" if total else ""
    yield "unscored", f"{words.percent(share)}{why}"
    sent, received = result.sent_bytes / (1 << 20), result.received_bytes / (1 << 20)
    yield "bytes", f"{words.number(sent)} MiB sent, {words.number(received)} MiB received"
    busy = f"{result.client.cpu_share:.0%} of a core"
    if _is_here(result.service.url):
        busy += " (the service is on the same machine)"
    if result.late_p99_s is not None:
        busy += f", requests began late by p99 {words.seconds(result.late_p99_s)}"
    yield "client", busy


def _is_here(url: str) -> bool:
    return httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")


def _range(ranges: Mapping[str, tuple[float, float]]) -> str:
    """How far the throughput may be off, as its stretches of time differ."""
    if COMPLETIONS not in ranges:
        return ""
    low, high = ranges[COMPLETIONS]
    return f" ({words.number(low)} to {words.number(high)})"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{words.plain(name)}: {count}" for name, count in counts.items())


def _warnings(result: Result) -> Iterator[str]:
    if result.interrupted:
        yield "interrupted: shorter than it was to be"
    if not result.scored:
        yield "nothing was scored: these figures say nothing"
    elif sum(result.unscored.values()) > _UNSCORED_SHARE * result.completions:
        yield "what went unscored may have cost less than what a trainer sends: see why above"
    if result.client.cpu_share > _BUSY_SHARE:
        yield (
            "the client was busy all the time: it, not the service, may be what is slow. Take "
            "larger requests (--groups), or several clients"
        )
    load = result.settings
    if load.open_loop and (result.late_p99_s or 0.0) > _LATE_S:
        yield (
            f"requests began late: the client's machine was busy, or {load.concurrency} were under "
            "way already. The latencies count that wait"
        )
    if result.unsent > _UNSENT_SHARE * (result.requests + result.unsent):
        yield f"{result.unsent} requests were due and never began: the service cannot keep up"
    if result.distinct_groups is not None and result.groups > result.distinct_groups:
        yield (
            f"the file's {result.distinct_groups} groups were sent again and again: what workers "
            "remember of the first time makes the others cheaper"
        )
    if result.shed and not load.retry:
        yield "what was shed was not asked again, as a trainer would: --retry does"


def comparison(first: Result, second: Result, names: tuple[str, str]) -> RenderableType:
    """Two benches side by side."""
    table = Table(box=None, pad_edge=False, header_style=_LABEL)
    table.add_column("")
    for heading in (*names, "ratio", "95% of redraws"):
        table.add_column(heading, justify="right", overflow="fold")
    table.add_column("")
    for ratio in ratios(first, second):
        write = words.number if ratio.name.endswith("/s") else words.seconds
        low, high = ratio.low, ratio.high
        drawn = words.NOTHING if low is None or high is None else f"{low:.2f} to {high:.2f}"
        figures = write(ratio.first), write(ratio.second), f"{ratio.value:.2f}"
        table.add_row(ratio.name, *figures, drawn, _says(ratio))
    notes = [Text(f"! {note}", style=_WARN) for note in _doubts(first, second)]
    return Group(table, *notes)


def _says(ratio: Ratio) -> str:
    if ratio.is_noise is None:
        return "too short to tell"
    if ratio.is_noise:
        return "within noise"
    better = (ratio.value > 1.0) == ratio.name.endswith("/s")
    return "better" if better else "worse"


def _doubts(first: Result, second: Result) -> Iterator[str]:
    for name, (one, other) in differences(first, second).items():
        if name != "seed":
            yield f"they were asked differently: {name} {one!r}, then {other!r}"
    for what in ("recipe_version", "scorer_version"):
        if getattr(first.service, what) != getattr(second.service, what):
            yield f"the services differ in {what}: rewards may differ, too"
    for each, result in (("first", first), ("second", second)):
        for warning in _warnings(result):
            yield f"the {each}: {warning}"
