"""Packages of others that bring scorers, and what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPlugin:
    """An installed package whose scorers are missing, since it could not be imported."""

    distribution: str
    entry_point: str
    """As its metadata has it: `name = module`."""
    error: str

    @classmethod
    def of(cls, point: EntryPoint, error: BaseException) -> Self:
        """What stands for an entry point whose import raised."""
        return cls(
            distribution=point.dist.name if point.dist else "of no distribution",
            entry_point=f"{point.name} = {point.value}",
            error=" ".join(f"{type(error).__name__}: {error}".split()),
        )

    def __str__(self) -> str:
        return f"plugin {self.distribution} ({self.entry_point}) not imported: {self.error}"
