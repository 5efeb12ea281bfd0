"""What a check is: a function from text to "followed" or why not, with its arguments validated."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from harmo.models.documents import said
from harmo.scorers.aspect.ifeval.instruction import ConstraintError, Instruction

CheckFn: TypeAlias = Callable[..., str | None]
"""(text, *, arguments) -> None if the text follows the instruction, else why it does not."""
BoundCheck: TypeAlias = Callable[[str], str | None]

MAX_ARGUMENT_CHARS = 20_000


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{value} is no count")  # noqa: TRY004 - pydantic reports ValueErrors
    return value


Relation = Literal["less than", "at least", "at most", "exactly", "around"]
Count = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_no_boolean)]
Phrase = Annotated[str, Field(min_length=1, max_length=MAX_ARGUMENT_CHARS, pattern=r"\S")]
Keyword = Annotated[Phrase, Field(max_length=1000)]
Phrases = Annotated[
    list[Keyword],
    Field(min_length=1, max_length=256),
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
]
"""A list of phrases; a lone string is a list of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One verifiable instruction."""

    id: str
    fn: CheckFn
    arguments: type[BaseModel]
    """Built from the function's keyword-only arguments."""


class Checks:
    """The checks of one benchmark, by instruction id."""

    def __init__(self, *bases: Checks) -> None:
        self._checks: dict[str, Check] = {}
        self._left_out: dict[str, str] = {}
        for base in bases:
            self._checks |= base._checks

    def add(self, id_: str) -> Callable[[CheckFn], CheckFn]:
        """Register the decorated function as the check of an instruction id."""

        def register(fn: CheckFn) -> CheckFn:
            self._checks[id_] = Check(id=id_, fn=fn, arguments=_arguments(id_, fn))
            return fn

        return register

    def leave_out(self, id_: str, why: str) -> None:
        """Name an instruction that exists and is not checked."""
        self._left_out[id_] = why

    @property
    def ids(self) -> tuple[str, ...]:
        """Every known instruction id."""
        return tuple(self._checks)

    def takes(self, id_: str) -> tuple[str, ...]:
        """The names of the arguments of an instruction."""
        return tuple(self._checks[id_].arguments.model_fields)

    def bind(self, instruction: Instruction) -> BoundCheck:
        """The check of an instruction, its arguments validated; else a `ConstraintError`.

        The error names an unknown id, or the arguments that are missing, unknown or malformed.
        """
        if instruction.all_of:
            return partial(_all_of, [self.bind(each) for each in instruction.all_of])
        check = self._checks.get(instruction.id)
        if check is None:
            why = self._left_out.get(instruction.id, "unknown instruction id")
            raise ConstraintError(f"{instruction.id}: {why}")
        given = _named(check, instruction.kwargs)
        try:
            arguments = check.arguments.model_validate(given)
        except ValidationError as error:
            raise ConstraintError(f"{instruction.id}: {said(error, given)}") from None
        values = {name: getattr(arguments, name) for name in type(arguments).model_fields}
        return partial(check.fn, **values)


def _all_of(checks: Sequence[BoundCheck], text: str) -> str | None:
    """None if every check passes, else why the first that fails does."""
    return next((why for check in checks if (why := check(text)) is not None), None)


def _named(check: Check, kwargs: Mapping[str, object]) -> Mapping[str, object]:
    """The arguments by name, where a carrier has them in order."""
    params = kwargs.get("params")
    names = list(check.arguments.model_fields)
    if not isinstance(params, list):
        return kwargs
    if len(params) > len(names):
        raise ConstraintError(f"{check.id}: {len(params)} params, it takes {len(names)}")
    return dict(zip(names, params, strict=False))


def _arguments(id_: str, fn: CheckFn) -> type[BaseModel]:
    hints = typing.get_type_hints(fn, include_extras=True)
    fields: Mapping[str, tuple[object, object]] = {
        name: (hints[name], ... if p.default is inspect.Parameter.empty else p.default)
        for name, p in inspect.signature(fn).parameters.items()
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    }
    config = ConfigDict(extra="forbid", frozen=True)
    return create_model(id_, __config__=config, **fields)  # type: ignore[call-overload, no-any-return] # fields are dynamic


def compare(count: int, relation: Relation, target: int, what: str) -> str | None:
    """None if a count stands in the relation to its target, else a sentence that says both.

    "around" allows a tenth of the target either way, and at least one.
    """
    holds = {
        "less than": count < target,
        "at least": count >= target,
        "at most": count <= target,
        "exactly": count == target,
        "around": abs(count - target) <= max(round(target * 0.1), 1),
    }[relation]
    return None if holds else f"{count} {what}, not {relation} {target}"
