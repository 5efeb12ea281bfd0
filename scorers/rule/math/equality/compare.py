"""Is an answer's tree the reference's? Structure first, then numbers."""

from __future__ import annotations

from collections.abc import Sequence

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math.equality.equations import (
    agreeing,
    is_derivative,
    is_worked_out,
    named,
    same_label,
    same_relation,
    value_of,
)
from harmo.scorers.rule.math.equality.evaluate import Fuel
from harmo.scorers.rule.math.equality.items import (
    bounded,
    distinct,
    flattened,
    letters,
    no_tuple_twice,
    ordered,
    solutions,
    values,
)
from harmo.scorers.rule.math.equality.notations import all_of, any_of, same_number, scalar_pair
from harmo.scorers.rule.math.equality.scalars import close
from harmo.scorers.rule.math.equality.sets.named import same_by_name
from harmo.scorers.rule.math.equality.sets.pieces import same_region
from harmo.scorers.rule.math.equality.sets.regions import is_region, region
from harmo.scorers.rule.math.equality.vectors import components, worked_out
from harmo.scorers.rule.math.finding import Finding, SettledBy
from harmo.scorers.rule.math.syntax.tree import (
    SET_OPS,
    Mat,
    Node,
    Op,
    Rel,
    Seq,
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
    if reference == answer:
        return True
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
    if isinstance(reference, Rel):
        return _named_by(reference, answer, fuel)
    value = value_of(answer, fuel) if isinstance(answer, Rel) else None
    if value is None:
        return None if _interval_like(reference) else False
    return same(reference, value, fuel)


def _named_by(reference: Rel, answer: Node, fuel: Fuel) -> bool | None:
    """Whether an answer is the value that a reference's equation names."""
    name = named(reference)
    if name is None and (members := agreeing(reference, fuel)):
        return any_of(same(member, answer, fuel) for member in members)
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
    if left is None and (members := agreeing(reference, fuel)):
        value = value_of(answer, fuel)
        return value is not None and any_of(same(member, value, fuel) for member in members)
    if left is not None and right is not None:
        same_name = same_label(left.label, right.label)
        # `f(x) = 2x` and `y = 2x` are one function.
        function = bool(symbols(left.value)) and scalar(left.value)
        function &= is_derivative(left.label) == is_derivative(right.label)
        function &= not any(
            each.label in set(walk(each.value)) or is_worked_out(each.label)
            for each in (left, right)
        )
        if same_name or function:
            equal = same(left.value, right.value, fuel)
            if equal or not function:
                return equal
    return same_relation(reference, answer, fuel)


def _structures(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    if scalar(reference) or scalar(answer):
        reference, answer = _as_vector(reference, answer), _as_vector(answer, reference)
    reference, answer = worked_out(reference), worked_out(answer)
    if isinstance(reference, Mat) or isinstance(answer, Mat):
        return _matrices(reference, answer, fuel)
    if isinstance(reference, Seq) and isinstance(answer, Seq):
        equal = _sequences(reference, answer, fuel)
        if equal or not (is_region(reference) or is_region(answer) or bounded(reference, answer)):
            return equal
    if is_region(reference) or is_region(answer) or bounded(reference, answer):
        return _regions(reference, answer, fuel)
    if isinstance(reference, Op) and isinstance(answer, Op) and reference.name == answer.name:
        pairs = zip(reference.args, answer.args, strict=False)
        alike = len(reference.args) == len(answer.args)
        return (alike and all_of(same(*pair, fuel) for pair in pairs)) or None
    seq, single = (reference, answer) if isinstance(reference, Seq) else (answer, reference)
    if isinstance(seq, Seq) and len(seq.items) == 1 and seq.opening in {"", "{"}:
        if seq is reference:
            return same(seq.items[0], single, fuel)
        return same(single, seq.items[0], fuel)
    return None if isinstance(seq, Op) else False


def _regions(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    if (equal := same_by_name(reference, answer)) is not None:
        return equal
    left, right = region(reference, fuel), region(answer, fuel)
    if left is None or right is None:
        return None if is_region(reference) and is_region(answer) else False
    return same_region(left, right)


def _as_vector(node: Node, other: Node) -> Node:
    """`2i + 3j` as the tuple that it is beside one."""
    if not scalar(node) or not isinstance(other, Seq | Mat):
        return node
    size = len(other.items) if isinstance(other, Seq) else len(_cells(other))
    found = components(node, size)
    return node if found is None else Seq(found, "(", ")")


def _matrices(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    if isinstance(reference, Mat) and isinstance(answer, Mat):
        if [len(row) for row in reference.rows] != [len(row) for row in answer.rows]:
            return False
        cells = zip(_cells(reference), _cells(answer), strict=True)
        return all_of([same(left, right, fuel) for left, right in cells])
    matrix, other = (reference, answer) if isinstance(reference, Mat) else (answer, reference)
    if isinstance(matrix, Mat) and isinstance(other, Seq):
        if 1 in {len(matrix.rows), len(matrix.rows[0])}:
            left, right = (
                _cells(side) if isinstance(side, Mat) else side.items  # type: ignore[union-attr]
                for side in (reference, answer)
            )
            return other.opening != "{" and _pairwise(left, right, fuel)
        if rows := _rows(other):
            pair = (matrix, Mat(rows)) if matrix is reference else (Mat(rows), matrix)
            return same(*pair, fuel)
    return False


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
    if "{" in {reference.opening, answer.opening} or is_region(reference) or is_region(answer):
        return False
    return _pairwise(values(reference.items), values(answer.items), fuel)


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
    if solutions(left, right) or solutions(right, left):
        left, right = values(left), values(right)
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
