"""The recipes that a what-if can begin with: those of the store, and those a service has loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harmo.console.model.recipes.served import ServedRecipe
from harmo.console.model.recipes.versions import Version, digits

SERVICE = "service:"
"""What an address puts before the name of a recipe of the service."""
_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """One recipe to begin with."""

    key: str
    """What an address calls it."""
    label: str
    name: str


def bases(stored: Sequence[Version], served: Sequence[ServedRecipe]) -> list[Base]:
    """Those of the store in order of first use, then what only the service has.

    Args:
        stored: Versions of the store.
        served: Recipes of the service.
    """
    found = {key(version): version for version in stored}
    known = {version.kept.version for version in stored}
    return [
        *(
            Base(key=each, label=f"{version.kept.name} {version.short}", name=version.kept.name)
            for each, version in found.items()
        ),
        *(
            Base(
                key=f"{SERVICE}{each.name}",
                label=f"{each.name} {digits(each.version)}, in the service",
                name=each.name,
            )
            for each in served
            if each.version not in known
        ),
    ]


def key(version: Version) -> str:
    """What an address calls a version of the store."""
    return f"{version.kept.name}@{digits(version.kept.version, _DIGITS)}"
