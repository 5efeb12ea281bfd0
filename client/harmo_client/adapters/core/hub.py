"""One request per generation, whatever the number of processes and reward functions."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import cast

from harmo_client import wire
from harmo_client.adapters import unscored
from harmo_client.adapters.core import chat, ranks
from harmo_client.adapters.core.pictures import to_image
from harmo_client.adapters.core.rows import Columns, Fields, join
from harmo_client.client import RewardClient
from harmo_client.connection import Split

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One process's slice of a generation, as the trainer hands it over."""

    prompts: Sequence[chat.Prompt]
    completions: Sequence[chat.Prompt]
    """The trainer's own list: its identity tells one generation from the next."""
    completion_ids: Sequence[Sequence[int]] | None
    columns: Columns
    step: int | None
    split: Split
    num_generations: int
    """Completions per group; groups follow each other in the order of the ranks."""
    end_token_ids: Collection[int] | None
    """EOS and padding ids: a completion that ends otherwise was truncated."""

    def truncated(self, row: int) -> bool:
        """True if generation stopped at the token limit."""
        ids = None if self.completion_ids is None else self.completion_ids[row]
        if not ids:
            return False
        if self.end_token_ids is None:
            raise ValueError(
                "which token ends a completion is unknown: "
                "pass end_token_ids or call reward.attach(trainer)"
            )
        return ids[-1] not in self.end_token_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The answer to a whole generation, and where this process's rows stand in it."""

    batch: Batch
    answer: wire.ScoreResponse
    rows: slice

    @property
    def rewards(self) -> list[wire.CompletionReward]:
        """This process's rows."""
        return [c for group in self.answer.groups for c in group.completions][self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A whole generation as it was posted, and what came back; the first rank alone has it."""

    groups: Sequence[wire.Group]
    answer: wire.ScoreResponse
    step: int | None
    split: Split
    retries: int
    """How often the service had to be asked again."""
    seconds: float
    """How long the answer took, all tries together."""


Watch = Callable[[Posted], None]
"""Sees every generation. A HarmoError that it raises is raised on every rank."""


class Hub:
    """Gathers the ranks' slices, posts whole groups once, and hands every rank the answer.

    Reward functions that share a hub share the request: the hub remembers the latest generation.
    """

    def __init__(
        self,
        client: RewardClient,
        *,
        recipe: str | None,
        run: str | None,
        fields: Fields,
        prefix: str,
        deadline_s: float | None,
        watch: Watch | None = None,
    ) -> None:
        self.client = client
        self.recipe = recipe
        self.run = run
        self.fields = fields
        self.prefix = prefix
        self.deadline_s = deadline_s
        self.watch = watch
        self._reasons: set[str] = set()
        self._asked: set[str] = set()
        self._latest: Generation | None = None
        self._ordinal: tuple[tuple[Split, int | None] | None, int] = (None, 0)

    def latest(self, completions: Sequence[chat.Prompt]) -> Generation | None:
        """The generation these completions belong to, if it was the last one scored."""
        known = self._latest
        return known if known and known.batch.completions is completions else None

    def score(self, batch: Batch) -> Generation:
        """The generation's answer: the same on every rank, or the same error on every rank."""
        label = f"{batch.split}.{self._next_ordinal(batch)}"
        start = ranks.rank() * len(batch.completions)
        answer = ranks.settle_once(
            lambda: self._groups_of_one(batch, label, start),
            lambda slices: self._post(slices, batch),
        )
        rows = slice(start, start + len(batch.completions))
        self._latest = Generation(batch=batch, answer=answer, rows=rows)
        return self._latest

    def asked(self, generation: Generation) -> dict[str, list[object]]:
        """Columns for a table of completions: what this process's rows were judged by, as text."""
        batch = generation.batch
        rows = [self.fields.of(batch.columns, i) for i in range(len(batch.prompts))]
        columns = {name: [_cell(row[name]) for row in rows] for name in rows[0]}
        # Tables take no column that comes and goes: what one dataset has is kept for the next.
        self._asked |= {name for name, cells in columns.items() if any(cells)}
        return {name: columns[name] for name in columns if name in self._asked}

    def _next_ordinal(self, batch: Batch) -> int:
        # A step may generate more than once, an evaluation does: ids must differ all the same.
        where, ordinal = self._ordinal
        here = (batch.split, batch.step)
        self._ordinal = (here, ordinal + 1 if where == here else 0)
        return self._ordinal[1]

    def _groups_of_one(self, batch: Batch, label: str, start: int) -> list[wire.Group]:
        """This process's rows; only its first row of each group carries the pictures."""
        rows = []
        for i, prompt in enumerate(batch.prompts):
            group, place = divmod(start + i, batch.num_generations)
            images = _pictures(prompt, batch.columns, i) if i == 0 or place == 0 else ()
            row = {
                "id": f"{label}.{group}",
                "size": batch.num_generations,
                "prompt": chat.to_prompt(prompt),
                "images": [to_image(picture) for picture in images],
                "prefix": self.prefix,
                "completions": [self._completion(batch, i, place)],
                **self.fields.of(batch.columns, i),
            }
            rows.append(wire.Group.model_validate(row))
        return rows

    def _completion(self, batch: Batch, row: int, place: int) -> wire.Completion:
        ids = None if batch.completion_ids is None else batch.completion_ids[row]
        return chat.to_completion(
            batch.completions[row],
            id=str(place),
            prefix=self.prefix,
            num_tokens=None if ids is None else len(ids),
            truncated=batch.truncated(row),
        )

    def _post(self, slices: Sequence[Sequence[wire.Group]], batch: Batch) -> wire.ScoreResponse:
        if len({len(rows) for rows in slices}) > 1:
            counts = ", ".join(str(len(rows)) for rows in slices)
            raise ValueError(f"the ranks bring {counts} rows; each must bring as many")
        groups = join(row for rows in slices for row in rows)
        retries, started_s = self.client.retries, time.monotonic()
        answer = self.client.score(
            groups,
            recipe=self.recipe,
            run=self.run,
            step=batch.step,
            split=batch.split,
            deadline_s=self.deadline_s,
        )
        self._log_new_reasons(answer, batch.step)
        if self.watch:
            posted = Posted(
                groups=groups,
                answer=answer,
                step=batch.step,
                split=batch.split,
                retries=self.client.retries - retries,
                seconds=time.monotonic() - started_s,
            )
            self.watch(posted)
        return answer

    def _log_new_reasons(self, answer: wire.ScoreResponse, step: int | None) -> None:
        # Each reason once: a run where it stays would log nothing else.
        new = unscored.reasons(answer).keys() - self._reasons
        if new:
            self._reasons |= new
            logger.warning("step %s: %s", step, unscored.describe(answer))


def _cell(value: object) -> object:
    # Parquet wants one type a column, and no empty structs: what is not text is written as JSON.
    if value is None or value == {} or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False, default=str)


def _pictures(prompt: chat.Prompt, columns: Columns, row: int) -> Sequence[object]:
    inside = chat.pictures(prompt)
    if inside:
        return inside
    if "images" in columns:
        return cast("Sequence[object]", columns["images"][row] or ())
    single = columns["image"][row] if "image" in columns else None
    return () if single is None else (single,)
