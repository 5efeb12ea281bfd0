"""The dashboards as wholes: their names, variables and order of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.panels import DATASOURCE, Panel
from deploy.grafana.rows import (
    fast,
    glance,
    kept,
    loaded,
    models,
    paid,
    refused,
    signals,
    totals,
    unscored,
    up,
)

Rows = Mapping[str, list[Panel]]
"""Panels by the title of their row."""

GROUPS = 'harmo_groups_total{instance=~"$instance"'


def overview() -> dashboard.Dashboard:
    """For a person on call."""
    about = "Is the reward service up, how fast is it, how loaded, and what does it turn away?"
    rows: Rows = {
        "At a glance": glance.panels(),
        "Is it up?": up.panels(),
        "How fast?": fast.panels(),
        "How loaded?": loaded.panels(),
        "What is turned away?": refused.panels(),
        "What is kept?": kept.panels(),
        "Hosted models": models.panels(),
    }
    return _board("Harmo / Overview", "harmo-overview", about, "now-1h", rows)


def rewards() -> dashboard.Dashboard:
    """For a researcher."""
    about = "What is the policy paid for? By recipe, run and column, with the audit signals."
    variables = [
        _choice("recipe", "Recipe", f"label_values({GROUPS}}}, recipe)"),
        _choice("run", "Run", f'label_values({GROUPS}, recipe=~"$recipe"}}, run)'),
        _choice("split", "Split", f'label_values({GROUPS}, recipe=~"$recipe"}}, split)').current(
            VariableOption(text=["train"], value=["train"])
        ),
        _choice(
            "column",
            "Column",
            'label_values(harmo_score_count{instance=~"$instance", recipe=~"$recipe"}, column)',
        ),
    ]
    rows: Rows = {
        "The selected runs, over the whole time range": totals.panels(),
        "What is the policy paid for?": paid.panels(),
        "Why is there no reward?": unscored.panels(),
        "Audit signals (train split, rolling window)": signals.panels(),
    }
    return _board("Harmo / Rewards", "harmo-rewards", about, "now-6h", rows, *variables)


BOARDS: Mapping[str, Callable[[], dashboard.Dashboard]] = {"overview": overview, "rewards": rewards}


def _board(
    title: str, uid: str, about: str, since: str, rows: Rows, *more: QueryVariable
) -> dashboard.Dashboard:
    board = (
        Dashboard(title)
        .uid(uid)
        .description(about)
        .tags(["harmo"])
        .time(since, "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .editable()
        .link(
            DashboardLink("Harmo")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["harmo"])
            .include_vars(True)
            .keep_time(True)
        )
        .with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_choice("instance", "Instance", 'label_values(up{job="harmo"}, instance)'))
    )
    for variable in more:
        board = board.with_variable(variable)
    for row, panels in rows.items():
        board = board.with_row(Row(row))
        for panel in panels:
            board = board.with_panel(panel)
    return _finished(board.build())


def _choice(name: str, label: str, query: str) -> QueryVariable:
    """One, several or all values; all include those that have no such label."""
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query({"query": query, "refId": f"{name}-values"})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(text=["All"], value=["$__all"]))
    )


def _finished(board: dashboard.Dashboard) -> dashboard.Dashboard:
    for number, panel in enumerate(board.panels or [], start=1):
        panel.id_val = number
    for variable in board.templating.list_val or []:
        # The builder's defaults for variables of intervals, which these are not.
        variable.auto = variable.auto_min = variable.auto_count = None
    return board
