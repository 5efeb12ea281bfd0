"""The selected runs over the whole time range."""

from __future__ import annotations

from deploy.grafana.panels import COUNT, PLAIN, RATIO, About, Panel, Query, total
from deploy.grafana.queries import mean, over_range


def panels() -> list[Panel]:
    """The row, from left to right."""
    done = over_range("completions_total")
    return [
        total(
            About(
                title="Mean reward",
                shows="Of every completion that got one.",
                wrong="compare runs below; a mean alone says nothing about what was learned.",
                unit=PLAIN,
                width=4,
                decimals=3,
                empty="no reward",
            ),
            Query(mean("reward"), "mean"),
        ),
        total(
            About(
                title="Spread of rewards",
                shows="Standard deviation over all of these rewards.",
                wrong="at 0 every completion is paid the same: nothing can be learned.",
                unit=PLAIN,
                width=4,
                decimals=3,
                empty="no reward",
            ),
            Query(
                f"sqrt(clamp_min(sum({over_range('reward_squares_total')})"
                f" / (sum({over_range('reward_count')}) > 0) - ({mean('reward')}) ^ 2, 0))",
                "standard deviation",
            ),
        ),
        total(
            About(
                title="Completions",
                shows="Completions that got an answer, scored or not.",
                wrong="fewer than the trainer made: it did not send them, or they were turned"
                " away.",
                unit=COUNT,
                width=4,
                empty="none",
            ),
            Query(f"sum({done})", "completions"),
        ),
        total(
            About(
                title="Unscored",
                shows="Share of completions without a reward.",
                wrong="the row *Why is there no reward?* names reason, column and scorer.",
                unit=RATIO,
                width=4,
                limits={0.01: "orange", 0.05: "red"},
                empty="none",
            ),
            Query(
                f"""(sum({over_range("completions_total", 'outcome="unscored"')}) or vector(0))"""
                f" / (sum({done}) > 0)",
                "unscored",
            ),
        ),
        total(
            About(
                title="Groups without variance",
                shows="Share of groups whose rewards are all equal: they move no gradient.",
                wrong="prompts are too easy or too hard, or a column is constant: filter prompts.",
                unit=RATIO,
                width=4,
                limits={0.5: "orange", 0.8: "red"},
                empty="none",
            ),
            Query(
                f"sum({over_range('zero_variance_groups_total')})"
                f" / (sum({over_range('groups_total')}) > 0)",
                "equal rewards",
            ),
        ),
        total(
            About(
                title="Runs",
                shows="Runs with a label of their own in this time range.",
                wrong="at most 16 have one; the rest are called `other` together.",
                unit=PLAIN,
                width=4,
                empty="none",
            ),
            Query(f"count(count by (run) ({over_range('groups_total')} > 0))", "runs"),
        ),
    ]
