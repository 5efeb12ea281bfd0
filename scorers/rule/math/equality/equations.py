"""Equations and inequalities: what they name, and when two say the same."""

from __future__ import annotations

from typing import NamedTuple

from harmo.scorers.rule.math.equality.evaluate import Fuel
from harmo.scorers.rule.math.equality.scalars import same_scalar
from harmo.scorers.rule.math.equality.zeros import factor_sign, same_zeros
from harmo.scorers.rule.math.syntax.tree import (
    Node,
    Op,
    Rel,
    Seq,
    Sym,
    replaced,
    scalar,
    symbols,
    walk,
)

_FLIPPED = {
    "<": ">", ">": "<", "<=": ">=", ">=": "<=", "subset": "supset", "supset": "subset",
    "subseteq": "supseteq", "supseteq": "subseteq", "to": "from", "implies": "from", "mid": "from",
    "nmid": "from", "in": "from", "notin": "from",
}  # fmt: skip
"""What a relation is called from the other side; one that is not here reads the same both ways."""
_UNORDERED = frozenset({"parallel", "perp", "sim", "cong", "both", "propto"})
_ORDERED = frozenset(
    {"subset", "supset", "subseteq", "supseteq", "to", "implies", "mid", "nmid", "notin"}
)
"""Relations that no number decides: compared term by term."""


class Named(NamedTuple):
    """`x = 5`: a name and its value."""

    label: Node
    value: Node


def named(node: Node) -> Named | None:
    """The name and value that a chain of equalities gives; None if it is no such chain."""
    if not isinstance(node, Rel):
        return None
    if node.ops == ("in",):
        items = node.terms[1]
        listed = isinstance(items, Seq) and items.opening in {"", "{"}
        return Named(*node.terms) if listed else None
    if not set(node.ops) <= {"=", "~"} and not _is_tending(node):
        return None
    return _named(node)


def _is_tending(node: Rel) -> bool:
    r"""True for a name that tends to a number: `k \to 4`, no map and no implication."""
    return node.ops == ("to",) and name_like(node.terms[0]) and not symbols(node.terms[1])


def _named(node: Rel) -> Named | None:
    first, last = node.terms[0], _settled(node)
    if name_like(first):
        return Named(first, last)
    if len(node.terms) == 2 and name_like(last) and not symbols(first):
        return Named(last, first)
    return None


def _settled(node: Rel) -> Node:
    """The last member joined by `=`; where there are only approximations, the first of them."""
    exact = [term for op, term in zip(node.ops, node.terms[1:], strict=True) if op == "="]
    return exact[-1] if exact else node.terms[1]


def is_solved(node: Rel) -> bool:
    """True where a name stands alone in it and no other member has symbols: `x > 3`, `-1 < x < 2`.

    `2x + 3 = 9` is what was to be solved.
    """
    bare = [term for term in node.terms if name_like(term)]
    rest = [term for term in node.terms if not name_like(term)]
    return len(bare) == 1 and not any(scalar(term) and symbols(term) for term in rest)


def value_of(node: Rel, fuel: Fuel) -> Node | None:
    """The value a completion's chain of equalities ends in; None if it contradicts itself.

    `7 = 5` and `x = 4 = 5` have none; `2 + 3 = 5` is 5; `a + b = 5` and `2x = 4` have none.
    """
    if node.ops == ("in",) or _is_tending(node):
        name = named(node)
        return None if name is None else name.value
    if not set(node.ops) <= {"=", "~"}:
        return None
    if set(node.ops) == {"="} and _identity(node, fuel):
        return node.terms[-1]
    exact = [node.terms[0]]
    for op, term in zip(node.ops, node.terms[1:], strict=True):
        if op == "=":
            exact.append(term)
    constants = [term for term in exact if scalar(term) and not symbols(term)]
    if any(same_scalar(constants[0], constant, fuel) is not True for constant in constants[1:]):
        return None
    if not symbols(node.terms[0]) and not _is_reversed(node):
        return _settled(node) if set(node.ops) == {"="} else node.terms[0]
    name = _named(node)
    return None if name is None or _refuted(name, exact, fuel) else name.value


def _refuted(name: Named, terms: list[Node], fuel: Fuel) -> bool:
    """True if a member of a chain in the name's own letter is not its value: `x = 8x = 7`."""
    if not isinstance(name.label, Sym) or not scalar(name.value) or symbols(name.value):
        return False
    point = {name.label.name: name.value}
    own = (term for term in terms if term != name.label and symbols(term) == {name.label.name})
    return any(
        scalar(term) and same_scalar(name.value, replaced(term, point), fuel) is False
        for term in own
    )


def agreeing(node: Rel, fuel: Fuel) -> tuple[Node, ...]:
    """The members of a chain that says one value over and over: `3/4 = 0.75`; empty for any other.

    Args:
        node: The chain.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more operations than are left.
    """
    if not set(node.ops) <= {"=", "~"} or value_of(node, fuel) is None:
        return ()
    constant = not any(symbols(term) or not scalar(term) for term in node.terms)
    return node.terms if constant or _identity(node, fuel) else ()


def _identity(node: Rel, fuel: Fuel) -> bool:
    """True for expressions that are equal whatever their symbols are: steps of a calculation."""
    if not all(scalar(term) and symbols(term) for term in node.terms):
        return False
    pairs = zip(node.terms, node.terms[1:], strict=False)
    return all(same_scalar(left, right, fuel) for left, right in pairs)


def _is_reversed(node: Rel) -> bool:
    return any(symbols(term) for term in node.terms[1:])


def name_like(node: Node) -> bool:
    """True for what names a quantity: `x`, `f(2)`, `|AB|`, `(p, q)`, `dy/dx`, `P(A)`."""
    if isinstance(node, Sym):
        return node.name not in {"pi", "e", "i", "infty"}
    if isinstance(node, Seq):
        return node.opening == "(" and all(name_like(item) for item in node.items)
    if not isinstance(node, Op):
        return False
    if node.name == "call" or node.name.startswith("lim"):
        return True
    if node.name == "mul" and node.args[0] == Sym("P"):
        return True
    if node.name in {"sin", "cos", "tan", "ln", "log"}:
        return bool(symbols(node))
    if node.name in {"mul", "div"}:
        return _capital(node) or _derivative(node)
    return node.name in {"abs", "ratio", "degree"} and all(name_like(a) for a in node.args)


def _capital(node: Op) -> bool:
    """True for `AB`, `AB/CD`, `T(n)`; `xy` is a product."""
    inner = list(walk(node))
    plain = all(isinstance(n, Sym) or (isinstance(n, Op) and n.name in _NAMING) for n in inner)
    return plain and any(isinstance(n, Sym) and n.name[0].isupper() for n in inner)


def _derivative(node: Op) -> bool:
    """True for `dy/dx`."""
    return node.name == "div" and all(
        isinstance(side, Op) and side.name == "mul" and side.args[0] == Sym("d")
        for side in node.args
    )


_NAMING = frozenset({"mul", "div", "abs", "degree"})


def is_derivative(label: Node) -> bool:
    """True for `y'`, `f'(x)`, `dy/dx`."""
    primed = any(isinstance(n, Sym) and n.name.endswith("'") for n in walk(label))
    return primed or (isinstance(label, Op) and label.name == "div")


def is_worked_out(label: Node) -> bool:
    """True for a label that is a value of its own: `log x`, `f(2)`."""
    if not isinstance(label, Op) or label.name == "div":
        return False
    return label.name != "call" or not all(symbols(each) for each in label.args[1:])


def same_label(left: Node, right: Node) -> bool:
    """`W(n)` and `W(x)` name one function."""
    if left == right:
        return True
    if isinstance(left, Op) and isinstance(right, Op) and left.name == right.name == "call":
        letters = [each for side in (left, right) for each in side.args[1:]]
        return left.args[0] == right.args[0] and all(isinstance(n, Sym) for n in letters)
    return left == right


def same_relation(reference: Rel, answer: Rel, fuel: Fuel) -> bool | None:
    """Whether two relations have the same solutions, as far as evaluation can tell."""
    if len(reference.ops) != 1 or len(answer.ops) != 1 or reference.ops[0] in _UNORDERED | _ORDERED:
        return _same_chain(reference, answer, fuel)
    left, right = reference.ops[0], answer.ops[0]
    if right not in {left, _FLIPPED.get(left, left)}:
        return False
    if not all(scalar(term) for term in (*reference.terms, *answer.terms)):
        return None
    names = symbols(Seq(reference.terms))
    if names != symbols(Seq(answer.terms)):
        return False
    if not names - _called(*reference.terms, *answer.terms):
        # True or false, whatever it says: only the same thing is the same.
        return bool(_same_chain(reference, answer, fuel))
    differences = difference(reference), difference(answer)
    sign = factor_sign(*differences, fuel)
    if left in {"=", "~", "!="}:
        return True if sign else same_zeros(*differences, fuel)
    if sign is None:
        return None
    # A negative factor turns an inequality round.
    return bool(sign) and (sign > 0) == (left == right)


def _called(*nodes: Node) -> frozenset[str]:
    """Names of unknown functions: no values are tried for them."""
    return frozenset(
        n.args[0].name
        for node in nodes
        for n in walk(node)
        if isinstance(n, Op) and n.name == "call" and isinstance(n.args[0], Sym)
    )


def _same_chain(reference: Rel, answer: Rel, fuel: Fuel) -> bool | None:
    turned = Rel(answer.terms[::-1], tuple(_FLIPPED.get(op, op) for op in answer.ops[::-1]))
    for candidate in (answer, turned):
        if candidate.ops == reference.ops:
            pairs = zip(reference.terms, candidate.terms, strict=True)
            if all(_is_same_term(a, b, fuel) for a, b in pairs):
                return True
    return None if len(reference.ops) == len(answer.ops) else False


def _is_same_term(left: Node, right: Node, fuel: Fuel) -> bool:
    return left == right or (
        scalar(left) and scalar(right) and same_scalar(left, right, fuel) is True
    )


def difference(node: Rel) -> Node:
    """The function whose zeros solve an equation."""
    return Op("add", (node.terms[0], Op("neg", (node.terms[1],))))
