"""A kept group as rows of the tables, and back: its numbers, its texts, its details."""

from __future__ import annotations

from harmo.audit.rows.group import DAY_S, Rows, day, decoded, encoded, text, told

__all__ = ["DAY_S", "Rows", "day", "decoded", "encoded", "text", "told"]
