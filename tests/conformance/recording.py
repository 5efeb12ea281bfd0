"""What the trainers' own code sends, kept as JSON so that tests without it can send the same.

`make conformance RECORD=1` writes the files anew; without it they must be what is sent.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "recorded"
KEPT = ("content-type", "accept", "accept-encoding")
"""Headers that a client sets by itself and that do not change from run to run."""


def requests(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests to native routes as a proxy saw them, without what differs from run to run.

    Those of adapters, to `/score`, are ours.
    """
    kept = [
        {
            "path": each["path"],
            "headers": {name: each["headers"][name] for name in KEPT if name in each["headers"]},
            "body": each["body"],
        }
        for each in seen
        if not each["path"].startswith("/score")
    ]
    return sorted(kept, key=lambda each: json.dumps(each["body"]))


def call(arguments: dict[str, Any]) -> dict[str, Any]:
    """A call's keyword arguments as far as JSON has them; the others by name alone."""
    kept, left_out = {}, []
    for name, value in arguments.items():
        try:
            kept[name] = json.loads(json.dumps(value))
        except TypeError:
            left_out.append(name)
    return {"arguments": kept, "left_out": sorted(left_out)}


def recorded(trainer: str) -> list[dict[str, Any]]:
    """What is kept of a trainer."""
    text = (FOLDER / f"{trainer}.json").read_text(encoding="utf-8")
    kept: list[dict[str, Any]] = json.loads(text)
    return kept


def require_same(trainer: str, sent: list[dict[str, Any]]) -> None:
    """Assert that a trainer sends what is kept of it, or keep it now."""
    if os.environ.get("RECORD"):
        text = json.dumps(sent, indent=1, sort_keys=True, ensure_ascii=False)
        (FOLDER / f"{trainer}.json").write_text(text + "\n", encoding="utf-8")
    same = _in_order(sent) == _in_order(recorded(trainer))
    assert same, f"{trainer} sends something else: make conformance RECORD=1"


def _in_order(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was sent side by side, whichever came first."""
    return sorted(calls, key=lambda each: json.dumps(each, sort_keys=True))
