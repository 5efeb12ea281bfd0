"""Is it up?"""

from __future__ import annotations

from deploy.grafana.panels import COUNT, PLAIN, SECONDS, About, Panel, Query, lines, rows, states
from deploy.grafana.queries import ON, quantile


def panels() -> list[Panel]:
    """The row, from left to right."""
    lag = "harmo_event_loop_lag_seconds"
    return [
        states(
            About(
                title="Ready",
                shows="What each instance's `/readyz` says.",
                wrong="`curl /readyz` names what is missing or stuck.",
                unit=PLAIN,
                width=8,
            ),
            # Without the metric of draining, an instance is not draining.
            Query(
                f"max by (instance) (harmo_ready{{{ON}}})"
                f" + 2 * max by (instance) (harmo_draining{{{ON}}})",
                "{{instance}}",
            ),
            {
                "0": ("not ready", "red"),
                "1": ("ready", "green"),
                "2": ("draining", "orange"),
                "3": ("draining", "orange"),
            },
        ),
        rows(
            About(
                title="Firing alerts",
                shows="Harmo's alerts that fire now.",
                wrong="each alert has a paragraph in docs/runbook.md.",
                unit=PLAIN,
                width=8,
                empty="nothing fires",
            ),
            Query(
                "sum by (alertname, severity, instance, recipe, run, reason)"
                ' (ALERTS{alertname=~"Harmo.*", alertstate="firing"})'
            ),
            {
                "alertname": "Alert",
                "severity": "Severity",
                "instance": "Instance",
                "recipe": "Recipe",
                "run": "Run",
                "reason": "Reason",
            },
        ),
        rows(
            About(
                title="Versions",
                shows="What each instance runs: the version, and a hash of its configuration.",
                wrong="two rows that differ give one run two rewards; finish or undo the rollout.",
                unit=PLAIN,
                width=8,
            ),
            Query(f"sum by (instance, version, config_sha) (harmo_build_info{{{ON}}})"),
            {"instance": "Instance", "version": "Version", "config_sha": "Configuration"},
        ),
        lines(
            About(
                title="Event loop lag, p99",
                shows="How late the event loop comes to what is due: every request waits so long.",
                wrong="above 0.1 s a scorer holds the loop; the log says `event_loop_stall` and"
                " where.",
                unit=SECONDS,
                width=12,
                limits={1: "red"},
                low=0,
            ),
            Query(quantile(0.99, lag, by="instance"), "{{instance}}"),
        ),
        lines(
            About(
                title="Restarts and stalls, last hour",
                shows="Times an instance began anew, and times its event loop stood still for over"
                " a second.",
                wrong="restarts: the exit code (3: it could not score) and the last log lines."
                " Stalls: the scorer that the log names.",
                unit=COUNT,
                width=12,
                low=0,
                decimals=0,
            ),
            # The lag is measured ten times a second for as long as a process lives.
            Query(f"resets({lag}_count{{{ON}}}[1h])", "restarts, {{instance}}"),
            Query(
                f"sum by (instance) (increase(harmo_event_loop_stalls_total{{{ON}}}[1h]))",
                "stalls, {{instance}}",
            ),
        ),
    ]
