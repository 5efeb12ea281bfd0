"""What `harmo top` reads is what the service writes."""

from __future__ import annotations

import re
from pathlib import Path

from harmo.app.cli import top
from harmo.app.metrics import Metrics
from harmo.app.signals import Signals

SUFFIX = re.compile(r"_(?:total|created)$")


def test_every_metric_it_reads_is_one_of_the_services() -> None:
    texts = [file.read_text(encoding="utf-8") for file in Path(top.__path__[0]).glob("*.py")]
    read = {
        SUFFIX.sub("", name) for text in texts for name in re.findall(r'"(harmo_\w+[a-z])"', text)
    }
    metrics = Metrics("0")
    signals = {family.name for family in Signals(metrics.runs).describe()}
    exposed = {family.name for family in metrics.registry.collect()} | signals
    derived = {f"{name}{part}" for name in exposed for part in ("_bucket", "_count", "_sum")}
    assert len(read) > 30
    assert read - exposed - derived == set()
    assert signals <= read, "the figures of --json have every signal"
