"""What the list of groups shows, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harmo.audit.read import Query
from harmo.console.model.asked import steps_of, steps_written, whole
from harmo.console.model.groups.filters import FILTERS
from harmo.console.model.groups.listed import ORDERS, Wanted
from harmo.scorers.types import Reason

MAX_PAGE = 1_000_000
EVERY = "all"
"""In place of a split: all of them."""
_REASONS = {reason.value: reason for reason in Reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The state of the list; what does not exist counts as not asked."""

    run: str | None = None
    """As `Query` has it; None lists every run."""
    split: str | None = None
    """None for what is trained on, where there is such a split."""
    first: int | None = None
    last: int | None = None
    task: str | None = None
    wanted: Wanted = field(default_factory=Wanted)
    page: int = 1
    id: str = ""
    """A group's id that is searched."""

    def query(self, usual: str | None = None) -> Query:
        """The part that the store answers; a group that is searched may be of any split.

        Args:
            usual: Split where none is asked for; None for all.
        """
        split = self.split or usual
        return Query(
            run=self.run,
            split=None if self.id or split == EVERY else split,
            steps=(self.first, self.last),
            task=self.task,
        )

    def address(self, **changes: object) -> dict[str, object]:
        """The query of the address, without what is at its default.

        Args:
            **changes: Further keys, or others in their place; None leaves one out.
        """
        steps, wanted = steps_written((self.first, self.last)), self.wanted
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
    first, last = steps_of(query.get("steps") or "")
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
