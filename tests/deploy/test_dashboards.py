"""The dashboards, without a Grafana: fresh, laid out without overlap, complete."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.boards import BOARDS, FOLDER, substituted, targets

GRAFANA = FOLDER.parent
COLUMNS = 24
PANELS = [
    pytest.param(panel, id=f"{name}-{panel['title']}")
    for name, board in BOARDS.items()
    for panel in board["panels"]
    if panel["type"] != "row"
]


def test_the_committed_dashboards_are_those_that_the_code_writes() -> None:
    pytest.importorskip("grafana_foundation_sdk")
    from deploy.grafana.__main__ import written

    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert committed == written(), "run `make dashboards`"


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_dashboard_is_what_grafana_reads_and_writes_itself(board: dict[str, Any]) -> None:
    """Read into the types that Grafana generates from its own schema, nothing is lost."""
    models = pytest.importorskip("grafana_foundation_sdk.models.dashboard")
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.plugins import register_default_plugins

    register_default_plugins()
    read = models.Dashboard.from_json(json.loads(json.dumps(board)))
    assert lost(board, json.loads(json.dumps(read, cls=JSONEncoder))) == []


def lost(given: Any, read: Any, at: str = "") -> list[str]:
    """Where something that was given is not what was read; defaults may be added."""
    if isinstance(given, dict) and isinstance(read, dict):
        return [p for key in given for p in lost(given[key], read.get(key), f"{at}/{key}")]
    if isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        pairs = enumerate(zip(given, read, strict=True))
        return [path for n, (one, other) in pairs for path in lost(one, other, f"{at}/{n}")]
    return [] if given == read else [at]


@pytest.mark.parametrize(("name", "board"), BOARDS.items(), ids=BOARDS)
def test_a_dashboard_is_found_by_its_address_and_has_its_variables(
    name: str, board: dict[str, Any]
) -> None:
    assert board["uid"] == f"harmo-{name}"
    assert board.get("id") is None, "an id belongs to one Grafana's database"
    variables = {each["name"]: each for each in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?(?!__)(\w+)", json.dumps(board["panels"])))
    assert used <= variables.keys()
    for variable in variables.values():
        if variable["type"] == "query":
            assert variable["multi"]
            assert variable["allValue"] == ".*", "also what has no such label"


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_panels_have_numbers_and_places_of_their_own(board: dict[str, Any]) -> None:
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(at["x"] + at["w"] <= COLUMNS for at in places)
    assert not [(a, b) for a, b in combinations(places, 2) if overlap(a, b)]
    for y in {at["y"] for at in places}:
        assert sum(at["w"] for at in places if at["y"] == y) == COLUMNS, f"a gap in line {y}"


def overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    return (
        a["x"] < b["x"] + b["w"]
        and b["x"] < a["x"] + a["w"]
        and a["y"] < b["y"] + b["h"]
        and b["y"] < a["y"] + a["h"]
    )


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_it_shows_and_what_to_do(panel: dict[str, Any]) -> None:
    shows, _, wrong = panel["description"].partition("\n\n**When it looks wrong:** ")
    assert shows.endswith(".")
    assert wrong.endswith(".")
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"]
    assert defaults["noValue"]
    steps = [step["value"] for step in defaults["thresholds"]["steps"]]
    assert steps[0] is None
    assert steps[1:] == sorted(steps[1:])


@pytest.mark.parametrize("panel", PANELS)
def test_a_query_goes_to_the_chosen_source_and_names_its_series(panel: dict[str, Any]) -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    assert panel["datasource"] == chosen
    assert all(target["datasource"] == chosen for target in panel["targets"])
    references = [target["refId"] for target in panel["targets"]]
    assert len(set(references)) == len(references)
    for target in panel["targets"]:
        if panel["type"] != "table":
            assert target["legendFormat"] != "__auto"
        by = re.search(r"by \(([^)]*)\)", target["expr"])
        shown = re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
        if by and panel["type"] in ("timeseries", "bargauge"):
            # What tells two series of a panel apart stands in their names.
            assert set(shown) >= {*by[1].split(", ")} - {"le"}, target["expr"]


def test_every_query_is_promql(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool (Debian: prometheus)")
    intervals = {"rate_interval": "1m", "range": "1h", "interval": "15s"}
    rules = [
        {"record": f"panel:{n}", "expr": substituted(each.expr, {}, **intervals)}
        for n, each in enumerate(targets())
    ]
    path = tmp_path / "panels.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    ran = subprocess.run(
        [promtool, "check", "rules", str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_grafana_finds_both_by_provisioning() -> None:
    (source,) = read("datasources/prometheus.yml")["datasources"]
    scrape = yaml.safe_load((GRAFANA.parent / "prometheus.yml").read_text())["global"]
    assert source["jsonData"]["timeInterval"] == scrape["scrape_interval"]
    (provider,) = read("dashboards/harmo.yml")["providers"]
    assert provider["type"] == "file"


def read(name: str) -> Any:
    return yaml.safe_load((GRAFANA / "provisioning" / name).read_text())
