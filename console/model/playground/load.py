"""What people paste: a request, a group, a sample, or lines of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harmo.app.cli.rollouts import read_rollouts
from harmo.console.model.playground.form import FormError
from harmo.models.documents import DocumentError, parse_json
from harmo_client import wire

MAX_BYTES = 16 << 20
MAX_GROUPS = 1000


def loaded(text: str | bytes) -> Sequence[wire.Group]:
    """The groups of a text, at least one.

    Args:
        text: JSON or JSON lines: bodies of POST /score, groups, or samples with `completion`.

    Raises:
        FormError: Says what it is not, with line and field.
    """
    content = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(content) > MAX_BYTES:
        raise FormError(f"{len(content):,} bytes are more than {MAX_BYTES:,}; load fewer lines")
    lines = _lines(content)
    found = []
    try:
        for rollout in read_rollouts(lines, "line"):
            found.append(rollout.group)
            if len(found) == MAX_GROUPS:
                break
    except DocumentError as error:
        raise FormError(str(error)) from None
    if not found:
        raise FormError("nothing is in it; paste a group of POST /score, or lines of them")
    return found


def _lines(content: bytes) -> list[bytes]:
    """One group a line: a document over several lines is one, a request is its groups."""
    try:
        whole = parse_json(content)
    except DocumentError:
        return content.splitlines()[: MAX_GROUPS + 1]
    rows = whole if isinstance(whole, list) else [whole]
    groups: list[object] = []
    for row in rows[:MAX_GROUPS]:
        inside = row.get("groups") if isinstance(row, dict) else None
        groups += inside if isinstance(inside, list) else [row]
    return [json.dumps(group).encode() for group in groups[:MAX_GROUPS]]
