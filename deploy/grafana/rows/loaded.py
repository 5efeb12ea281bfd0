"""How loaded is it?"""

from __future__ import annotations

from deploy.grafana.panels import COUNT, RATIO, SECONDS, About, Panel, Query, lines
from deploy.grafana.queries import ON, rate, share


def panels() -> list[Panel]:
    """The row, from left to right."""

    def used(what: str) -> Query:
        used = f"harmo_{what}{{{ON}}} / (harmo_{what}_limit{{{ON}}} > 0)"
        return Query(f"max({used})", what.replace("_", " "))

    return [
        lines(
            About(
                title="Used of the limits",
                shows="How much of each limit the fullest instance uses. At 100% requests are"
                " turned away.",
                wrong="add an instance, or lower what trainers send at once; raise the limit only"
                " where memory allows.",
                unit=RATIO,
                width=8,
                limits={0.8: "red"},
                low=0,
                high=1,
            ),
            used("completions_in_flight"),
            used("bytes_in_flight"),
            used("waiting_members"),
        ),
        lines(
            About(
                title="Workers",
                shows="Worker processes by what they do, and samples that wait for one.",
                wrong="none idle and a queue that grows: raise `workers` to the cores there are.",
                unit=COUNT,
                width=8,
                low=0,
            ),
            Query(f"sum by (state) (harmo_workers{{{ON}}})", "{{state}}"),
            Query(f"sum(harmo_worker_queue_samples{{{ON}}})", "samples waiting"),
        ),
        lines(
            About(
                title="Oldest in a queue",
                shows="How long the first in line has waited, for a worker or a model.",
                wrong="beyond 30 s deadlines are near: add workers or a device, or send less at"
                " once.",
                unit=SECONDS,
                width=8,
                limits={30: "red"},
                low=0,
            ),
            Query(f"max(harmo_worker_queue_oldest_age_seconds{{{ON}}})", "workers"),
            Query(f"max by (model) (harmo_model_queue_oldest_age_seconds{{{ON}}})", "{{model}}"),
        ),
        lines(
            About(
                title="Connections",
                shows="Open connections.",
                wrong="near `max_connections` idle ones are closed to make room: trainers should"
                " keep one client for all requests.",
                unit=COUNT,
                width=12,
                low=0,
            ),
            Query(f"sum by (instance) (harmo_connections_open{{{ON}}})", "{{instance}}"),
        ),
        lines(
            About(
                title="Remembered scores",
                shows="Share of what workers were asked that was known from before.",
                wrong="low is normal. High with flat rewards: the policy repeats itself.",
                unit=RATIO,
                width=12,
                low=0,
                high=1,
            ),
            Query(
                share(
                    rate("harmo_remembered_scores_total", f'{ON}, result="hit"'),
                    rate("harmo_remembered_scores_total"),
                ),
                "known",
            ),
        ),
    ]
