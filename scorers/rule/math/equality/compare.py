"""Is an answer's tree the reference's? Structure first, then numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math.equality.equations import Named, named, same_relation, value_of
from harmo.scorers.rule.math.equality.evaluate import Fuel, Value, context, evaluate, inexact
from harmo.scorers.rule.math.equality.notations import all_of, same_number, scalar_pair
from harmo.scorers.rule.math.equality.scalars import close
from harmo.scorers.rule.math.equality.sets import region, same_region
from harmo.scorers.rule.math.equality.vectors import components
from harmo.scorers.rule.math.syntax.tree import (
    SET_OPS,
    Mat,
    Node,
    Op,
    Rel,
    Seq,
    Sym,
    scalar,
    symbols,
    walk,
)

MAX_ITEMS = 400
MAX_UNSORTED = 24
"""Items that are matched one by one; longer lists must be of plain numbers."""


class Comparison(NamedTuple):
    """What a comparison found."""

    equal: bool | None
    """None: undecided here, a symbolic verifier may know."""
    pair: Pair


def compare(reference: Node, answer: Node, fuel: Fuel) -> Comparison:
    """Whether two trees are the same answer, and what kind of pair they are.

    Args:
        reference: What is right.
        answer: What was said.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more operations than are left.
    """
    if isinstance(reference, Rel) or isinstance(answer, Rel):
        return Comparison(_relations(reference, answer, fuel), Pair.RELATION)
    if scalar(reference) and scalar(answer):
        return Comparison(same_number(reference, answer, fuel), scalar_pair(reference, answer))
    pair = Pair.STRUCT_OTHER if scalar(reference) or scalar(answer) else Pair.STRUCT_STRUCT
    return Comparison(_structures(reference, answer, fuel), pair)


def _relations(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    wanted, said = region(reference, fuel), region(answer, fuel)
    if wanted is not None and said is not None:
        return same_region(wanted, said)
    g, p = named(reference), named(answer)
    if isinstance(reference, Rel) and isinstance(answer, Rel):
        return _both_relations(reference, answer, g, p, fuel)
    if isinstance(answer, Rel):
        value = value_of(answer, fuel)
        if value is None:
            return None if _interval_like(reference) else False
        return compare(reference, value, fuel).equal
    if g is None:
        return None if _interval_like(answer) else False
    return compare(g.value, answer, fuel).equal


def _interval_like(node: Node) -> bool:
    """True for what may be the solutions of a relation, with ends that are no plain numbers."""
    return (isinstance(node, Op) and node.name in SET_OPS) or (
        isinstance(node, Seq) and len(node.items) == 2 and node.opening != ""
    )


def _both_relations(
    reference: Rel, answer: Rel, g: Named | None, p: Named | None, fuel: Fuel
) -> bool | None:
    if p is not None and value_of(answer, fuel) is None:
        return False
    if g is not None and p is not None:
        same_name = _same_label(g.label, p.label)
        renamed = bool(symbols(g.value)) and scalar(g.value)
        if same_name or renamed:
            same = compare(g.value, p.value, fuel).equal
            if same or (same_name and not renamed):
                return same
    return same_relation(reference, answer, fuel)


def _same_label(a: Node, b: Node) -> bool:
    """`W(n)` and `W(x)` name one function."""
    if isinstance(a, Op) and isinstance(b, Op) and a.name == b.name == "call":
        return a.args[0] == b.args[0]
    return a == b


def _structures(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    if scalar(reference) or scalar(answer):
        reference, answer = _as_vector(reference, answer), _as_vector(answer, reference)
    if isinstance(reference, Mat) or isinstance(answer, Mat):
        return _matrices(reference, answer, fuel)
    if isinstance(reference, Seq) and isinstance(answer, Seq):
        same = _sequences(reference, answer, fuel)
        if same or not (_is_region(reference) or _is_region(answer)):
            return same
    if _is_region(reference) or _is_region(answer):
        wanted, said = region(reference, fuel), region(answer, fuel)
        if wanted is None or said is None:
            return None if _is_region(reference) and _is_region(answer) else False
        return same_region(wanted, said)
    seq, other = (reference, answer) if isinstance(reference, Seq) else (answer, reference)
    if isinstance(seq, Seq) and len(seq.items) == 1 and seq.opening in {"", "{"}:
        return compare(seq.items[0], other, fuel).equal
    return None if isinstance(seq, Op) else False


def _as_vector(node: Node, other: Node) -> Node:
    """`2i + 3j` as the tuple that it is beside one."""
    if not scalar(node) or not isinstance(other, Seq | Mat):
        return node
    size = len(other.items) if isinstance(other, Seq) else len(_cells(other))
    found = components(node, size)
    return node if found is None else Seq(found, "(", ")")


def _is_region(node: Node) -> bool:
    if isinstance(node, Sym):
        return node.name in {"reals", "emptyset"}
    if isinstance(node, Seq):
        # Mixed brackets and infinite ends: an interval, not a point.
        mixed = (node.opening, node.closing) in {("(", "]"), ("[", ")")}
        ends = any(
            isinstance(n, Sym) and n.name == "infty" for item in node.items for n in walk(item)
        )
        return bool(node.opening) and node.opening != "{" and (mixed or ends)
    return isinstance(node, Op) and node.name in SET_OPS


def _matrices(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    if isinstance(reference, Mat) and isinstance(answer, Mat):
        if [len(row) for row in reference.rows] != [len(row) for row in answer.rows]:
            return False
        cells = zip(_cells(reference), _cells(answer), strict=True)
        return all_of([compare(a, b, fuel).equal for a, b in cells])
    matrix, other = (reference, answer) if isinstance(reference, Mat) else (answer, reference)
    if (
        isinstance(matrix, Mat)
        and isinstance(other, Seq)
        and 1 in {len(matrix.rows), len(matrix.rows[0])}
    ):
        return other.opening != "{" and _pairwise(_cells(matrix), other.items, fuel)
    if isinstance(matrix, Mat) and isinstance(other, Seq) and (rows := _rows(other)):
        return compare(matrix, Mat(rows), fuel).equal
    # A product or power of matrices is left to the symbolic verifier.
    return None if any(isinstance(n, Mat) for n in walk(other)) else False


def _rows(node: Seq) -> tuple[tuple[Node, ...], ...] | None:
    """The rows of a matrix written as a list of lists."""
    rows = [item.items for item in node.items if isinstance(item, Seq) and item.opening == "["]
    whole = len(rows) == len(node.items) and len({len(row) for row in rows}) == 1
    return tuple(rows) if whole and node.opening == "[" else None


def _cells(matrix: Mat) -> tuple[Node, ...]:
    return tuple(cell for row in matrix.rows for cell in row)


def _sequences(reference: Seq, answer: Seq, fuel: Fuel) -> bool | None:
    if max(len(reference.items), len(answer.items)) > MAX_ITEMS:
        return None
    loose = {"", "{"}
    if reference.opening not in loose and answer.opening not in loose:
        brackets = (reference.opening, reference.closing) == (answer.opening, answer.closing)
        return brackets and _pairwise(reference.items, answer.items, fuel)
    if reference.opening in loose and answer.opening in loose:
        return _lists(reference, answer, fuel)
    ordered, listed = (reference, answer) if reference.opening not in loose else (answer, reference)
    if listed.opening == "{":
        return False
    return _pairwise(values(ordered.items), values(listed.items), fuel)


def _lists(reference: Seq, answer: Seq, fuel: Fuel) -> bool | None:
    """Lists and sets, in any order, unless the reference's labels give them one."""
    wanted, said = _no_tuple_twice(reference.items), _no_tuple_twice(answer.items)
    if "{" in {reference.opening, answer.opening}:
        wanted, said = _distinct(wanted), _distinct(said)
    labels = [name.label for item in wanted if (name := named(item))]
    if labels and not any(named(item) for item in said):
        bare = values(wanted)
        if len(bare) != len(said):
            flat = _flattened(said)
            return _pairwise(bare, flat, fuel) if len(flat) == len(bare) else False
        if len(labels) == len(wanted) and len({_base(label) for label in labels}) == len(labels):
            return _pairwise(bare, said, fuel)
        wanted = bare
    elif not labels and any(named(item) for item in said):
        flat, said = _flattened(wanted), values(said)
        if len(flat) != len(wanted) and len(flat) == len(said):
            return _pairwise(flat, said, fuel)
    return unordered(wanted, said, fuel)


def _base(label: Node) -> str:
    return label.name.partition("_")[0] if isinstance(label, Sym) else repr(label)


def _flattened(items: Sequence[Node]) -> tuple[Node, ...]:
    return tuple(
        inner for item in items for inner in (item.items if isinstance(item, Seq) else (item,))
    )


def values(items: Sequence[Node]) -> tuple[Node, ...]:
    """Items without the names they were given: `x = 2` is 2."""
    return tuple(name.value if (name := named(item)) else item for item in items)


def _distinct(items: Sequence[Node]) -> tuple[Node, ...]:
    return tuple(dict.fromkeys(items))


def _no_tuple_twice(items: tuple[Node, ...]) -> tuple[Node, ...]:
    return _distinct(items) if all(isinstance(item, Seq) for item in items) else items


def _pairwise(left: Sequence[Node], right: Sequence[Node], fuel: Fuel) -> bool | None:
    if len(left) != len(right):
        return False
    return all_of(compare(a, b, fuel).equal for a, b in zip(left, right, strict=True))


def unordered(left: Sequence[Node], right: Sequence[Node], fuel: Fuel) -> bool | None:
    """Whether two lists hold the same answers in some order."""
    if len(left) != len(right):
        return False
    wanted, said = _sorted(left, fuel), _sorted(right, fuel)
    if wanted is not None and said is not None:
        pairs = list(zip(wanted, said, strict=True))
        if all(close(a[0], b[0]) for a, b in pairs):
            return True
        return _pairwise([a[1] for a, _ in pairs], [b[1] for _, b in pairs], fuel)
    if len(left) > MAX_UNSORTED:
        return None
    return _matched(list(left), list(right), fuel)


def _matched(left: list[Node], right: list[Node], fuel: Fuel) -> bool | None:
    undecided = False
    for wanted in left:
        verdicts = [compare(wanted, said, fuel).equal for said in right]
        if True in verdicts:
            right.pop(verdicts.index(True))
        elif None in verdicts:
            undecided = True
        else:
            return False
    return None if undecided else True


def _sorted(items: Sequence[Node], fuel: Fuel) -> list[tuple[Value, Node]] | None:
    """Plain real numbers in order, with their trees; None if any item is something else."""
    found: list[tuple[Value, Node]] = []
    for item in items:
        value = None if not scalar(item) or symbols(item) else evaluate(item, fuel)
        if value is None or isinstance(value, context.mpc):
            return None
        found.append((inexact(value), item))
    return sorted(found, key=lambda pair: pair[0])
