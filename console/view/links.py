"""Addresses of pages: every state one can see has one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode

from harmo.console.model.asked import shown

__all__ = ["group", "groups", "read", "run", "run_sheet", "shown", "to", "written"]

NAMELESS = "~"
"""Stands in an address for the run of groups that came without one."""
LINES = "~:"
"""Begins a name of several lines: no path holds their ends, so they are quoted once more."""
_ODD = frozenset({"", ".", ".."})
"""No browser asks for a path that ends in one of these, however it is quoted."""


def to(path: str, query: Mapping[str, object] | None = None) -> str:
    """A path with what is set of a query: None and the empty string are left out."""
    given = {k: str(v) for k, v in (query or {}).items() if v is not None and v != ""}
    return f"{path}?{urlencode(given, errors='replace')}" if given else path


def run(name: str, **query: object) -> str:
    """The page of a run."""
    return to(f"/run/{_segment(written(name))}", query)


def run_sheet(name: str, **query: object) -> str:
    """The curves of a run as CSV."""
    return to(f"/export/run/{_segment(written(name))}", query)


def group(number: int, **query: object) -> str:
    """The page of a group."""
    return to(f"/group/{number}", query)


def groups(**query: object) -> str:
    """The list of groups; a run's name goes through `written`."""
    return to("/groups", query)


def written(name: str) -> str:
    """A run's name as addresses have it, which `read` reads."""
    if "\n" in name or name.startswith(LINES):
        return LINES + quote(name, safe="", errors="replace")
    return f"{NAMELESS}{name}" if name.lstrip(NAMELESS) in _ODD else name


def read(name: str) -> str:
    """The run's name of an address: what `written` made of it."""
    if name.startswith(LINES):
        return unquote(name.removeprefix(LINES))
    return name.removeprefix(NAMELESS) if name.lstrip(NAMELESS) in _ODD else name


def _segment(name: str) -> str:
    return quote(name, safe="", errors="replace")
