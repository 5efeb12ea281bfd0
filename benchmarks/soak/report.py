"""What a soak came to, as tables for a terminal and in markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.soak.traffic import Tally, quantile
from benchmarks.soak.watch import Sample, by_label, counted, highest_bucket, slope

NO_SCORER = '"none"'
SPARE_FILES = 8
"""Open files that a server at rest may have more than before: what it opened late, once."""
Rows = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One soak."""

    minutes: float
    tally: Tally
    before: Sample
    """At rest, before the load."""
    samples: Sequence[Sample]
    after: Sample
    """At rest again."""
    metrics: tuple[str, str]
    """What the server said of itself before and after."""

    @property
    def failures(self) -> list[str]:
        """What must not happen, and did."""
        found = [f"lost: {each}" for each in self.tally.lost]
        found += [f"wrong: {each}" for each in self.tally.wrong]
        if self.after.files > self.before.files + SPARE_FILES:
            found.append(f"files grew from {self.before.files} to {self.after.files}")
        if self.after.processes > self.before.processes:
            found.append(f"processes grew from {self.before.processes} to {self.after.processes}")
        # A machine that stands still has no scorer's name.
        stalls = {label: n for label, n in self._stalled().items() if NO_SCORER not in label}
        found += [f"the event loop stood still {n:.0f} times ({at})" for at, n in stalls.items()]
        unready = sum(not sample.ready for sample in self.samples)
        if unready:
            found.append(f"/readyz was not 200 at {unready} of {len(self.samples)} looks")
        return found

    def tables(self) -> list[tuple[str, tuple[str, ...], Rows]]:
        """Title, header and rows of each table."""
        return [
            (f"Soak of {self.minutes:g} minutes", ("what", "value"), self._outcome()),
            ("Requests", ("kind", "requests", "p50 s", "p99 s", "longest s"), self._latency()),
            ("Process", ("what", "before", "middle", "end", "at rest after"), self._process()),
        ]

    def _outcome(self) -> Rows:
        tally, lag = self.tally, "harmo_event_loop_lag_seconds"
        unready = sum(not sample.ready for sample in self.samples)
        return [
            ("lost answers", str(len(tally.lost))),
            ("wrong rewards", str(len(tally.wrong))),
            *((f"null, {reason}", str(count)) for reason, count in sorted(tally.nulls.items())),
            ("completions scored", self._grew("harmo_completions_total")),
            ("requests shed, retried by clients", self._grew("harmo_requests_shed_total")),
            ("answers replayed by key", self._grew("harmo_idempotent_replays_total")),
            ("workers killed or dead", self._grew("harmo_worker_kills_total")),
            ("event loop lag, at most s", highest_bucket(*self.metrics, lag)),
            ("event loop stalls over a second", self._stalls()),
            ("slowest `/livez` s", f"{max(sample.livez_s for sample in self.samples):.2f}"),
            ("looks at which `/readyz` was not 200", f"{unready} of {len(self.samples)}"),
            ("growth of the process, second half, MiB a minute", f"{slope(self.samples):+.2f}"),
        ]

    def _grew(self, name: str) -> str:
        before, after = (counted(metrics, name) for metrics in self.metrics)
        return f"{after - before:,.0f}"

    def _stalls(self) -> str:
        """How often the loop stood still, and the scorers that had it."""
        stalls = self._stalled().items()
        return ", ".join(f"{count:.0f} ({label})" for label, count in stalls) or "0"

    def _stalled(self) -> dict[str, float]:
        return by_label(*self.metrics, "harmo_event_loop_stalls_total")

    def _latency(self) -> Rows:
        return [
            (kind, f"{len(all_s):,}", *(f"{quantile(all_s, q):.3f}" for q in (0.5, 0.99, 1.0)))
            for kind, all_s in sorted(self.tally.seconds.items())
        ]

    def _process(self) -> Rows:
        looks = (self.before, self.samples[len(self.samples) // 2], self.samples[-1], self.after)
        return [
            ("memory of the service, MiB", *(f"{look.own_mib:.0f}" for look in looks)),
            ("of all its processes, MiB", *(f"{look.tree_mib:.0f}" for look in looks)),
            ("open files", *(str(look.files) for look in looks)),
            ("processes", *(str(look.processes) for look in looks)),
        ]

    def show(self) -> None:
        """Print the tables, and what must not have happened."""
        console = Console(width=100)
        for title, header, rows in self.tables():
            table = Table(*header, title=title, title_justify="left")
            for row in rows:
                table.add_row(*row)
            console.print(table)
        for failure in self.failures[:20]:
            console.print(f"[red]{failure}", markup=True, soft_wrap=True)
        console.print("failed" if self.failures else "nothing lost, nothing wrong, nothing grew")

    def write(self, path: Path) -> None:
        """The same tables in markdown."""
        text = ""
        for title, header, rows in self.tables():
            lines = [header, ("---",) * len(header), *rows]
            text += f"**{title}**\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in lines) + "\n"
        path.write_text(text, encoding="utf-8")
