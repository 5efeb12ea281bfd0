"""How fast is it?"""

from __future__ import annotations

from deploy.grafana.panels import COUNT, SECONDS, About, Panel, Query, lines
from deploy.grafana.queries import ASKED, ON, p50_p95_p99, quantile, rate


def panels() -> list[Panel]:
    """The row, from left to right."""
    return [
        lines(
            About(
                title="Requests by route",
                shows="Requests a second on every route, without probes.",
                wrong="a route that should be busy and is not: look at that trainer's log.",
                unit="reqps",
                width=8,
                low=0,
            ),
            Query(f"sum by (route) ({rate('harmo_http_requests_total', ASKED)})", "{{route}}"),
        ),
        lines(
            About(
                title="Completions by outcome",
                shows="Completions a second, scored and unscored.",
                wrong="where unscored grows, *Rewards* says which run and reason.",
                unit="cps",
                width=8,
                low=0,
            ),
            Query(f"sum by (outcome) ({rate('harmo_completions_total')})", "{{outcome}}"),
        ),
        lines(
            About(
                title="Latency over time",
                shows="Time from a request's head to the end of its answer.",
                wrong="rising with load means no room: add an instance. Rising without load:"
                " *Time by phase, p95*.",
                unit=SECONDS,
                width=8,
                limits={60: "red"},
                low=0,
            ),
            *p50_p95_p99("harmo_http_request_duration_seconds", ASKED),
        ),
        lines(
            About(
                title="Time by phase, p95",
                shows="Where a request's time goes. Rules, models and aspects run side by side.",
                wrong="`queue`: too much at once. `rule`: too few workers or hard texts."
                " `model`: the row *Hosted models*.",
                unit=SECONDS,
                width=8,
                low=0,
            ),
            Query(
                quantile(0.95, "harmo_phase_duration_seconds", f'{ON}, phase!="total"', by="phase"),
                "{{phase}}",
            ),
        ),
        lines(
            About(
                title="Time by scorer, p95",
                shows="How long each scorer waits for its turn, and then computes.",
                wrong="a long wait: more `workers`. A long compute: that scorer's texts or"
                " parameters.",
                unit=SECONDS,
                width=8,
                low=0,
            ),
            Query(
                quantile(0.95, "harmo_scorer_duration_seconds", by="scorer, stage"),
                "{{scorer}}, {{stage}}",
            ),
        ),
        lines(
            About(
                title="Completions in a request",
                shows="How many completions a request brings.",
                wrong="requests of one completion cost many times as much: send whole groups.",
                unit=COUNT,
                width=8,
                low=0,
            ),
            *p50_p95_p99("harmo_request_completions"),
        ),
        lines(
            About(
                title="Bytes of a request",
                shows="How large the bodies are.",
                wrong="near `max_body_bytes` they are refused with 413: send fewer groups at once.",
                unit="bytes",
                width=12,
                low=0,
            ),
            *p50_p95_p99("harmo_http_request_size_bytes", ASKED),
        ),
        lines(
            About(
                title="Time to decode an image",
                shows="How long one image takes from its bytes to its pixels.",
                wrong="near `image_timeout_s` groups go unscored: send smaller images.",
                unit=SECONDS,
                width=12,
                low=0,
                empty="no images",
            ),
            *p50_p95_p99("harmo_image_decode_seconds"),
        ),
    ]
