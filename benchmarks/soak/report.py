"""What a soak came to, as tables for a terminal and in markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.soak.traffic import Tally, quantile
from benchmarks.soak.watch import Sample, slope

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
    counters: dict[str, float]
    loop_lag: str
    """Upper end of the highest bucket of the event loop's lag that held anything."""

    @property
    def failures(self) -> list[str]:
        """What must not happen, and did."""
        found = [f"lost: {each}" for each in self.tally.lost]
        found += [f"wrong: {each}" for each in self.tally.wrong]
        if self.after.files > self.before.files + SPARE_FILES:
            found.append(f"files grew from {self.before.files} to {self.after.files}")
        if self.after.processes > self.before.processes:
            found.append(f"processes grew from {self.before.processes} to {self.after.processes}")
        return found

    def tables(self) -> list[tuple[str, tuple[str, ...], Rows]]:
        """Title, header and rows of each table."""
        return [
            (f"Soak of {self.minutes:g} minutes", ("what", "value"), self._outcome()),
            ("Requests", ("kind", "requests", "p50 s", "p99 s", "longest s"), self._latency()),
            ("Process", ("what", "before", "middle", "end", "at rest after"), self._process()),
        ]

    def _outcome(self) -> Rows:
        tally, counted = self.tally, self.counters
        unready = sum(not sample.ready for sample in self.samples)
        return [
            ("lost answers", str(len(tally.lost))),
            ("wrong rewards", str(len(tally.wrong))),
            *((f"null, {reason}", str(count)) for reason, count in sorted(tally.nulls.items())),
            ("completions scored", f"{counted['harmo_completions_total']:,.0f}"),
            ("requests shed, retried by clients", f"{counted['harmo_requests_shed_total']:,.0f}"),
            ("answers replayed by key", f"{counted['harmo_idempotent_replays_total']:,.0f}"),
            ("workers killed or dead", f"{counted['harmo_worker_kills_total']:,.0f}"),
            ("event loop lag, at most s", self.loop_lag),
            ("event loop stalls over a second", f"{counted['harmo_event_loop_stalls_total']:,.0f}"),
            ("slowest `/livez` s", f"{max(sample.livez_s for sample in self.samples):.2f}"),
            ("looks at which `/readyz` was not 200", f"{unready} of {len(self.samples)}"),
            ("growth of the process, second half, MiB a minute", f"{slope(self.samples):+.2f}"),
        ]

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
