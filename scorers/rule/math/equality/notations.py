"""Two numbers or functions, whatever notation they are in: ratios, bases, degrees, infinities."""

from __future__ import annotations

from collections.abc import Iterable

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math.equality.evaluate import Fuel
from harmo.scorers.rule.math.equality.scalars import decimal_places, same_scalar
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, Sym, symbols, walk


def scalar_pair(reference: Node, answer: Node) -> Pair:
    """The kind of pair that two expressions are."""
    if any(symbols(side) for side in (reference, answer)):
        return Pair.EXPR_EXPR
    if any(decimal_places(side) is not None for side in (reference, answer)):
        return Pair.DECIMAL
    plain = all(_rational(side) for side in (reference, answer))
    return Pair.NUM_NUM if plain else Pair.EXPR_EXPR


def _rational(node: Node) -> bool:
    return all(
        isinstance(n, Num) or (isinstance(n, Op) and n.name in {"div", "neg"}) for n in walk(node)
    )


def same_number(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    """Whether two scalar trees are the same; None where evaluation cannot tell."""
    signs = _infinity(reference), _infinity(answer)
    if any(signs):
        return signs[0] == signs[1]
    ratio = _ratios(reference, answer, fuel)
    if ratio is not None:
        return ratio
    based = _based(reference, answer)
    if based is not None:
        return based
    if (
        isinstance(reference, Op)
        and isinstance(answer, Op)
        and reference.name == answer.name == "degree"
    ):
        return same_scalar(reference.args[0], answer.args[0], fuel)
    same = same_scalar(reference, answer, fuel)
    if same is not True and (bare := _without_degree(reference, answer)):
        # 72 degrees and 72: the sign may be missing on one side.
        return same_scalar(*bare, fuel) or same
    return same


def _infinity(node: Node) -> int:
    """1 or -1 for an infinity, else 0."""
    if isinstance(node, Op) and node.name == "neg":
        return -_infinity(node.args[0])
    return int(node == Sym("infty"))


def _without_degree(a: Node, b: Node) -> tuple[Node, Node] | None:
    if isinstance(a, Op) and a.name == "degree":
        return a.args[0], b
    if isinstance(b, Op) and b.name == "degree":
        return a, b.args[0]
    return None


def _ratios(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    """`1:2` is `2:4` and, with two parts, the fraction."""
    parts = [
        list(n.args) if isinstance(n, Op) and n.name == "ratio" else [] for n in (reference, answer)
    ]
    if not any(parts):
        return None
    if not all(parts):
        ratio, other = (reference, answer) if parts[0] else (answer, reference)
        quotient = Op("div", ratio.args) if isinstance(ratio, Op) and len(ratio.args) == 2 else None
        return same_scalar(quotient, other, fuel) if quotient else False
    left, right = parts
    if len(left) != len(right):
        return False
    products = zip(left[1:], right[1:], strict=True)
    return all_of(
        [same_scalar(Op("mul", (a, right[0])), Op("mul", (b, left[0])), fuel) for a, b in products]
    )


def _based(reference: Node, answer: Node) -> bool | None:
    """Numbers in another base are compared as written; the base may be missing on one side."""
    if not any(isinstance(n, Op) and n.name == "based" for n in (reference, answer)):
        return None
    wanted, said = _digits(reference), _digits(answer)
    if wanted is None or said is None:
        return False
    (digits, base), (other_digits, other_base) = wanted, said
    return digits == other_digits and (base == other_base or None in {base, other_base})


def _digits(node: Node) -> tuple[str, Node | None] | None:
    if isinstance(node, Num):
        return node.text, None
    if isinstance(node, Op) and node.name == "based" and isinstance(node.args[0], Num):
        return node.args[0].text, node.args[1]
    return None


def all_of(verdicts: Iterable[bool | None]) -> bool | None:
    """False if any is False, else None if any is None, else True."""
    undecided = False
    for verdict in verdicts:
        if verdict is False:
            return False
        undecided |= verdict is None
    return None if undecided else True
