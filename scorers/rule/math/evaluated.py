"""Whether a right answer is worked out, where the question asks for the value of an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from math import gcd

from harmo.scorers.rule.math.echo import echoes
from harmo.scorers.rule.math.equality.compare import same
from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError, evaluate
from harmo.scorers.rule.math.equality.scalars import close
from harmo.scorers.rule.math.forms.question import Asked, expressions
from harmo.scorers.rule.math.side import Side, as_tree, read
from harmo.scorers.rule.math.syntax.clean import compact
from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.normal import bare, normal
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.rule.math.syntax.tree import (
    Node,
    Num,
    Op,
    Rel,
    Seq,
    Sym,
    children,
    symbols,
    walk,
)
from harmo.scorers.types import Sample, Score

FUEL = 40_000
"""Operations for the answer and as many for the question: what a worker may spend on a verdict."""
_DIGITS = re.compile(r"[-+]?\d[\d.,]*\Z")
_RECURRING = re.compile(r"\$?[-+]?\d{0,20}\.\d{0,20}\\(?:overline|bar|dot|widehat|hat)\b")
_STEPS = frozenset({"sqrt", "root", "log", "ln", "lg", "mod", "gcd", "lcm", "floor", "ceil", "abs"})
"""Functions that leave a whole number to be worked out, whatever the prompt says."""
_TEN = Num(Fraction(10))


def may_be_open(score: Score | None) -> bool:
    """True of the verdict that an answer is right, unless the answer is digits alone."""
    if score is None or score.value != 1.0:
        return False
    return _DIGITS.match(str(score.detail["answer"])) is None


def is_left_open(sample: Sample, reference: Side, answer: str) -> bool:
    r"""True if an answer that equals a plain number leaves open the value that the prompt asks for.

    The prompt writes out an expression whose value is the reference (`What is 51 * 99?`), and the
    answer is an expression again, not its value. It may be the prompt's own in any spelling, with
    its operands turned, as an equation (`x = 51 \cdot 99`, `51*99 = 99*51`) or with what changes
    nothing (`+0`, `^1`), or any other: `51(100-1)`, `5100-51`, `\sqrt{(51 \cdot 99)^2}`. Whatever
    the prompt says, `\sqrt{144}`, `\log_2 8` and `51 \bmod 7` leave a whole number open, and what
    changes nothing is no step: `5049 + 0`, `1 * 5049`.

    Values are a number, a recurring decimal, a fraction in lowest terms (unless a decimal is due
    and the prompt asks for just that fraction), an equation with the number on a side (`51*99 =
    5049`), a power of a number or multiple of a power of ten that the prompt does not have
    (`2^{10}` for `32*32`), an unreduced fraction for a sum (`10/12` for `1/2+1/3`), an exact form
    of what the reference rounds (`2\sqrt{2}` for 2.83), and the reference's own text.

    Args:
        sample: Its prompt is searched, once an answer is found that is not worked out.
        reference: One that the answer is equal to.
        answer: The text that was compared.
    """
    side, due = read(answer), as_tree(reference)
    if reference.number is None:
        return echoes(sample, reference, side)
    own_text = compact(reference.cleaned) == compact(side.cleaned)
    recurring = _RECURRING.match(side.cleaned) or _RECURRING.match(answer.strip())
    if reference.number is None or due is None or own_text or recurring:
        return False
    if side.tree is not None and all(_is_padded(leaf) for leaf in _leaves(side.tree)):
        return True
    terms = list(_terms(side))
    if len(terms) > 1:
        # `51*99 = 7` is wrong, `51*99 ~ 7` is taken for what it rounds.
        terms = [term for term in terms if _is_same(due, term)]
    if any(_is_done(term) for term in terms):
        return False
    if terms and _is_whole(due) and all(_is_step(term) for term in terms):
        return True
    asked = _asking(expressions(sample), reference)
    return bool(asked) and all(_is_open(term, due, asked) for term in terms)


def _terms(side: Side) -> Iterator[Node]:
    """What an answer says the value is: each side of an equation but the names, in normal form."""
    tree = side.tree
    if side.number is not None:
        try:
            tree = parse(side.quantity.number)
        except UnreadableError:
            tree = None
        if tree is None or not _is_calculation(tree):
            # `1 1/2` and what else is read as one number.
            tree = as_tree(side)
    if tree is not None:
        yield from (normal(term) for term in _leaves(tree) if not symbols(term))


def _leaves(tree: Node) -> Iterator[Node]:
    if isinstance(tree, Rel | Seq):
        for child in children(tree):
            yield from _leaves(child)
    else:
        yield tree


def _is_padded(leaf: Node) -> bool:
    """True for a sum, product or power that changes nothing: `4+0`, `1*4`; so it stays undone."""
    core = bare(leaf)
    named = any(isinstance(each, Sym) for each in walk(core))
    padding = isinstance(core, Op) and core.name in _PADDING and not named
    return padding and isinstance(normal(core), Num)


_PADDING = frozenset({"add", "mul", "pow"})


def _is_calculation(tree: Node) -> bool:
    """True for a number that is written as a quotient, or as a number times a power of ten."""
    node = bare(normal(tree))
    return isinstance(node, Op) and (_fraction(node) is not None or node.name == "mul")


def _fraction(node: Node) -> tuple[int, int] | None:
    """Numerator and denominator of a quotient of whole numbers."""
    if not (isinstance(node, Op) and node.name == "div"):
        return None
    top, bottom = node.args
    if isinstance(top, Num) and isinstance(bottom, Num):
        whole = top.value.denominator == bottom.value.denominator == 1
        return (top.value.numerator, bottom.value.numerator) if whole else None
    return None


def _is_reduced(node: Node) -> bool:
    """True for a fraction in lowest terms."""
    fraction = _fraction(node)
    return fraction is not None and gcd(*fraction) == 1


def _is_done(term: Node) -> bool:
    """True for what is final whatever the question: a number, a constant."""
    return isinstance(bare(term), Num | Sym)


@lru_cache(maxsize=512)
def _asking(asked: tuple[Asked, ...], reference: Side) -> tuple[Asked, ...]:
    """The expressions of a prompt that ask for the reference; siblings share both."""
    due = as_tree(reference)
    return tuple(each for each in asked if due is not None and _asks_for(each, reference, due))


def _asks_for(asked: Asked, reference: Side, due: Node) -> bool:
    """True if an expression's value is the reference and is not what is written already.

    A fraction in lowest terms is, unless a decimal is due in its place and it is asked for itself.
    """
    decimal = reference.number is not None and reference.number.places
    if _is_reduced(bare(asked.node)) and not (asked.direct and decimal):
        return False
    return _is_same(due, asked.node)


def _is_whole(due: Node) -> bool:
    return isinstance(due, Num) and due.value.denominator == 1


def _is_step(term: Node) -> bool:
    r"""True for `\sqrt{144}`, `\log_2 8`, `51 \bmod 7`: no final form of a whole number."""
    core = bare(term)
    return isinstance(core, Op) and core.name in _STEPS


def _is_same(due: Node, node: Node) -> bool:
    try:
        return same(due, node, Fuel(FUEL)) is True
    except OutOfFuelError:
        return False


def _is_open(term: Node, due: Node, asked: Sequence[Asked]) -> bool:
    """True for a term of an answer that is no further than the question."""
    core = bare(term)
    if any(term == each.node for each in asked):
        return True
    if _is_power(core) or _is_reduced(core):
        return False
    if (fraction := _fraction(core)) is not None:
        # `10/12` for 1/2 + 1/3 is worked out, `102/6` for 51/3 is not.
        whole = fraction[0] % fraction[1] == 0
        return whole or any(_fraction(bare(each.node)) is not None for each in asked)
    try:
        left, right = evaluate(due, Fuel(FUEL)), evaluate(term, Fuel(FUEL))
    except OutOfFuelError:
        return True
    # An exact form of what the reference rounds (a root, pi) is final.
    return left is None or right is None or close(left, right) is True


def _is_power(node: Node) -> bool:
    """True for a power of a number with a whole exponent, perhaps times a number: `5 * 10^3`."""
    if isinstance(node, Op) and node.name == "mul" and len(node.args) == 2:
        powers = [arg for arg in node.args if not isinstance(arg, Num)]
        ten = len(powers) == 1 and isinstance(powers[0], Op) and powers[0].args[:1] == (_TEN,)
        return ten and _is_power(powers[0])
    if not (isinstance(node, Op) and node.name == "pow"):
        return False
    base, exponent = node.args
    return (
        isinstance(base, Num)
        and isinstance(exponent, Num)
        and exponent.value.denominator == 1
        and abs(exponent.value) > 1
    )
