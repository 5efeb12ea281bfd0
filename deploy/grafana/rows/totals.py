"""The selected runs over the whole time range."""

from __future__ import annotations

from deploy.grafana.panels import COUNT, PLAIN, RATIO, About, Panel, Query, number, total
from deploy.grafana.queries import mean, over_range, per_second


def panels() -> list[Panel]:
    """The row, from left to right."""
    done = over_range("completions_total")
    return [
        number(
            About(
                title="Rewards / s",
                shows="Completions a second that get a reward, now.",
                wrong="at 0 while groups come, see *Why is there no reward?*; while none come, the"
                " trainer's log.",
                unit="cps",
                width=4,
                empty="no reward",
            ),
            Query(f"""sum({per_second("completions_total", 'outcome="scored"')})""", "rewards"),
        ),
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
    ]
