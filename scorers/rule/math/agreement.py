"""What our own reading leaves open, settled: converted, or said by Math-Verify and borne out here.

Math-Verify also compares what are not the same kind of thing, and calls some of it equal. Its word
counts where both sides are read here, are of one kind, have the same symbols, and agree at points.
"""

from __future__ import annotations

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math import symbolic
from harmo.scorers.rule.math.equality.equations import difference
from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.scalars import close, points
from harmo.scorers.rule.math.equality.zeros import shared_zeros
from harmo.scorers.rule.math.finding import SCREENED, Finding, SettledBy
from harmo.scorers.rule.math.judge import converted
from harmo.scorers.rule.math.screen import refusal
from harmo.scorers.rule.math.side import Side, as_tree
from harmo.scorers.rule.math.syntax.tree import Node, Rel, Seq, scalar, symbols

AGREED = 2
"""Points or zeros at which both sides must agree, and none at which they do not."""
UNSETTLED = Finding(equal=False, pair=Pair.UNSETTLED, settled_by=SettledBy.UNDECIDED)


def settle(reference: Side, answer: Side, fuel: Fuel) -> Finding:
    """What conversion and the symbolic verifier make of a pair that `judge` leaves open.

    Only call it in a worker.

    Args:
        reference: What is right.
        answer: What was said.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more.
    """
    quantity = converted(reference, answer, fuel)
    if quantity is not None and quantity.equal is not None:
        return quantity
    if refusal(answer.text):
        return SCREENED
    left, right = as_tree(reference), as_tree(answer)
    if refusal(reference.text) or left is None or right is None or not borne_out(left, right, fuel):
        return UNSETTLED
    if not symbolic.equivalent(reference.text, answer.text):
        return UNSETTLED
    return Finding(equal=True, pair=Pair.SYMBOLIC, settled_by=SettledBy.SYMBOLIC)


def borne_out(reference: Node, answer: Node, fuel: Fuel) -> bool:
    """True if two trees are of one kind, have the same symbols, and agree wherever they are tried.

    Args:
        reference: What is right.
        answer: What was said.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more.
    """
    if symbols(reference) != symbols(answer):
        return False
    if scalar(reference) and scalar(answer):
        return _agree(reference, answer, fuel)
    if isinstance(reference, Rel) and isinstance(answer, Rel):
        return _alike(reference, answer, fuel)
    if isinstance(reference, Seq) and isinstance(answer, Seq):
        pairs = list(zip(reference.items, answer.items, strict=False))
        brackets = (reference.opening, reference.closing) == (answer.opening, answer.closing)
        same_size = len(reference.items) == len(answer.items)
        return brackets and same_size and all(borne_out(*pair, fuel) for pair in pairs)
    return False


def _agree(reference: Node, answer: Node, fuel: Fuel) -> bool:
    """True if two expressions have the same values, at one point if they have no symbols."""
    names = sorted(symbols(reference))
    agreed = 0
    for point in points(names, negative=True):
        left, right = evaluate(reference, fuel, point), evaluate(answer, fuel, point)
        same = None if left is None or right is None else close(left, right)
        if same is False:
            return False
        agreed += same is True
    return agreed >= AGREED


def _alike(reference: Rel, answer: Rel, fuel: Fuel) -> bool:
    """True if two equations share the zeros that can be found of either."""
    if reference.ops != answer.ops or reference.ops != ("=",) or not symbols(reference):
        return False
    if not all(scalar(term) for term in (*reference.terms, *answer.terms)):
        return False
    shared = shared_zeros(difference(reference), difference(answer), fuel)
    return shared is not None and shared >= AGREED
