"""Reading: runs, recipes, tables, and groups one after the other, while a service writes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harmo.audit.query import Query, Where, where
from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe
from harmo.audit.rows import decoded, told
from harmo.audit.schema import FILE
from harmo.audit.tables import MAX_GROUPS, MAX_SAMPLES, Table, table
from harmo.audit.texts import grown
from harmo.scorers.types import Family

__all__ = ["Query", "Reader", "RunSummary", "StoreError", "Table"]

_PAGE_GROUPS = 128
_PAGE_BYTES = 16 << 20
"""So much is read at once: between two pages nothing holds the writer up."""


class StoreError(ValueError):
    """A folder holds no store that can be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run as it stands."""

    run: str
    recipes: tuple[str, ...]
    """Names."""
    splits: tuple[str, ...]
    groups: int
    completions: int
    scored: int
    zero_variance: int
    """Groups of more than one reward, all of them equal."""
    comparable: int
    """Groups of more than one reward."""
    first_step: int | None
    last_step: int | None
    began_s: float
    last_s: float
    """Unix times of the first and the last group."""
    mean: float | None
    """Mean reward over the last step that was trained on; of groups without steps over all."""
    bytes: int
    """Without prompts and pictures, which runs share."""


class Reader:
    """A store, read-only; safe beside the writer. Of one thread at a time."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        if not path.is_file():
            raise StoreError(f"{folder}: no {FILE} in it; a service writes one with --audit")
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._recipes: dict[int, KeptRecipe] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def runs(self) -> Sequence[RunSummary]:
        """Every run, the last written first."""
        spans: dict[str, list[sqlite3.Row]] = {}
        for span in self._db.execute("SELECT * FROM spans ORDER BY began_s").fetchall():
            spans.setdefault(told(span["run"]), []).append(span)
        recipes = self._known()
        runs = [_summary(run, of_run, recipes) for run, of_run in spans.items()]
        return sorted(runs, key=lambda run: run.last_s, reverse=True)

    def recipes(self, run: str | None = None) -> Sequence[KeptRecipe]:
        """Every recipe that scored a group, or one of a run, in the order of first use."""
        where = "" if run is None else "WHERE run = ?"
        found = self._db.execute(
            f"SELECT recipe FROM spans {where} GROUP BY recipe ORDER BY min(began_s), recipe",  # noqa: S608
            () if run is None else (run,),
        ).fetchall()
        known = self._known()
        return [known[row["recipe"]] for row in found]

    def groups(
        self, query: Query, *, texts: bool = True, pictures: bool = False
    ) -> Iterator[KeptGroup]:
        """Groups in the order of their numbers.

        Args:
            query: Which.
            texts: False to leave out ids, prompts, completions, references and detail, which is
                faster.
            pictures: True to have the pictures' contents.
        """
        if not texts:
            for page in self._pages(query, "SELECT *"):
                yield from (decoded(row, self._recipes[row["recipe"]]) for row in page)
            return
        joined = "SELECT groups.*, texts.shared, texts.content"
        for page in self._pages(query, joined, "JOIN texts USING (number)"):
            for row in page:
                shared = self._shared(row["shared"], pictures=pictures)
                recipe = self._recipes[row["recipe"]]
                yield decoded(row, recipe, content=row["content"], shared=shared)

    def group(self, number: int) -> KeptGroup | None:
        """One group with its texts and pictures; None if there is none of that number."""
        found = next(self.groups(Query(after=number - 1), pictures=True), None)
        return found if found is not None and found.number == number else None

    def tables(self, query: Query) -> Iterator[Table]:
        """The numbers alone: recipe by recipe in the order of first use, by number within one."""
        for key, recipe in self._known().items():
            for interaction in (0, 1):
                also = f" AND recipe = {key} AND interaction = {interaction}"
                for page in self._pages(query, "SELECT *", also=also, groups=MAX_GROUPS):
                    yield table(recipe, page)

    def _pages(
        self,
        query: Query,
        select: str,
        join: str = "",
        *,
        also: str = "",
        groups: int = _PAGE_GROUPS,
    ) -> Iterator[list[sqlite3.Row]]:
        """Rows, so many at a time, with no statement left open between."""
        after, found = query.after, where(query, self._known())
        if found is None:
            return
        while page := self._page(found, after, f"{select} FROM groups {join}", also, groups):
            yield page
            after = page[-1]["number"]

    def _page(
        self, found: Where, after: int, select: str, also: str, groups: int
    ) -> list[sqlite3.Row]:
        rows = self._db.execute(
            f"{select} WHERE {found.clause}{also} ORDER BY number LIMIT {groups}",
            (after, *found.values[1:]),
        )
        page: list[sqlite3.Row] = []
        samples = size = 0
        for row in rows:
            page.append(row)
            samples += row["samples"]
            size += len(row["numbers"])
            if samples >= MAX_SAMPLES or size >= 8 * _PAGE_BYTES:
                break
        rows.close()
        return page

    def _shared(self, placed: str, *, pictures: bool) -> list[bytes | None]:
        """What a group shares with others, by place."""
        return [
            self._content(key, picture=picture) if pictures or not picture else None
            for key, picture in json.loads(placed)
        ]

    def _content(self, key: int, *, picture: bool) -> bytes | None:
        row = self._db.execute("SELECT content FROM blobs WHERE id = ?", (key,)).fetchone()
        if row is None:
            return None
        content: bytes = row["content"]
        return content if picture else grown(content)

    def _known(self) -> Mapping[int, KeptRecipe]:
        """Every recipe, by its key."""
        newest = max(self._recipes, default=0)
        for row in self._db.execute("SELECT * FROM recipes WHERE id > ? ORDER BY id", (newest,)):
            self._recipes[row["id"]] = KeptRecipe(
                name=row["name"],
                version=row["version"],
                scorer_version=row["scorer_version"],
                columns=tuple(
                    KeptColumn(name=n, family=Family(f), shadow=bool(s))
                    for n, f, s in json.loads(row["columns"])
                ),
                recipe=json.loads(row["recipe"]),
            )
        return self._recipes


def _summary(
    run: str, spans: Sequence[sqlite3.Row], recipes: Mapping[int, KeptRecipe]
) -> RunSummary:
    firsts = [span["first_step"] for span in spans if span["first_step"] is not None]
    lasts = [span["last_step"] for span in spans if span["last_step"] is not None]
    return RunSummary(
        run=run,
        recipes=tuple(dict.fromkeys(recipes[span["recipe"]].name for span in spans)),
        splits=tuple(dict.fromkeys(told(span["split"]) for span in spans)),
        groups=sum(span["groups"] for span in spans),
        completions=sum(span["completions"] for span in spans),
        scored=sum(span["scored"] for span in spans),
        zero_variance=sum(span["zero_variance"] for span in spans),
        comparable=sum(span["comparable"] for span in spans),
        first_step=min(firsts, default=None),
        last_step=max(lasts, default=None),
        began_s=min(span["began_s"] for span in spans),
        last_s=max(span["last_s"] for span in spans),
        mean=_last_mean([span for span in spans if span["split"] == "train"]),
        bytes=sum(span["bytes"] for span in spans),
    )


def _last_mean(spans: Sequence[sqlite3.Row]) -> float | None:
    steps = [-1 if span["last_step"] is None else span["last_step"] for span in spans]
    last = [s for s, step in zip(spans, steps, strict=True) if step == max(steps)]
    scored = sum(span["last_scored"] for span in last)
    return sum(span["last_sum"] for span in last) / scored if scored else None
