"""Every module of rule.math has its own table: a wrong verdict shows in the room that made it."""

from __future__ import annotations

from pathlib import Path

ROOMS = Path(__file__).parents[4] / "scorers" / "rule" / "math"


def test_every_module_has_its_table():
    modules = [path.relative_to(ROOMS) for path in ROOMS.rglob("*.py")]
    tables = [
        module.with_name(f"test_{module.name}") for module in modules if module.stem != "__init__"
    ]

    assert len(tables) >= 20
    assert [str(table) for table in tables if not (Path(__file__).parent / table).exists()] == []
