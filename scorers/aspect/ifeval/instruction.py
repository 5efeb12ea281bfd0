"""The instructions of a sample, whatever they came in: every carrier becomes `Instruction`s.

Understood, as a JSON value or as a string that holds one:

- `[{"instruction_id": ID, "kwargs": {..}}, ..]`, this service's own form;
- `{"instruction_id_list": [ID, ..], "kwargs": [{..}, ..]}` (google/IFEval, IFBench, lm-eval);
- `[{"instruction_id": [ID, ..], "kwargs": [{..}, ..]}]`, also as the Python literal that
  open-instruct writes into its labels, its list perhaps holding JSON strings;
- `{"func_name": "verify_keywords", ..}` (RLVR-IFeval), read as the IFEval instruction it words;
- `[{"func": NAME, "params": [..]}, ..]` and MM-IFEval's `{"judge": {"method", "verify_funcs"}}`.

None arguments are dropped, which is how datasets with one column per argument write "not mine";
other falsy arguments are kept.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from harmo.scorers.aspect.ifeval.rlvr import from_function

MAX_CARRIER_CHARS = 100_000
VALUE_CHARS = 8
"""What a value of a carrier counts, besides the characters of a text."""
MAX_INSTRUCTIONS = 256
MAX_DEPTH = 8


class ConstraintError(ValueError):
    """Constraints cannot be read, or cannot be followed; the message names what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One thing that a completion was told to keep to."""

    id: str
    kwargs: Mapping[str, object] = field(default_factory=dict)
    """Arguments without the None ones; MM-IFEval's positional ones stand under `params`."""
    all_of: tuple[Instruction, ...] = ()
    """It is followed where all of these are; the id then only names it."""
    judged: bool = False
    """True if its source leaves it to a judge model, so that no rule can check it."""

    @property
    def looks(self) -> int:
        """How often it has a text looked through: once, and for every item of its lists."""
        listed = sum(len(value) for value in self.kwargs.values() if isinstance(value, list))
        return 1 + listed + sum(each.looks for each in self.all_of)


def read_instructions(constraints: object) -> tuple[Instruction, ...]:
    """The instructions in `Sample.constraints`; empty where there are none.

    A malformed carrier is a `ConstraintError` that says where.
    """
    if values_in(constraints) is None:
        raise ConstraintError(f"constraints of more than {MAX_CARRIER_CHARS} characters")
    return _at_most(_read(constraints))


@dataclass(slots=True)
class _Latest:
    """What was found of a carrier: siblings share theirs, and ask one after the other."""

    found: tuple[object, int | None] = (None, 1)


_LATEST = _Latest()


def values_in(constraints: object) -> int | None:
    """How many values a carrier has, be they written in a text; None where it is too long."""
    carrier, count = _LATEST.found
    if carrier is not constraints:
        count = _counted(constraints)
        _LATEST.found = constraints, count
    return count


def _counted(constraints: object) -> int | None:
    count, chars, left = 0, 0, [constraints]
    while left:
        value = left.pop()
        inner: list[object] = []
        if isinstance(value, Mapping):
            inner = list(value.values())
            chars += sum(len(str(name)) for name in value)
        elif isinstance(value, list | tuple):
            inner = list(value)
        elif isinstance(value, str):
            chars, count = chars + len(value), count + 1 + value.count(",")
        else:
            count += 1
        left += inner
        chars += VALUE_CHARS * len(inner)
        if chars > MAX_CARRIER_CHARS:
            return None
    return count


def _at_most(instructions: Iterator[Instruction]) -> tuple[Instruction, ...]:
    found = tuple(islice(instructions, MAX_INSTRUCTIONS + 1))
    if len(found) > MAX_INSTRUCTIONS:
        raise ConstraintError(f"too many instructions; at most {MAX_INSTRUCTIONS} are checked")
    return found


def _read(carrier: object, *, depth: int = 0) -> Iterator[Instruction]:
    while isinstance(carrier, str):
        carrier = _literal(carrier)
    if carrier is None:
        return
    if depth > MAX_DEPTH:
        raise ConstraintError(f"instructions nested more than {MAX_DEPTH} deep")
    if isinstance(carrier, list | tuple):
        for item in carrier:
            yield from _read(item, depth=depth + 1)
    elif isinstance(carrier, Mapping):
        yield from _read_mapping(carrier, depth=depth + 1)
    else:
        raise ConstraintError(f"{_short(carrier)} is no instruction")


def _read_mapping(carrier: Mapping[object, object], *, depth: int) -> Iterator[Instruction]:
    ids = carrier.get("instruction_id_list", carrier.get("instruction_id"))
    if isinstance(ids, str):
        yield Instruction(id=ids, kwargs=_kwargs(ids, carrier.get("kwargs")))
    elif isinstance(ids, list | tuple):
        yield from _read_columns(ids, carrier.get("kwargs"))
    elif "func_name" in carrier:
        yield _from_function(carrier)
    elif "func" in carrier:
        params = carrier.get("params")
        if not isinstance(params, list | tuple):
            raise ConstraintError(f"{carrier['func']!r}: params {_short(params)} are no list")
        yield Instruction(id=str(carrier["func"]), kwargs={"params": list(params)})
    elif isinstance(judge := carrier.get("judge"), Mapping):
        yield _from_judge(str(carrier.get("key", "constraint")), judge, depth=depth)
    elif carrier:
        raise ConstraintError(f"{_short(carrier)} names no instruction_id, func_name or func")


def _from_judge(id_: str, judge: Mapping[object, object], *, depth: int) -> Instruction:
    if judge.get("method") != "rule_based":
        return Instruction(id=id_, judged=True)
    functions = _at_most(_read(judge.get("verify_funcs"), depth=depth))
    if not functions:
        raise ConstraintError(f"{id_}: rule_based without verify_funcs")
    return Instruction(id=id_, all_of=functions)


def _read_columns(ids: list[object] | tuple[object, ...], kwargs: object) -> Iterator[Instruction]:
    columns = [None] * len(ids) if kwargs is None else kwargs
    if not isinstance(columns, list | tuple) or len(columns) != len(ids):
        raise ConstraintError(f"{len(ids)} instruction ids, but kwargs are {_short(kwargs)}")
    for id_, arguments in zip(ids, columns, strict=True):
        yield Instruction(id=str(id_), kwargs=_kwargs(str(id_), arguments))


def _from_function(carrier: Mapping[object, object]) -> Instruction:
    arguments = _kwargs(str(carrier["func_name"]), carrier.get("args", carrier))
    try:
        id_, kwargs = from_function(str(carrier["func_name"]), arguments)
    except KeyError as missing:
        raise ConstraintError(f"{carrier['func_name']!r}: {missing.args[0]}") from None
    return Instruction(id=id_, kwargs=kwargs)


def _kwargs(id_: str, kwargs: object) -> dict[str, object]:
    if isinstance(kwargs, str):
        kwargs = _literal(kwargs)
    if kwargs is None:
        return {}
    if not isinstance(kwargs, Mapping):
        raise ConstraintError(f"{id_}: kwargs {_short(kwargs)} are no object")
    return {str(key): value for key, value in kwargs.items() if value is not None}


def _literal(text: str) -> object:
    """What a label string holds: JSON, else a Python literal (never evaluated)."""
    if not text.strip():
        return None
    for parse in (json.loads, ast.literal_eval):
        try:
            value: object = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return value
    raise ConstraintError(f"{_short(text)} is neither JSON nor a literal of instructions")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
