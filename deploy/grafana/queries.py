"""PromQL that many panels share."""

from __future__ import annotations

from deploy.grafana.panels import Query

ON = 'instance=~"$instance"'
ASKED = f'{ON}, route!~"/livez|/readyz|/metrics"'
"""What clients ask; not probes and scrapes."""
RUN = 'recipe=~"$recipe", run=~"$run"'
OF = f'{RUN}, split=~"$split"'
"""Of recorded series, which know no instance."""
AT = f"{ON}, {OF}"
IN_COLUMN = 'column=~"$column"'
BY = "recipe, run, split"
EACH = "{{recipe}} {{run}} {{split}}"
"""How the series of a run are called; without a run, by the others."""


def rate(metric: str, selector: str = ON) -> str:
    """Growth per second, each series."""
    return f"rate({metric}{{{selector}}}[$__rate_interval])"


def quantile(share: float, histogram: str, selector: str = ON, by: str = "") -> str:
    """What that share of the values is at most; absent, not NaN, where there were none."""
    labels = ", ".join(filter(None, ["le", by]))
    buckets = rate(f"{histogram}_bucket", selector)
    return f"histogram_quantile({share}, sum by ({labels}) ({buckets})) >= 0"


def p50_p95_p99(histogram: str, selector: str = ON) -> list[Query]:
    """Half of the values, and all but the largest, are at most this."""
    return [
        Query(quantile(share, histogram, selector), f"p{share * 100:.0f}")
        for share in (0.5, 0.95, 0.99)
    ]


def share(part: str, whole: str) -> str:
    """A ratio: 0 where the part has no series yet, absent where there is nothing to share."""
    return f"(sum({part}) or vector(0)) / (sum({whole}) > 0)"


def per_second(metric: str, more: str = "") -> str:
    """How fast a counter of the selected runs grows, each series."""
    return rate(f"harmo_{metric}", _selected(more))


def over_range(metric: str, more: str = "") -> str:
    """How much a counter of the selected runs grew in the dashboard's time range, each series."""
    return f"increase(harmo_{metric}{{{_selected(more)}}}[$__range])"


def mean(metric: str) -> str:
    """Of a distribution over the time range, from the sums that never fall."""
    above = over_range(f"{metric}_above_zero_total")
    below = over_range(f"{metric}_below_zero_total")
    return f"(sum({above}) - sum({below})) / (sum({over_range(f'{metric}_count')}) > 0)"


def signal(name: str, before: str = "", *, by: str = "recipe, run, column") -> Query:
    """An audit signal, averaged over the instances that saw the run; groups are added up."""
    of_columns = "column" in by
    column = f', {IN_COLUMN[:-1]}|reward"' if of_columns else ""
    add = "sum" if name == "groups" else "avg"
    called = "{{column}}: {{recipe}} {{run}}" if of_columns else "{{recipe}} {{run}}"
    return Query(f"{add} by ({by}) (harmo_signal_{name}{{{ON}, {RUN}{column}}})", before + called)


def _selected(more: str) -> str:
    return ", ".join(filter(None, [AT, more]))
