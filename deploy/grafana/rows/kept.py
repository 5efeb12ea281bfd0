"""What is kept of what was scored?"""

from __future__ import annotations

from deploy.grafana.panels import COUNT, RATIO, SECONDS, About, Panel, Query, lines
from deploy.grafana.queries import ON, quantile, rate

_EMPTY = "nothing is kept"


def panels() -> list[Panel]:
    """The row, from left to right."""

    def used(what: str) -> Query:
        used = f"harmo_audit_{what}_bytes{{{ON}}} / (harmo_audit_{what}_bytes_limit{{{ON}}} > 0)"
        return Query(f"max({used})", what)

    return [
        lines(
            About(
                title="Groups kept and dropped",
                shows="Groups that came onto the disk a second, and those that were answered and"
                " are not kept, by cause.",
                wrong="`backlog`: the disk is slow or fails. `full`: its run alone fills the store,"
                " raise `audit_max_bytes`. `unwritable`: a bug to report.",
                unit="cps",
                width=6,
                low=0,
            ),
            Query(f"sum({rate('harmo_audit_groups_total')})", "kept"),
            Query(f"sum by (cause) ({rate('harmo_audit_dropped_groups_total')})", "{{cause}}"),
        ),
        lines(
            About(
                title="Store and backlog, used of their limits",
                shows="What the fullest instance has of `audit_max_bytes` on the disk, and of"
                " `audit_backlog_bytes` in memory.",
                wrong="a backlog that grows: the disk does not keep up. A store at its limit drops"
                " its oldest runs: export them, or give it more.",
                unit=RATIO,
                width=6,
                limits={0.8: "red"},
                low=0,
                empty=_EMPTY,
            ),
            used("store"),
            used("backlog"),
        ),
        lines(
            About(
                title="Time to write a batch",
                shows="From the first group of a batch until all are on the disk.",
                wrong="over 0.1 s: a slow disk, or a shared one. In `strict` every answer waits for"
                " it.",
                unit=SECONDS,
                width=6,
                low=0,
                empty=_EMPTY,
            ),
            Query(quantile(0.5, "harmo_audit_commit_seconds"), "p50"),
            Query(quantile(0.99, "harmo_audit_commit_seconds"), "p99"),
        ),
        lines(
            About(
                title="Store troubles and dropped runs, last hour",
                shows="Times the store could not be opened or written, by what was wrong, and runs"
                " that left for room or age.",
                wrong="`full`: make room. `held`: two services have one folder. `read_only`,"
                " `torn`, `other_version`: see the log, and `/readyz`.",
                unit=COUNT,
                width=6,
                low=0,
            ),
            Query(
                f"sum by (trouble) (increase(harmo_audit_write_failures_total{{{ON}}}[1h]))",
                "{{trouble}}",
            ),
            Query(f"sum(increase(harmo_audit_pruned_runs_total{{{ON}}}[1h]))", "runs dropped"),
        ),
    ]
