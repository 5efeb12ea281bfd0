"""What `harmo top` reads is what the service writes."""

from __future__ import annotations

import re
from pathlib import Path

from harmo.app.cli import top
from harmo.app.metrics import Metrics

SUFFIX = re.compile(r"_(?:total|created)$")


def test_every_metric_it_reads_is_one_of_the_services() -> None:
    texts = [file.read_text(encoding="utf-8") for file in Path(top.__path__[0]).glob("*.py")]
    read = {
        SUFFIX.sub("", name) for text in texts for name in re.findall(r'"(harmo_\w+[a-z])"', text)
    }
    exposed = {family.name for family in Metrics("0").registry.collect()}
    derived = {f"{name}{part}" for name in exposed for part in ("_bucket", "_count", "_sum")}
    audited = {name for name in read if name.startswith("harmo_signal_")}
    assert len(read) > 30
    assert read - audited - exposed - derived == set()
