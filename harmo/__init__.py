"""The public face for plugin authors: everything a scorer of your own needs.

What is named here is imported once it is asked for: a command hears signals before it has loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harmo.scorers.registry import scorer
    from harmo.scorers.spec import Output
    from harmo.scorers.types import Group, Reason, Sample, Score
    from harmo.tables import run_table

__all__ = ["Group", "Output", "Reason", "Sample", "Score", "run_table", "scorer"]

_FROM = {
    "scorer": "harmo.scorers.registry",
    "Output": "harmo.scorers.spec",
    "run_table": "harmo.tables",
    **dict.fromkeys(("Group", "Reason", "Sample", "Score"), "harmo.scorers.types"),
}


def __getattr__(name: str) -> object:
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_FROM[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
