"""The recipes of a store: every version, who used it, and the newest of each name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from harmo.audit.records import KeptRecipe

SHORT = 8
"""Digits of a version that tell it apart on a page."""
_ALGORITHM = "sha256:"


class _Run(Protocol):
    @property
    def run(self) -> str: ...


class Store(Protocol):
    """What is asked of a store."""

    def runs(self) -> Sequence[_Run]:
        """Every run."""

    def recipes(self, run: str | None = None) -> Sequence[KeptRecipe]:
        """Its recipes, in order of first use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One recipe as some runs used it."""

    kept: KeptRecipe
    runs: tuple[str, ...]

    @property
    def short(self) -> str:
        """What tells its recipe from others, in a few digits."""
        return digits(self.kept.version)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it, and the code that scored, from others."""
        return self.kept.name, self.kept.version, self.kept.scorer_version


def versions(store: Store) -> list[Version]:
    """Every version that scored anything, in order of first use.

    Args:
        store: A reader of it.
    """
    users: dict[tuple[str, str, str], list[str]] = {}
    for run in store.runs():
        for kept in store.recipes(run.run):
            users.setdefault((kept.name, kept.version, kept.scorer_version), []).append(run.run)
    return [Version(kept=kept, runs=tuple(users.get(_key(kept), ()))) for kept in store.recipes()]


def by_name(found: Sequence[Version]) -> Mapping[str, list[Version]]:
    """The versions of each recipe, in order of first use."""
    grouped: dict[str, list[Version]] = {}
    for version in found:
        grouped.setdefault(version.kept.name, []).append(version)
    return grouped


def picked(found: Sequence[Version], asked: str) -> Version | None:
    """The version whose digits begin so, or the newest of that name; None if there is none.

    Args:
        found: In order of first use.
        asked: A name, digits of a version, or `NAME@DIGITS`.
    """
    name, _, short = asked.removeprefix(_ALGORITHM).partition("@")
    for version in reversed(found):
        of = version.kept
        begins = digits(of.version, len(short or name))
        if (of.name == name and (not short or begins == short)) or (not short and begins == name):
            return version
    return None


def digits(version: str, count: int = SHORT) -> str:
    """So many digits of a version."""
    return version.removeprefix(_ALGORITHM)[:count]


def _key(kept: KeptRecipe) -> tuple[str, str, str]:
    return kept.name, kept.version, kept.scorer_version
