"""Kinds of panels, so that a dashboard is a list of what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as shared
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

Panel = Builder[dashboard.Panel]
Kind = TypeVar(
    "Kind",
    bargauge.Panel,
    heatmap.Panel,
    stat.Panel,
    statetimeline.Panel,
    table.Panel,
    timeseries.Panel,
)
DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
RATIO, SECONDS, COUNT, PLAIN = "percentunit", "s", "short", "none"
LINE_HEIGHT, STAT_HEIGHT = 8, 4


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression and how its series are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What every panel has."""

    title: str
    shows: str
    """What it shows, in a sentence."""
    wrong: str
    """What to do when it looks wrong."""
    unit: str
    width: int
    limits: Mapping[float, str] | None = None
    """Colours from a value upwards, where a real limit stands there."""
    low: float | None = None
    high: float | None = None
    """Where the axis begins and ends, if it always does."""
    empty: str = "no data"
    """What stands there without a series."""
    decimals: int | None = None


def number(about: About, *queries: Query) -> Panel:
    """One figure a query, with its course in the background."""
    several = len(queries) > 1
    shown = shared.BigValueTextMode.VALUE_AND_NAME if several else shared.BigValueTextMode.VALUE
    return _figure(about).targets(_targets(queries)).text_mode(shown)


def total(about: About, query: Query) -> Panel:
    """One figure for the whole time range of the dashboard."""
    still = shared.BigValueGraphMode.NONE
    return _figure(about).targets(_targets([query], instant=True)).graph_mode(still)


def _figure(about: About) -> stat.Panel:
    coloured = shared.BigValueColorMode.VALUE if about.limits else shared.BigValueColorMode.NONE
    return (
        _dressed(stat.Panel(), about, STAT_HEIGHT)
        .color_mode(coloured)
        .graph_mode(shared.BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def lines(about: About, *queries: Query) -> Panel:
    """A line a series; limits are drawn as dashed lines."""
    panel = _dressed(timeseries.Panel(), about, LINE_HEIGHT)
    if about.limits:
        dashed = shared.GraphThresholdsStyleMode.DASHED
        panel = panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(dashed))
    return (
        panel.targets(_targets(queries))
        .legend(
            common.VizLegendOptions()
            .display_mode(shared.LegendDisplayMode.TABLE)
            .placement(shared.LegendPlacement.BOTTOM)
            .calcs(["lastNotNull", "max"])
            .show_legend(True)
        )
        .tooltip(
            common.VizTooltipOptions()
            .mode(shared.TooltipDisplayMode.MULTI)
            .sort(shared.SortOrder.DESCENDING)
        )
        .fill_opacity(5)
        .show_points(shared.VisibilityMode.NEVER)
    )


def bars(about: About, query: Query) -> Panel:
    """A horizontal bar a series, as it is at the end of the time range."""
    return (
        _dressed(bargauge.Panel(), about, LINE_HEIGHT)
        .targets(_targets([query], instant=True))
        .orientation(shared.VizOrientation.HORIZONTAL)
        .display_mode(shared.BarGaugeDisplayMode.BASIC)
        .value_mode(shared.BarGaugeValueMode.TEXT)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def distribution(about: About, query: Query) -> Panel:
    """A histogram's buckets over time, darker where more fell."""
    return (
        _dressed(heatmap.Panel(), about, LINE_HEIGHT)
        .targets(_targets([query], form=PromQueryFormat.HEATMAP))
        .y_axis(heatmap.YAxisConfig().unit(about.unit))
        .color(
            heatmap.HeatmapColorOptions()
            .mode(HeatmapColorMode.SCHEME)
            .scheme("Blues")
            .steps(64)
            .exponent(0.5)
        )
        .cell_gap(1)
        .show_legend()
        .show_y_histogram()
    )


def rows(about: About, query: Query, columns: Mapping[str, str]) -> Panel:
    """A table of the instant's series.

    Args:
        about: What every panel has.
        query: What is shown.
        columns: Labels, or `Value`, in the order shown, with their headings; others are left out.
    """
    arranged = DataTransformerConfig(
        id_val="organize",
        options={
            "indexByName": {name: place for place, name in enumerate(columns)},
            "renameByName": dict(columns),
            "includeByName": dict.fromkeys(columns, True),
        },
    )
    # The unit belongs to the value alone: a label such as a version may look like a number.
    unit = DynamicConfigValue(id_val="unit", value=about.unit)
    return (
        _dressed(table.Panel(), about, LINE_HEIGHT)
        .unit(PLAIN)
        .targets(_targets([query], instant=True, form=PromQueryFormat.TABLE))
        .with_transformation(arranged)
        .override_by_name(columns.get("Value", "Value"), [unit])
    )


def states(about: About, query: Query, names: Mapping[str, tuple[str, str]]) -> Panel:
    """A band a series, coloured by its state.

    Args:
        about: What every panel has.
        query: Its values are the states.
        names: Word and colour by value.
    """
    found = {
        value: ValueMappingResult(text=word, color=colour, index=place)
        for place, (value, (word, colour)) in enumerate(names.items())
    }
    return (
        _dressed(statetimeline.Panel(), about, LINE_HEIGHT)
        .targets(_targets([query]))
        .mappings([ValueMap(options=found)])
        .show_value(shared.VisibilityMode.NEVER)
        .legend(
            common.VizLegendOptions()
            .display_mode(shared.LegendDisplayMode.LIST)
            .placement(shared.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )


def _dressed(panel: Kind, about: About, height: int) -> Kind:
    panel = (
        panel.title(about.title)
        .description(f"{about.shows}\n\n**When it looks wrong:** {about.wrong}")
        .datasource(DATASOURCE)
        .height(height)
        .span(about.width)
        .unit(about.unit)
        .no_value(about.empty)
        .thresholds(_thresholds(about.limits or {}))
    )
    if about.low is not None:
        panel = panel.min(about.low)
    if about.high is not None:
        panel = panel.max(about.high)
    return panel if about.decimals is None else panel.decimals(about.decimals)


def _thresholds(limits: Mapping[float, str]) -> ThresholdsConfig:
    first = "green" if limits else "blue"
    steps = [Threshold(value=None, color=first)]
    steps += [Threshold(value=value, color=colour) for value, colour in limits.items()]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def _targets(
    queries: Iterable[Query],
    *,
    instant: bool = False,
    form: PromQueryFormat = PromQueryFormat.TIME_SERIES,
) -> list[Builder[Dataquery]]:
    found: list[Builder[Dataquery]] = []
    for letter, query in zip("ABCDEFGH", queries, strict=False):
        target = (
            prometheus.Dataquery()
            .datasource(DATASOURCE)
            .ref_id(letter)
            .expr(" ".join(query.expr.split()))
            .legend_format(query.legend or "__auto")
            .format(form)
        )
        found.append(target.instant() if instant else target.range())
    return found
