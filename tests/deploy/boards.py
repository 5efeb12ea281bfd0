"""The dashboards as they are committed, and their queries as Grafana would send them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards"
ALL = ".*"
BOARDS: Mapping[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.json"))
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One query of one panel."""

    board: str
    panel: str
    row: str
    kind: str
    unit: str
    ref: str
    expr: str
    legend: str
    instant: bool

    @property
    def name(self) -> str:
        return f"{self.board}/{self.row}/{self.panel}/{self.ref}"


def targets() -> Iterator[Target]:
    """Every query, in the order in which the panels stand."""
    for name, board in BOARDS.items():
        row = ""
        for panel in board["panels"]:
            if panel["type"] == "row":
                row = panel["title"]
            for target in panel.get("targets", ()):
                yield Target(
                    board=name,
                    panel=panel["title"],
                    row=row,
                    kind=panel["type"],
                    unit=unit_of(panel),
                    ref=target["refId"],
                    expr=target["expr"],
                    legend=target["legendFormat"],
                    instant=target["instant"],
                )


def unit_of(panel: Mapping[str, Any]) -> str:
    """The unit of what a panel shows; a table's is that of its value."""
    config = panel["fieldConfig"]
    for override in config["overrides"]:
        for each in override["properties"]:
            if each["id"] == "unit":
                return str(each["value"])
    return str(config["defaults"]["unit"])


def substituted(expr: str, chosen: Mapping[str, Sequence[str]], **intervals: str) -> str:
    """An expression with its variables filled in as Grafana does it.

    Args:
        expr: As it stands in the panel.
        chosen: The values of each variable; one that is left out has all.
        intervals: `rate_interval`, `range` and `interval`.
    """
    for name, value in intervals.items():
        expr = expr.replace(f"$__{name}", value)
    for name in ("instance", "recipe", "run", "split", "column"):
        expr = re.sub(rf"\${name}\b", lambda _, n=name: pattern(chosen.get(n, ())), expr)
    assert "$" not in expr, expr
    return expr


def pattern(values: Sequence[str]) -> str:
    """The regular expression of a variable; its backslashes stand in a string."""
    if not values:
        return ALL
    escaped = [re.sub(r"[\\^$*+?.()|{}\[\]]", r"\\\\\g<0>", value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def named(legend: str, labels: Mapping[str, str]) -> str:
    """How Grafana calls a series."""
    if legend == "__auto":
        return ", ".join(f"{k}={v}" for k, v in sorted(labels.items())) or "value"
    return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match[1], ""), legend)
