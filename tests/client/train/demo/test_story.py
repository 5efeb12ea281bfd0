"""What the demo says at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from harmo_client.train.demo.story import way_to_console


@pytest.mark.parametrize(
    ("out", "made", "why"),
    [
        ("runs/demo", "make console (", "the target's own default"),
        ("runs/seed-7", "make console DIR=runs/seed-7/audit (", "another run is named"),
    ],
)
def test_it_says_how_to_open_its_run(out: str, made: str, why: str) -> None:
    said = way_to_console(Path(out))
    assert made in said, why
    assert f"harmo console --audit {out}/audit" in said
