"""What people say of stored completions: JSON lines of preferences, or of right and wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from harmo.models.documents import DocumentError, parse_json, said

MAX_LINES = 2_000_000
_MAX_LINE_BYTES = 1 << 16
_QUOTED_CHARS = 60


def _as_text(value: object) -> object:
    """Ids are text on the wire; people write numbers, too."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def _or_empty(value: object) -> object:
    return "" if value is None else value


CompletionId = Annotated[str, BeforeValidator(_as_text)]


class _Line(BaseModel):
    """Base of a line; what else stands there (who said it, when) is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)


class Asked(_Line):
    """A group by what a trainer knows of it."""

    run: Annotated[str, BeforeValidator(_or_empty)] = ""
    """Empty, or null, for groups that came without one."""
    step: int | None = None
    split: str = "train"
    id: CompletionId

    def __str__(self) -> str:
        """For messages."""
        split = "" if self.split == "train" else f", split {quoted(self.split)}"
        return f"group {quoted(self.id)} of run {quoted(self.run)}, step {self.step}{split}"


GroupName = Annotated[int, Field(ge=1, strict=True)] | Asked
"""Its number in the store, or run, step, split and id: of those scored again the last counts."""


class Preferred(_Line):
    """One completion before a sibling."""

    group: GroupName
    better: CompletionId
    worse: CompletionId
    tie: Annotated[bool, Field(strict=True)] = False
    """True if the two are as good as each other."""

    @model_validator(mode="after")
    def _of_two(self) -> Preferred:
        if self.better == self.worse:
            raise ValueError("better and worse are the same completion; name two siblings")
        return self

    @property
    def says(self) -> tuple[str, str, bool]:
        """The better one, the worse one, and whether they tie."""
        return self.better, self.worse, self.tie


class Labelled(_Line):
    """One completion that is right or wrong."""

    group: GroupName
    id: CompletionId
    right: Annotated[bool, Field(strict=True)]

    @property
    def says(self) -> tuple[str, str, bool]:
        """The completion, twice, and whether it is right."""
        return self.id, self.id, self.right


L = TypeVar("L", bound=_Line)


def read_lines(path: Path, kind: type[L]) -> list[tuple[int, L]]:
    """Every line of a file with its number; blank ones are skipped.

    Args:
        path: JSON lines.
        kind: What each is.

    Raises:
        DocumentError: Names file, line and field of what does not fit.
    """
    with path.open("rb") as lines:
        return list(_read(lines, path.name, kind))


def _read(lines: Iterable[bytes], source: str, kind: type[L]) -> Iterator[tuple[int, L]]:
    for number, line in enumerate(lines, 1):
        if number > MAX_LINES:
            raise DocumentError(f"{source}: more than {MAX_LINES} lines; take fewer")
        if not line.strip():
            continue
        if len(line) > _MAX_LINE_BYTES:
            raise DocumentError(f"{source}:{number}: over {_MAX_LINE_BYTES} bytes")
        document = None
        try:
            document = parse_json(line)
            yield number, kind.model_validate(document)
        except ValidationError as error:
            raise DocumentError(f"{source}:{number}: {said(error, document)}") from None
        except DocumentError as error:
            raise DocumentError(f"{source}:{number}: {error}") from None


def quoted(text: str) -> str:
    """Someone's id for a message: short, on one line."""
    return repr(text if len(text) <= _QUOTED_CHARS else f"{text[:_QUOTED_CHARS]}...")


def named(group: int | Asked) -> str:
    """A group for messages."""
    return f"group {group}" if isinstance(group, int) else str(group)
