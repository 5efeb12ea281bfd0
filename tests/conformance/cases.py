"""The rows that every trainer is asked about, and what `POST /score` says to them."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.conformance.drivers.driving import Row

GROUPS, GROUP_SIZE = 6, 4


def rows() -> list[Row]:
    """Each group has a right answer of its own, each completion a number of its own."""
    made = []
    for number in range(1, GROUPS * GROUP_SIZE + 1):
        group = (number - 1) // GROUP_SIZE
        right = 10 + group
        value = right if number % 2 else right + 1
        made.append(
            Row(
                prompt=f"What is {group} + 10?",
                completion=f"Sample {number}: so it is \\boxed{{{value}}}",
                reference=str(right),
                group=group,
            )
        )
    return made


def scored(base: str, recipe: str, asked: list[Row]) -> list[float | None]:
    """What `POST /score` says, in the order of the rows: groups travel whole."""
    groups: dict[int, dict[str, Any]] = {}
    for i, row in enumerate(asked):
        group = groups.setdefault(
            row.group,
            {
                "id": str(row.group),
                "prompt": row.prompt,
                "reference": row.reference,
                "completions": [],
            },
        )
        group["completions"].append({"id": str(i), "text": row.completion})
    answer = post(f"{base}/score", {"recipe": recipe, "groups": list(groups.values())})
    by_row = {int(c["id"]): c["reward"] for group in answer["groups"] for c in group["completions"]}
    return [by_row[i] for i in range(len(asked))]


def post(url: str, body: object) -> Any:
    """The JSON that comes back for JSON."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)
