"""The first row of the Overview: what a person on call looks at."""

from __future__ import annotations

from deploy.grafana.panels import PLAIN, RATIO, SECONDS, About, Panel, Query, number
from deploy.grafana.queries import ASKED, ON, p50_p95_p99, rate, share


def panels() -> list[Panel]:
    """The row, from left to right."""
    errors = rate("harmo_http_requests_total", f'{ASKED}, code=~"5..", code!="503"')
    unscored = rate("harmo_completions_total", f'{ON}, outcome="unscored"')
    return [
        number(
            About(
                title="Instances down",
                shows="Instances that Prometheus cannot scrape.",
                wrong="see that instance's log and exit code; the runbook's HarmoDown says more."
                " Where none is known, so does HarmoNoneReady.",
                unit=PLAIN,
                width=3,
                limits={1: "red"},
                empty="none known",
            ),
            Query(f"""count(up{{job="harmo", {ON}}}) - sum(up{{job="harmo", {ON}}})""", "down"),
        ),
        number(
            About(
                title="Requests / s",
                shows="Requests answered, without probes and scrapes.",
                wrong="at 0 while a trainer runs, it cannot reach the service: look at its log.",
                unit="reqps",
                width=3,
                empty="no traffic",
            ),
            Query(f"sum({rate('harmo_http_requests_total', ASKED)})", "requests"),
        ),
        number(
            About(
                title="Completions / s",
                shows="Completions that got an answer, scored or not.",
                wrong="requests without completions are refused ones: see *Answers by status*.",
                unit="cps",
                width=3,
                empty="no traffic",
            ),
            Query(f"sum({rate('harmo_completions_total')})", "completions"),
        ),
        number(
            About(
                title="Model tokens / s",
                shows="Tokens that hosted models judged, each prompt counted per completion.",
                wrong="at 0 with completions coming, see the row *Hosted models*.",
                unit="count:tok/s",
                width=3,
                empty="no model",
            ),
            Query(f"""sum({rate("harmo_model_tokens_total", f'{ON}, kind="real"')})""", "tokens"),
        ),
        number(
            About(
                title="5xx ratio",
                shows="Share of requests that failed by our fault. 503 (come back later) is under"
                " *Turned away*.",
                wrong="each 500 has an id: look it up in the log; 504 means the deadline passed.",
                unit=RATIO,
                width=3,
                limits={0.001: "orange", 0.01: "red"},
                low=0,
                empty="no traffic",
            ),
            Query(share(errors, rate("harmo_http_requests_total", ASKED)), "5xx"),
        ),
        number(
            About(
                title="Unscored ratio",
                shows="Share of completions that got `null` instead of a reward.",
                wrong="the dashboard *Rewards* says which run, and why.",
                unit=RATIO,
                width=3,
                limits={0.01: "orange", 0.05: "red"},
                low=0,
                empty="no traffic",
            ),
            Query(share(unscored, rate("harmo_completions_total")), "unscored"),
        ),
        number(
            About(
                title="Latency",
                shows="Time from a request's head to the end of its answer.",
                wrong="*Time by phase, p95* says where it goes. What is late is unscored.",
                unit=SECONDS,
                width=6,
                limits={30: "orange", 60: "red"},
                empty="no traffic",
            ),
            *p50_p95_p99("harmo_http_request_duration_seconds", ASKED),
        ),
    ]
