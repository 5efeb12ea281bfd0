"""What is turned away, closed or killed?"""

from __future__ import annotations

from deploy.grafana.panels import RATIO, About, Panel, Query, lines
from deploy.grafana.queries import ASKED, rate, share


def panels() -> list[Panel]:
    """The row, from left to right."""

    def by_reason(metric: str, legend: str = "{{reason}}") -> Query:
        return Query(f"sum by (reason) ({rate(metric)})", legend)

    def a_minute(metric: str) -> Query:
        return Query(f"60 * sum by (reason) ({rate(metric)})", "{{reason}}")

    return [
        lines(
            About(
                title="Turned away",
                shows="Share of requests answered 429 or 503, to come back later.",
                wrong="clients retry, so no reward is lost, but the trainer waits: add an"
                " instance or send less at once.",
                unit=RATIO,
                width=8,
                limits={0.05: "red"},
                low=0,
                empty="no traffic",
            ),
            Query(
                share(rate("harmo_requests_shed_total"), rate("harmo_http_requests_total", ASKED)),
                "turned away",
            ),
        ),
        lines(
            About(
                title="Turned away by reason",
                shows="What there was no room for.",
                wrong="`completions`, `bytes`, `waiting`: that limit. `backlog`, `overloaded`: too"
                " slow for what comes. `not_ready`: it starts, drains or is stuck.",
                unit="reqps",
                width=8,
                low=0,
            ),
            by_reason("harmo_requests_shed_total"),
        ),
        lines(
            About(
                title="Answers by status",
                shows="Every status that was answered, without probes.",
                wrong="4xx is the client's request, and the body says which field; 499 is a client"
                " that left.",
                unit="reqps",
                width=8,
                low=0,
            ),
            Query(f"sum by (code) ({rate('harmo_http_requests_total', ASKED)})", "{{code}}"),
        ),
        lines(
            About(
                title="Clients",
                shows="Clients that left before their answer, keys that were refused, and answers"
                " given again by idempotency key.",
                wrong="leaving: their timeout is shorter than the latency. Refused keys: a trainer"
                " with an old key.",
                unit="reqps",
                width=6,
                low=0,
            ),
            Query(f"sum({rate('harmo_client_disconnects_total')})", "left"),
            by_reason("harmo_auth_failures_total", "key refused, {{reason}}"),
            Query(f"sum({rate('harmo_idempotent_replays_total')})", "answered again"),
        ),
        lines(
            About(
                title="Connections we closed",
                shows="Connections closed a minute by the service, by reason.",
                wrong="`idle` is normal. `full` or `room`: too many connections. `malformed`:"
                " something that is no HTTP client.",
                unit="cpm",
                width=6,
                low=0,
            ),
            a_minute("harmo_connections_closed_total"),
        ),
        lines(
            About(
                title="Workers killed",
                shows="Worker processes killed a minute at a deadline, or found dead.",
                wrong="a few are hard texts. Many: the log names the scorer; see HarmoWorkersDie.",
                unit="cpm",
                width=6,
                low=0,
                empty="none",
            ),
            a_minute("harmo_worker_kills_total"),
        ),
        lines(
            About(
                title="Images refused",
                shows="Images a minute that could not be used, by reason.",
                wrong="their groups are unscored: mend the dataset, or send smaller images.",
                unit="cpm",
                width=6,
                low=0,
                empty="none",
            ),
            a_minute("harmo_images_rejected_total"),
        ),
    ]
