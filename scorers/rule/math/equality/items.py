"""Items of lists and sets: without their labels, each once, flattened, sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harmo.scorers.rule.math.equality.equations import named
from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.values import Value, context, inexact
from harmo.scorers.rule.math.syntax.tree import Node, Rel, Seq, Sym, scalar, symbols


def values(items: Sequence[Node]) -> tuple[Node, ...]:
    """Items without the names they were given: `x = 2` is 2."""
    return tuple(name.value if (name := named(item)) else item for item in items)


def letters(items: Sequence[Node]) -> list[str]:
    """The labels of the items that have one, without subscripts: `x_1` and `x_2` are both `x`."""
    return [_letter(name.label) for item in items if (name := named(item))]


def _letter(label: Node) -> str:
    return label.name.partition("_")[0] if isinstance(label, Sym) else repr(label)


def solutions(plain: Sequence[Node], counted: Sequence[Node]) -> bool:
    """True for `x = 3, x = 5` beside `x_1 = 3, x_2 = 5`, which counts the same solutions.

    Args:
        plain: Items that name one letter over and over.
        counted: Items that name it with subscripts, in whatever order they were found.
    """
    labels = {name.label for item in plain if (name := named(item))}
    letter = next(iter(labels), None)
    if len(labels) != 1 or not isinstance(letter, Sym) or "_" in letter.name:
        return False
    items = [*plain, *counted]
    return len(letters(items)) == len(items) and set(letters(items)) == {letter.name}


def flattened(items: Sequence[Node]) -> tuple[Node, ...]:
    """Items with those of tuples and lists in their place."""
    return tuple(
        inner for item in items for inner in (item.items if isinstance(item, Seq) else (item,))
    )


def distinct(items: Sequence[Node]) -> tuple[Node, ...]:
    """Every item once."""
    return tuple(dict.fromkeys(items))


def no_tuple_twice(items: tuple[Node, ...]) -> tuple[Node, ...]:
    """Every item once where all are points or the like: a list of solutions; numbers may recur."""
    return distinct(items) if all(isinstance(item, Seq) for item in items) else items


class Real(NamedTuple):
    """An item that is a real number."""

    value: Value
    node: Node


def ordered(items: Sequence[Node], fuel: Fuel) -> list[Real] | None:
    """Plain real numbers in order, with their trees; None if any item is something else."""
    found: list[Real] = []
    for item in items:
        value = None if not scalar(item) or symbols(item) else evaluate(item, fuel)
        if value is None or isinstance(value, context.mpc):
            return None
        found.append(Real(inexact(value), item))
    return sorted(found, key=_value)


def _value(real: Real) -> Value:
    return real.value


def bounded(*sides: Node) -> bool:
    """True if a side is a list of inequalities."""
    return any(
        isinstance(side, Seq) and not side.opening and all(isinstance(n, Rel) for n in side.items)
        for side in sides
    )
