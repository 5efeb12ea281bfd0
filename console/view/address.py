"""The page's own address, kept in step with what the page shows."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nicegui import ui

_KEEP = """
const url = new URL(location);
for (const [key, value] of Object.entries(%s)) {
  if (value === null) url.searchParams.delete(key);
  else url.searchParams.set(key, value);
}
history.replaceState(history.state, "", url);
"""


def keep(params: Mapping[str, str | None]) -> None:
    """Set some parameters of the address and leave the others; nothing is loaded.

    Args:
        params: By name; None takes one away.
    """
    ui.run_javascript(_KEEP % json.dumps(dict(params)))
