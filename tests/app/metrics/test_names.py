"""Rules and pages speak of metrics and labels that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.app.metrics.names import labels_by_metric

ROOT = Path(__file__).parents[3]
USED = re.compile(r"\b((?:harmo|process)_[a-z0-9_]+)(?:\{([^}]*)\}|[\[\s`),|])")
KNOWN = labels_by_metric()
PAGE = ROOT / "docs" / "metrics.md"
SCRAPED = {"job", "instance", "namespace", "pod"}
"""Labels that Prometheus adds."""


def written() -> list[Path]:
    rules = [path for path in (ROOT / "deploy").rglob("*.y*ml") if "rules_test" not in path.name]
    return [*rules, PAGE, ROOT / "docs" / "operations.md"]


@pytest.mark.parametrize("path", written(), ids=lambda path: path.name)
def test_rules_and_pages_use_metrics_and_labels_that_exist(path: Path) -> None:
    for name, selector in USED.findall(path.read_text(encoding="utf-8")):
        base = re.sub("_(bucket|count|sum)$", "", name)
        labels = KNOWN.get(name, KNOWN.get(base))
        assert labels is not None, name
        named = set(re.findall(r"([a-z_]+)(?=\s*(?:=|!|,|$))", selector))
        assert named - {"le"} - SCRAPED <= labels, (name, selector)


@pytest.mark.parametrize("name", KNOWN)
def test_every_metric_is_in_a_table_of_the_page_with_its_labels(name: str) -> None:
    """Labels that a whole section has in common are said above its table."""
    page = PAGE.read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if row.startswith("|")]
    cells = [found for row in rows for found in USED.findall(row.split("|")[1])]
    said = [set(labels.split(",")) - {""} for named, labels in cells if named == name]
    assert said, "not on the page"
    common = {"recipe", "run", "split"} if "run" in KNOWN[name] else {"model"}
    assert KNOWN[name] - common <= set.union(*said) | common, name
