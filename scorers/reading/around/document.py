"""Whether a text is one JSON document: tags that stand in its strings are text, not tags."""

from __future__ import annotations

import json

MAX_CHARS = 100_000
"""A longer text is none."""


def document(text: str) -> str | None:
    """The JSON object or array that a text is, but for an answer element round it; else None."""
    text = text.strip()
    if text.startswith("<answer>") and text.endswith("</answer>"):
        text = text[len("<answer>") : -len("</answer>")].strip()
    if len(text) > MAX_CHARS or text[:1] + text[-1:] not in {"{}", "[]"}:
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return text
