"""What is set off in the terminal is what alerts fire on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harmo.app.cli.top.comfort import ZONES, out_of_zone

ALERTS = Path(__file__).parents[4] / "deploy" / "alerts.yml"


@pytest.mark.parametrize("signal", ZONES)
def test_a_zone_ends_where_the_alert_begins(signal: str) -> None:
    text = ALERTS.read_text(encoding="utf-8")
    # The first: a second one, if any, is of how it moved.
    line = re.findall(rf"^.*avg by [^)]*\) \(harmo_signal_{signal}\b.*", text, re.MULTILINE)[0]
    (bound,) = re.findall(r"\) ([<>] [\d.]+)$", line)
    zone = ZONES[signal]
    assert bound == (f"< {zone.low}" if bound[0] == "<" else f"> {zone.high}")
    if "abs(" in line:
        assert zone.low == -zone.high


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        ({"model_auc": 0.5, "drift": 0.5, "truncated_ratio": 0.25}, []),
        ({"model_auc": 0.42}, ["AUC 0.42"]),
        ({"length_correlation": -0.71}, ["length rho -0.71"]),
        ({"drift": 0.6, "duplicate_siblings_ratio": 0.31}, ["31% duplicates", "drift 0.60"]),
        ({"fooled_ratio": 0.9, "shadow_correlation": -1.0}, []),
    ],
)
def test_only_what_is_out_of_its_zone_is_named(signals: dict[str, float], said: list[str]) -> None:
    assert list(out_of_zone(signals)) == said
