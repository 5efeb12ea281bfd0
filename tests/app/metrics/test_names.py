"""Rules and pages speak of metrics and labels that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.app.metrics.names import labels_by_metric

ROOT = Path(__file__).parents[3]
USED = re.compile(r"(harmo_[a-z0-9_]+)(?:\{([^}]*)\}|[\[\s`),|])")
KNOWN = labels_by_metric()


def written() -> list[Path]:
    rules = [path for path in (ROOT / "deploy").rglob("*.y*ml") if "rules_test" not in path.name]
    return [*rules, ROOT / "docs" / "metrics.md", ROOT / "docs" / "operations.md"]


@pytest.mark.parametrize("path", written(), ids=lambda path: path.name)
def test_rules_and_pages_use_metrics_and_labels_that_exist(path: Path) -> None:
    for name, selector in USED.findall(path.read_text(encoding="utf-8")):
        base = re.sub("_(bucket|count|sum)$", "", name)
        labels = KNOWN.get(name, KNOWN.get(base))
        assert labels is not None, name
        named = set(re.findall(r"([a-z_]+)(?=\s*(?:=|!|,|$))", selector))
        assert named - {"le"} <= labels, (name, selector)
