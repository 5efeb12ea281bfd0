"""The part of a driver that is the same for every trainer: asks come in as lines, outcomes go out.

A driver runs in a process of its own, with its trainer's overlay on the path, and calls the
trainer's code as the trainer does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

IM_START, IM_END = "<|im_start|>", "<|im_end|>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One completion and what it answers."""

    prompt: str
    completion: str
    reference: str | None
    group: int

    @property
    def rendered(self) -> str:
        """The prompt as a chat template writes it."""
        return f"{IM_START}user\n{self.prompt}{IM_END}\n{IM_START}assistant\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a trainer shall get rewards for, and how."""

    base: str
    """Of the service."""
    recipe: str
    rows: list[Row]
    group_size: int
    value: float | None = None
    """What an unscored completion gets; None leaves it to the default."""
    deadline_ms: int | None = None
    retry_for_s: float = 30.0

    def url(self, route: str) -> str:
        """The address of a native route, with what the trainer cannot say."""
        options: dict[str, object] = {"recipe": self.recipe}
        if self.value is not None:
            options |= {"on_unscored": "value", "value": self.value}
        if self.deadline_ms is not None:
            options["deadline_ms"] = self.deadline_ms
        return f"{self.base}/{route}?{urlencode(options)}"

    @property
    def settings(self) -> dict[str, object]:
        """Keyword arguments of an adapter."""
        chosen: dict[str, object] = {"on_unscored": "group_mean"}
        if self.value is not None:
            chosen = {"on_unscored": "value", "unscored_value": self.value}
        if self.deadline_ms is not None:
            chosen["deadline_s"] = self.deadline_ms / 1000
        where = {"url": self.base, "recipe": self.recipe, "run": "conformance"}
        return {**where, **chosen, "retry_for_s": self.retry_for_s}


Score = Callable[[Ask], dict[str, Any]]
"""`rewards` in the order of the rows, and whatever else is worth a look."""


def drive(score: Score) -> None:
    """Answer asks until there are no more; what the trainer raises is an outcome like any other."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # trainers print
    for line in sys.stdin:
        asked = json.loads(line)
        rows = [Row(**row) for row in asked.pop("rows")]
        try:
            outcome = score(Ask(rows=rows, **asked))
        except Exception as error:  # noqa: BLE001 - what ends a run is what the test asks about
            outcome = {"raised": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(outcome) + "\n")
        out.flush()
