"""Two numbers or functions in any notation: ratios, other bases, degrees, infinities."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math.equality.evaluate import Fuel
from harmo.scorers.rule.math.equality.rounding import decimal_places
from harmo.scorers.rule.math.equality.scalars import same_scalar
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
    if symbols(answer) and not symbols(reference):
        # `0x` and `x^0` are nobody's 0 and 1.
        return False
    infinities = _infinity(reference), _infinity(answer)
    if any(infinities):
        return infinities[0] == infinities[1]
    if _is(reference, "ratio") or _is(answer, "ratio"):
        return _ratios(reference, answer, fuel)
    if _is(reference, "based") or _is(answer, "based"):
        return _based(reference, answer)
    if _is(reference, "degree") and _is(answer, "degree"):
        return same_scalar(_inside(reference, "degree"), _inside(answer, "degree"), fuel)
    equal = same_scalar(reference, answer, fuel)
    if not equal and (_is(reference, "degree") or _is(answer, "degree")):
        # 72 degrees and 72: the sign may be missing on one side.
        bare = _inside(reference, "degree"), _inside(answer, "degree")
        return same_scalar(*bare, fuel) or equal
    return equal


def _is(node: Node, name: str) -> bool:
    return isinstance(node, Op) and node.name == name


def _inside(node: Node, name: str) -> Node:
    """The one argument of an operation of this name; any other node as it is."""
    return node.args[0] if isinstance(node, Op) and node.name == name else node


def _infinity(node: Node) -> int:
    """1 or -1 for an infinity, else 0."""
    if isinstance(node, Op) and node.name == "neg":
        return -_infinity(node.args[0])
    return int(node == Sym("infty"))


def _ratios(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    """`1:2` is `2:4` and, with two terms, the fraction."""
    left, right = _terms(reference), _terms(answer)
    if not left or not right:
        quotients = [Op("div", terms) for terms in (left, right) if len(terms) == 2]
        if not quotients:
            return False
        due, given = (quotients[0], answer) if left else (reference, quotients[0])
        return same_scalar(due, given, fuel)
    if len(left) != len(right):
        return False
    crosswise = (
        (Op("mul", (a, right[0])), Op("mul", (b, left[0])))
        for a, b in zip(left[1:], right[1:], strict=True)
    )
    return all_of([same_scalar(*products, fuel) for products in crosswise])


def _terms(node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, Op) and node.name == "ratio" else ()


MAX_BASE = 36
MAX_BASED_DIGITS = 200


class _Digits(NamedTuple):
    text: str
    base: Node | None
    """None where none is written."""


def _based(reference: Node, answer: Node) -> bool:
    """Numbers in other bases: the same digits, the base perhaps missing on one side; or one value.

    `11` is no answer where the reference is `1011_2`: it asks for another base.
    """
    left, right = _digits(reference), _digits(answer)
    if left is None or right is None:
        return False
    if left.text == right.text:
        unwritten = right.base is None or (left.base is None and _in_base(right) is not None)
        return left.base == right.base or unwritten
    values = _in_base(left), _in_base(right)
    return right.base is not None and values[0] is not None and values[0] == values[1]


def _in_base(digits: _Digits) -> int | None:
    """The value of digits in a base up to 36, ten where none is written; None if it has none."""
    base = Fraction(10) if digits.base is None else getattr(digits.base, "value", Fraction(0))
    if base.denominator != 1 or not 2 <= base <= MAX_BASE or len(digits.text) > MAX_BASED_DIGITS:
        return None
    try:
        return int(digits.text, base.numerator)
    except ValueError:
        return None


def _digits(node: Node) -> _Digits | None:
    if isinstance(node, Num):
        return _Digits(node.text, None)
    if isinstance(node, Op) and node.name == "based" and isinstance(node.args[0], Num):
        return _Digits(node.args[0].text, node.args[1])
    return None


def all_of(verdicts: Iterable[bool | None]) -> bool | None:
    """False if any is False, else None if any is None, else True."""
    undecided = False
    for verdict in verdicts:
        if verdict is False:
            return False
        undecided |= verdict is None
    return None if undecided else True


def any_of(verdicts: Iterable[bool | None]) -> bool | None:
    """True if any is True, else None if any is None, else False."""
    found = list(verdicts)
    return True if True in found else (None if None in found else False)
