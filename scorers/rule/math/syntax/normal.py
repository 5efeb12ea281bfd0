"""A tree without what changes nothing: neutral elements, double signs, the order of operands."""

from __future__ import annotations

from fractions import Fraction

from harmo.scorers.rule.math.syntax.tree import Node, Num, Op

_SIGNS = frozenset({"neg", "percent", "degree"})
_NEUTRAL = {"add": Fraction(0), "mul": Fraction(1)}


def normal(node: Node) -> Node:
    """A scalar tree in a form that is one for `99*51*1` and `--51*99`; nothing is worked out.

    Signs of factors come before the product, sums and products have no brackets within; `a/1` and
    `a^1` are `a`, `0a` is 0, `a:b` is `a/b`. What is no number or operation stays as it is.
    """
    if isinstance(node, Num):
        return Num(node.value)
    if not isinstance(node, Op):
        return node
    args = [normal(arg) for arg in node.args]
    if node.name == "neg":
        return _negated(args[0])
    if node.name in _NEUTRAL:
        return _commuted(node.name, args)
    if node.name in {"div", "pow"} and args[1] == Num(Fraction(1)):
        return args[0]
    if node.name == "div" or (node.name == "ratio" and len(args) == 2):
        (top, minus), (bottom, less) = map(_unsigned, args)
        return _signed(Op("div", (top, bottom)), minus=minus ^ less)
    return Op(node.name, tuple(args))


def bare(node: Node) -> Node:
    """A tree without the signs round it: minus, percent, degrees."""
    while isinstance(node, Op) and node.name in _SIGNS:
        node = node.args[0]
    return node


def _commuted(name: str, args: list[Node]) -> Node:
    """A sum or product of normal operands: flat, ordered, without neutral ones."""
    minus = False
    if name == "mul":
        signs = [_unsigned(arg) for arg in args]
        args, minus = [arg for arg, _ in signs], sum(less for _, less in signs) % 2 == 1
    operands = [each for arg in args for each in _operands(name, arg)]
    if name == "mul" and Num(Fraction(0)) in operands:
        return Num(Fraction(0))
    kept = sorted((each for each in operands if each != Num(_NEUTRAL[name])), key=repr)
    if len(kept) < 2:
        return _signed(kept[0] if kept else Num(_NEUTRAL[name]), minus=minus)
    return _signed(Op(name, tuple(kept)), minus=minus)


def _operands(name: str, node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, Op) and node.name == name else (node,)


def _unsigned(node: Node) -> tuple[Node, bool]:
    """A normal node without its sign, and whether that was a minus."""
    if isinstance(node, Num) and node.value < 0:
        return Num(-node.value), True
    if isinstance(node, Op) and node.name == "neg":
        return node.args[0], True
    return node, False


def _signed(node: Node, *, minus: bool) -> Node:
    return _negated(node) if minus else node


def _negated(node: Node) -> Node:
    if isinstance(node, Num):
        return Num(-node.value)
    if isinstance(node, Op) and node.name == "neg":
        return node.args[0]
    return Op("neg", (node,))
