"""What the list of groups shows, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harmo.audit.read import Query
from harmo.console.model.groups.filters import FILTERS
from harmo.console.model.groups.listed import ORDERS, Wanted
from harmo.scorers.types import Reason

MAX_PAGE = 1_000_000
_REASONS = {reason.value: reason for reason in Reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The state of the list; what does not exist counts as not asked."""

    run: str | None = None
    """As `Query` has it; None lists every run."""
    split: str | None = None
    first: int | None = None
    last: int | None = None
    task: str | None = None
    wanted: Wanted = field(default_factory=Wanted)
    page: int = 1
    id: str = ""
    """A group's id that is searched."""

    @property
    def query(self) -> Query:
        """The part that the store answers."""
        return Query(run=self.run, split=self.split, steps=(self.first, self.last), task=self.task)

    def address(self, **changes: object) -> dict[str, object]:
        """The query of the address, without what is at its default.

        Args:
            **changes: Further keys, or others in their place; None leaves one out.
        """
        steps = ""
        if self.first is not None or self.last is not None:
            steps = f"{_text(self.first)}:{_text(self.last)}"
        wanted = self.wanted
        query: dict[str, object] = {
            "run": self.run,
            "split": self.split,
            "steps": steps or None,
            "filter": None if wanted.filter == "all" else wanted.filter,
            "task": self.task,
            "column": wanted.column,
            "reason": wanted.reason,
            "by": None if wanted.by == "group" else wanted.by,
            "sort": None if wanted.sort == "bad" else wanted.sort,
            "page": None if self.page == 1 else self.page,
            "id": self.id or None,
        }
        return {key: value for key, value in (query | changes).items() if value is not None}

    def turned(self, page: int) -> Asked:
        """The same list at another page."""
        return replace(self, page=page)


def asked_of(query: Mapping[str, str | None]) -> Asked:
    """The state that an address names.

    Args:
        query: Of the address, the run's name as the store has it, or None.
    """
    first, last = _steps(query.get("steps") or "")
    reason, by, sort = (query.get(key) or "" for key in ("reason", "by", "sort"))
    chosen = query.get("filter") or ""
    return Asked(
        run=query.get("run"),
        split=query.get("split") or None,
        first=first,
        last=last,
        task=query.get("task") or None,
        wanted=Wanted(
            filter=chosen if chosen in FILTERS else "all",
            column=query.get("column") or None,
            reason=_REASONS.get(reason),
            by=by if by == "completion" else "group",
            sort=sort if sort in ORDERS else "bad",
        ),
        page=min(max(whole(query.get("page") or "") or 1, 1), MAX_PAGE),
        id=(query.get("id") or "").strip(),
    )


def _steps(text: str) -> tuple[int | None, int | None]:
    """First and last step of `A:B`, of `A` alone, or of one side left open."""
    first, colon, last = text.partition(":")
    return whole(first), whole(last if colon else first)


def whole(text: str) -> int | None:
    """The whole number of a part of an address; None where it is none."""
    text = text.strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else None


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
