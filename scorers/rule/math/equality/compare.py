"""Is an answer's tree the reference's? Structure first, then numbers."""

from __future__ import annotations

from collections.abc import Sequence

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math.equality.equations import named, same_relation, value_of
from harmo.scorers.rule.math.equality.evaluate import Fuel
from harmo.scorers.rule.math.equality.items import (
    distinct,
    flattened,
    letters,
    no_tuple_twice,
    ordered,
    values,
)
from harmo.scorers.rule.math.equality.notations import all_of, same_number, scalar_pair
from harmo.scorers.rule.math.equality.scalars import close
from harmo.scorers.rule.math.equality.sets import region, same_region
from harmo.scorers.rule.math.equality.vectors import components
from harmo.scorers.rule.math.finding import Finding, SettledBy
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


def compare(reference: Node, answer: Node, fuel: Fuel) -> Finding:
    """Whether two trees are the same answer, what kind of pair they are, and what settled it.

    Args:
        reference: What is right.
        answer: What was said.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more operations than are left.
    """
    equal = same(reference, answer, fuel)
    if isinstance(reference, Rel) or isinstance(answer, Rel):
        return Finding(equal, Pair.RELATION, SettledBy.RELATION)
    if scalar(reference) and scalar(answer):
        return Finding(equal, scalar_pair(reference, answer), SettledBy.EVALUATION)
    pair = Pair.STRUCT_OTHER if scalar(reference) or scalar(answer) else Pair.STRUCT_STRUCT
    return Finding(equal, pair, SettledBy.STRUCTURE)


def same(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    """Whether two trees are the same answer; None where only a symbolic verifier may know.

    Args:
        reference: What is right.
        answer: What was said.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more operations than are left.
    """
    if isinstance(reference, Rel) or isinstance(answer, Rel):
        return _relations(reference, answer, fuel)
    if scalar(reference) and scalar(answer):
        return same_number(reference, answer, fuel)
    return _structures(reference, answer, fuel)


def _relations(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    left, right = region(reference, fuel), region(answer, fuel)
    if left is not None and right is not None:
        return same_region(left, right)
    if isinstance(reference, Rel) and isinstance(answer, Rel):
        return _both_relations(reference, answer, fuel)
    if isinstance(answer, Rel):
        value = value_of(answer, fuel)
        if value is None:
            return None if _interval_like(reference) else False
        return same(reference, value, fuel)
    name = named(reference)
    if name is None:
        return None if _interval_like(answer) else False
    return same(name.value, answer, fuel)


def _interval_like(node: Node) -> bool:
    """True for what may be the solutions of a relation, with ends that are no plain numbers."""
    return (isinstance(node, Op) and node.name in SET_OPS) or (
        isinstance(node, Seq) and len(node.items) == 2 and node.opening != ""
    )


def _both_relations(reference: Rel, answer: Rel, fuel: Fuel) -> bool | None:
    left, right = named(reference), named(answer)
    if right is not None and value_of(answer, fuel) is None:
        return False
    if left is not None and right is not None:
        same_name = _same_label(left.label, right.label)
        # `f(x) = 2x` and `y = 2x` are one function.
        function = bool(symbols(left.value)) and scalar(left.value)
        if same_name or function:
            equal = same(left.value, right.value, fuel)
            if equal or not function:
                return equal
    return same_relation(reference, answer, fuel)


def _same_label(left: Node, right: Node) -> bool:
    """`W(n)` and `W(x)` name one function."""
    if isinstance(left, Op) and isinstance(right, Op) and left.name == right.name == "call":
        return left.args[0] == right.args[0]
    return left == right


def _structures(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    if scalar(reference) or scalar(answer):
        reference, answer = _as_vector(reference, answer), _as_vector(answer, reference)
    if isinstance(reference, Mat) or isinstance(answer, Mat):
        return _matrices(reference, answer, fuel)
    if isinstance(reference, Seq) and isinstance(answer, Seq):
        equal = _sequences(reference, answer, fuel)
        if equal or not (_is_region(reference) or _is_region(answer)):
            return equal
    if _is_region(reference) or _is_region(answer):
        left, right = region(reference, fuel), region(answer, fuel)
        if left is None or right is None:
            return None if _is_region(reference) and _is_region(answer) else False
        return same_region(left, right)
    seq, single = (reference, answer) if isinstance(reference, Seq) else (answer, reference)
    if isinstance(seq, Seq) and len(seq.items) == 1 and seq.opening in {"", "{"}:
        return same(seq.items[0], single, fuel)
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
        return all_of([same(left, right, fuel) for left, right in cells])
    matrix, other = (reference, answer) if isinstance(reference, Mat) else (answer, reference)
    if isinstance(matrix, Mat) and isinstance(other, Seq):
        if 1 in {len(matrix.rows), len(matrix.rows[0])}:
            return other.opening != "{" and _pairwise(_cells(matrix), other.items, fuel)
        if rows := _rows(other):
            return same(matrix, Mat(rows), fuel)
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
    loose = [node.opening in {"", "{"} for node in (reference, answer)]
    if all(loose):
        return _lists(reference, answer, fuel)
    if not any(loose):
        brackets = (reference.opening, reference.closing) == (answer.opening, answer.closing)
        return brackets and _pairwise(reference.items, answer.items, fuel)
    ordered, listed = (answer, reference) if loose[0] else (reference, answer)
    if listed.opening == "{":
        return False
    return _pairwise(values(ordered.items), values(listed.items), fuel)


def _lists(reference: Seq, answer: Seq, fuel: Fuel) -> bool | None:
    """Lists and sets, in any order, unless one side's labels give them one."""
    left, right = no_tuple_twice(reference.items), no_tuple_twice(answer.items)
    if "{" in {reference.opening, answer.opening}:
        left, right = distinct(left), distinct(right)
    labels = letters(left), letters(right)
    if labels[0] and not labels[1]:
        return _against_labelled(left, right, fuel)
    if labels[1] and not labels[0]:
        flat, right = flattened(left), values(right)
        if len(flat) != len(left) and len(flat) == len(right):
            return _pairwise(flat, right, fuel)
    return unordered(left, right, fuel)


def _against_labelled(reference: Sequence[Node], answer: Sequence[Node], fuel: Fuel) -> bool | None:
    """Bare items against `x = 1, y = 2`: in that order, if every item has a letter of its own."""
    bare = values(reference)
    if len(bare) != len(answer):
        flat = flattened(answer)
        return len(flat) == len(bare) and _pairwise(bare, flat, fuel)
    if len(set(letters(reference))) == len(reference):
        return _pairwise(bare, answer, fuel)
    return unordered(bare, answer, fuel)


def _pairwise(left: Sequence[Node], right: Sequence[Node], fuel: Fuel) -> bool | None:
    if len(left) != len(right):
        return False
    return all_of(same(*pair, fuel) for pair in zip(left, right, strict=True))


def unordered(left: Sequence[Node], right: Sequence[Node], fuel: Fuel) -> bool | None:
    """Whether two lists hold the same answers in some order."""
    if len(left) != len(right):
        return False
    lefts, rights = ordered(left, fuel), ordered(right, fuel)
    if lefts is not None and rights is not None:
        if all(close(a.value, b.value) for a, b in zip(lefts, rights, strict=True)):
            return True
        return _pairwise([each.node for each in lefts], [each.node for each in rights], fuel)
    if len(left) > MAX_UNSORTED:
        return None
    return _matched(list(left), list(right), fuel)


def _matched(left: list[Node], right: list[Node], fuel: Fuel) -> bool | None:
    undecided = False
    for item in left:
        verdicts = [same(item, candidate, fuel) for candidate in right]
        if True in verdicts:
            right.pop(verdicts.index(True))
        elif None in verdicts:
            undecided = True
        else:
            return False
    return None if undecided else True
