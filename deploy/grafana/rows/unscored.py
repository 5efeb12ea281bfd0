"""Why is there no reward?"""

from __future__ import annotations

from deploy.grafana.panels import COUNT, RATIO, About, Panel, Query, lines, rows
from deploy.grafana.queries import BY, EACH, IN_COLUMN, OF, over_range, per_second


def panels() -> list[Panel]:
    """The row, from left to right."""
    return [
        lines(
            About(
                title="Unscored by run",
                shows="Five-minute share of completions without a reward.",
                wrong="above 5% the run trains on a part of its data: see the reasons beside it.",
                unit=RATIO,
                width=8,
                limits={0.05: "red"},
                low=0,
                high=1,
            ),
            Query(f"harmo:unscored:ratio5m{{{OF}}}", EACH),
        ),
        lines(
            About(
                title="Unscored by reason",
                shows="Completions a second without a reward, and why.",
                wrong="`deadline`, `overloaded`, `worker_crashed` are ours; the others are in the"
                " data.",
                unit="cps",
                width=8,
                low=0,
                empty="none",
            ),
            Query(f"sum by (reason) ({per_second('unscored_total')})", "{{reason}}"),
        ),
        rows(
            About(
                title="Abstentions",
                shows="Scores not given in this time range, by column, scorer and reason.",
                wrong="cause `request`: mend the dataset; `completion`: the policy's text;"
                " `service`: ours, the log says more.",
                unit=COUNT,
                width=8,
                empty="none",
            ),
            Query(
                "sort_desc(sum by (column, scorer, reason, cause)"
                f" ({over_range('abstentions_total', IN_COLUMN)}) > 0)"
            ),
            {
                "column": "Column",
                "scorer": "Scorer",
                "reason": "Reason",
                "cause": "Cause",
                "Value": "Scores",
            },
        ),
        lines(
            About(
                title="Groups without variance by run",
                shows="Share of groups whose rewards are all equal.",
                wrong="above 80% for long nothing is learned: other prompts, or a finer reward.",
                unit=RATIO,
                width=8,
                limits={0.8: "red"},
                low=0,
                high=1,
            ),
            Query(
                f"sum by ({BY}) ({per_second('zero_variance_groups_total')})"
                f" / (sum by ({BY}) ({per_second('groups_total')}) > 0)",
                EACH,
            ),
        ),
        lines(
            About(
                title="Incomplete groups",
                shows="Groups a minute scored before all members had come, by cause.",
                wrong="send whole groups, or more requests at once; the log says how many came.",
                unit="cpm",
                width=8,
                low=0,
                empty="none",
            ),
            Query(f"60 * sum by (cause) ({per_second('incomplete_groups_total')})", "{{cause}}"),
        ),
        lines(
            About(
                title="Stand-ins",
                shows="Completions a minute to which a trainer's route gave a number for want of a"
                " reward.",
                wrong="they are flagged and counted, yet the trainer learns from them: see why"
                " they are unscored.",
                unit="cpm",
                width=8,
                low=0,
                empty="none",
            ),
            Query(
                "60 * sum by (recipe, on_unscored) (rate(harmo_stand_ins_total"
                '{instance=~"$instance", recipe=~"$recipe"}[$__rate_interval]))',
                "{{recipe}}, {{on_unscored}}",
            ),
        ),
        rows(
            About(
                title="References that cannot be read",
                shows="Distinct references that a rule could not read, since the service started.",
                wrong="mend the dataset; the log names the group (`unreadable_reference`).",
                unit=COUNT,
                width=12,
                empty="none",
            ),
            _faults("reference"),
            {"column": "Column", "scorer": "Scorer", "Value": "References"},
        ),
        rows(
            About(
                title="Rules that raised",
                shows="Completions that made a rule raise, since the service started: they were"
                " called wrong.",
                wrong="a bug of ours: report the line `scorer_fault` of the log.",
                unit=COUNT,
                width=12,
                empty="none",
            ),
            _faults("scorer"),
            {"column": "Column", "scorer": "Scorer", "Value": "Completions"},
        ),
    ]


def _faults(kind: str) -> Query:
    selector = f'instance=~"$instance", {IN_COLUMN}'
    return Query(f"sum by (column, scorer) (harmo_{kind}_faults_total{{{selector}}}) > 0")
