"""What a trainer needs to get its rewards from here, and what it depends on."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user said."""

    url: str
    """Of the service."""
    recipe: str
    run: str
    group_size: int
    """Completions of one prompt."""
    siblings: bool
    """The recipe compares them."""

    def route(self, path: str, **options: str) -> str:
        """A route's address with what its client cannot say. It names the group size where it must.

        Args:
            path: Of the route.
            **options: Further ones of its query.
        """
        asked = {"recipe": self.recipe, "run": self.run}
        if self.siblings:
            asked["group_size"] = str(self.group_size)
        return f"{self.url.rstrip('/')}/{path}?{urlencode(asked | options)}"

    def environment(self, *, grouped: bool = False) -> str:
        """Variables in front of a command, for adapters that are given no arguments.

        Args:
            grouped: True where siblings come in several calls.
        """
        size = f" HARMO_GROUP_SIZE={self.group_size}" if grouped and self.siblings else ""
        return f"HARMO_URL={self.url} HARMO_RECIPE={self.recipe} HARMO_RUN={self.run}{size}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What to do for one trainer."""

    title: str
    """The trainer, as its users call it."""
    flags: str
    """What to add to its command line or its configuration."""
    data: str
    """What its dataset must bring, in its own words."""
    page: str
    """Of docs/trainers."""
    file: str | None = None
    """The file that it loads; None where it needs none."""
    siblings: bool = True
    """False where it never says which completions answer one prompt."""
    code: str = ""
    """What stands in that file."""
