"""Records by name: where accuracy modes and combiners are registered and found."""

from __future__ import annotations

from typing import Protocol, TypeVar


class _Named(Protocol):
    @property
    def name(self) -> str: ...


R = TypeVar("R", bound=_Named)


class Records(dict[str, R]):
    """The records of one kind, by name."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def add(self, record: R) -> R:
        """Register a record under its name.

        Args:
            record: Of a name that is not taken.

        Returns:
            The record as it is.

        Raises:
            ValueError: If there is one of that name.
        """
        if record.name in self:
            raise ValueError(f"{self._kind} {record.name!r} is already registered")
        self[record.name] = record
        return record

    def named(self, name: str) -> R:
        """The record of that name.

        Args:
            name: As registered.

        Raises:
            ValueError: If there is none; the message lists the known names.
        """
        if name not in self:
            raise ValueError(f"there is no {self._kind} {name!r}; known: {', '.join(sorted(self))}")
        return self[name]
