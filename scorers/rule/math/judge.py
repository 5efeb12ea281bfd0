"""One reference against one answer: texts, numbers, dates, quantities, words, trees."""

from __future__ import annotations

import re

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.reading.numbers import Number
from harmo.scorers.reading.text import plain
from harmo.scorers.rule.math.equality.compare import compare, same
from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.rounding import Shown, rounded
from harmo.scorers.rule.math.equality.scalars import same_scalar
from harmo.scorers.rule.math.equality.values import inexact
from harmo.scorers.rule.math.equality.vectors import expanded, recounted
from harmo.scorers.rule.math.finding import Finding, Form, SettledBy
from harmo.scorers.rule.math.forms import units
from harmo.scorers.rule.math.forms.dates import same_moment
from harmo.scorers.rule.math.forms.figures import same_figure
from harmo.scorers.rule.math.forms.phrases import chemical_formula, reaction
from harmo.scorers.rule.math.forms.sentences import says
from harmo.scorers.rule.math.side import Side, as_tree, beside_unit, tree_form
from harmo.scorers.rule.math.syntax.clean import compact
from harmo.scorers.rule.math.syntax.tree import Node, Op, Rel, Seq, scalar, symbols

_MODULUS = re.compile(r"mod\}?[ {]{0,3}(\w{1,40})")
UNIT_TOLERANCE = 1e-6
"""Relative: conversion factors are floats."""


def judge(reference: Side, answer: Side, fuel: Fuel, *, percent_asked: bool = False) -> Finding:
    """Whether an answer is the reference; undecided where only a symbolic verifier may know.

    Args:
        reference: What is right.
        answer: What was said.
        fuel: Operations that may be spent.
        percent_asked: The prompt asks for a percentage: `50` and `50%` are the same.

    Raises:
        OutOfFuelError: If it takes more.
    """
    reference, answer = _beside(reference, answer), _beside(answer, reference)
    if _is_rate_for_number(reference, answer) and reference.cleaned != answer.cleaned:
        return Finding(equal=False, pair=Pair.QUANTITY, settled_by=SettledBy.QUANTITY)
    if _moduli_differ(reference, answer):
        return Finding(equal=False, pair=Pair.RELATION, settled_by=SettledBy.RELATION)
    if reference.number and answer.number and not _units_differ(reference, answer):
        return _numbers(reference, answer, percent_asked=percent_asked)
    # `1,234` beside a list is a list, too.
    lists = (reference.listed and _is_list(answer.tree)) or (
        answer.listed and _is_list(reference.tree)
    )
    if lists and reference.tree is not None and answer.tree is not None:
        return _trees(reference.tree, answer.tree, fuel)._replace(
            reference_form=tree_form(reference.tree), answer_form=tree_form(answer.tree)
        )
    found = _texts(reference, answer)
    if found is not None:
        return found
    if reference.wordy or answer.wordy:
        return _words(reference, answer)
    return _expressions(reference, answer, fuel, percent_asked=percent_asked)


def _is_list(tree: Node | None) -> bool:
    r"""True for items, and for a name in or equal to them: `x \in \{3, 5\}`."""
    if isinstance(tree, Rel) and tree.ops in {("=",), ("in",)}:
        tree = tree.terms[-1]
    return isinstance(tree, Seq)


def _beside(side: Side, other: Side) -> Side:
    """A side as it is to be read beside the other: letters are units where that has one."""
    lettered = other.quantity.unit and not side.quantity.unit and isinstance(side.tree, Op)
    return beside_unit(side) if lettered else side


def _is_rate_for_number(reference: Side, answer: Side) -> bool:
    """True if one side is `5 per second` and the other has no unit at all."""
    left, right = reference.quantity.unit, answer.quantity.unit
    return (left[:1] == "/" and not right) or (right[:1] == "/" and not left)


def _moduli_differ(reference: Side, answer: Side) -> bool:
    """True if both sides are residues, of different moduli."""
    if "mod" not in reference.text or "mod" not in answer.text:
        return False
    left, right = (set(_MODULUS.findall(side.text)) for side in (reference, answer))
    return bool(left and right) and left != right


def _units_differ(reference: Side, answer: Side) -> bool:
    """True if both sides have a unit and the texts of the units differ."""
    left, right = reference.quantity.unit, answer.quantity.unit
    return bool(left and right) and not units.same_unit(left, right)


def _numbers(reference: Side, answer: Side, *, percent_asked: bool) -> Finding:
    assert reference.number is not None  # noqa: S101 - the caller asked
    assert answer.number is not None  # noqa: S101
    has_unit = bool(reference.quantity.unit or answer.quantity.unit)
    pair = _number_pair(reference.number, answer.number, has_unit=has_unit)
    equal = (
        _percent_sign_missing(
            reference.number, answer.number, percent_asked=percent_asked, has_unit=has_unit
        )
        or reference.number.value == answer.number.value
        or rounded(_shown(reference.number), _shown(answer.number))
    )
    return Finding(equal, pair, SettledBy.NUMBER)


def _number_pair(reference: Number, answer: Number, *, has_unit: bool) -> Pair:
    if reference.percent != answer.percent:
        return Pair.PERCENT
    if reference.places or answer.places:
        return Pair.DECIMAL
    return Pair.QUANTITY if has_unit else Pair.NUM_NUM


def _percent_sign_missing(
    reference: Number, answer: Number, *, percent_asked: bool, has_unit: bool
) -> bool:
    """True for 28 where the reference is 28%; the other way round only if one was asked for."""
    if reference.percent == answer.percent or has_unit:
        return False
    signed, bare = (reference, answer) if reference.percent else (answer, reference)
    return (reference.percent or percent_asked) and bare.value == 100 * signed.value


def _shown(number: Number) -> Shown:
    places = number.places
    return Shown(number.value, places, exact=places is None and number.value.denominator != 1)


def _texts(reference: Side, answer: Side) -> Finding | None:
    """What the texts alone settle: equal ones, figures, dates and times, chemical formulas."""
    figure = same_figure(reference.text, answer.text)
    if figure is not None:
        return Finding(figure, Pair.EXPR_EXPR, SettledBy.SAME_TEXT)
    # `1_2` is no 12, though both read so without their marks.
    alike = (reference.number is None) == (answer.number is None)
    same_text = reference.cleaned and compact(reference.cleaned) == compact(answer.cleaned)
    if alike and same_text and not _units_differ(reference, answer):
        return Finding(equal=True, pair=Pair.SAME_TEXT, settled_by=SettledBy.SAME_TEXT)
    moment = same_moment(plain(reference.text), plain(answer.text))
    if moment is not None:
        return Finding(moment, Pair.TEMPORAL, SettledBy.DATE, Form.DATE, Form.DATE)
    left: object = chemical_formula(reference.cleaned) or reaction(reference.cleaned)
    right: object = chemical_formula(answer.cleaned, element=True) or reaction(answer.cleaned)
    if left and right:
        both = (Form.FORMULA, Form.FORMULA)
        return Finding(left == right, Pair.WORD_WORD, SettledBy.FORMULA, *both)
    return None


def _words(reference: Side, answer: Side) -> Finding:
    """Words against words or against a number; a number may be spelled out."""
    # Without punctuation `|x - 5|` and `x - 5` are the same words.
    alike = bool(reference.words) and reference.words == answer.words
    lettered = reference.wordy or reference.cleaned.replace(" ", "").isalpha()
    equal = (alike and lettered) or (reference.wordy and says(reference.words, answer.text))
    if equal or (reference.wordy and answer.wordy):
        return Finding(equal, Pair.PHRASE, SettledBy.WORDS)
    # Words that the parser does not know may still be an expression to the symbolic verifier.
    known = any(side.wordy and not _looks_symbolic(side) for side in (reference, answer))
    return Finding(False if known else None, Pair.NUM_WORD, SettledBy.WORDS)


def _looks_symbolic(side: Side) -> bool:
    text = compact(side.cleaned)
    return any(c in text for c in "\\=^<>")


def _expressions(reference: Side, answer: Side, fuel: Fuel, *, percent_asked: bool) -> Finding:
    left, right = as_tree(reference), as_tree(answer)
    if left is None or right is None:
        return Finding(None, Pair.NUM_WORD, SettledBy.UNDECIDED)
    if reference.quantity.unit and answer.quantity.unit:
        # Where the units differ only a worker may convert them.
        alike = units.same_unit(reference.quantity.unit, answer.quantity.unit)
        equal = same(left, right, fuel) if alike else None
        return Finding(equal, Pair.QUANTITY, SettledBy.QUANTITY)
    if "radian" in {side.quantity.unit.rstrip("s") for side in (reference, answer)}:
        return Finding(same_scalar(left, right, fuel), Pair.QUANTITY, SettledBy.QUANTITY)
    if percent_asked:
        left, right = _without_percent(left), _without_percent(right)
    return _trees(left, right, fuel)


def _without_percent(node: Node) -> Node:
    return node.args[0] if isinstance(node, Op) and node.name == "percent" else node


def converted(reference: Side, answer: Side, fuel: Fuel) -> Finding | None:
    """Two quantities brought to one unit; None where they are not two quantities.

    Slow the first time: pint loads its definitions. Only call it in a worker.
    """
    left, right = as_tree(reference), as_tree(answer)
    into, unit = reference.quantity.unit, answer.quantity.unit
    if not (into and unit) or left is None or right is None:
        return None
    conversion = units.conversion(unit, into)
    if conversion is None:
        # `3 apples` and `3 red apples`: the shorter unit says less and denies nothing.
        words = set(into.split()), set(unit.split())
        measured = units.physical(unit) and units.physical(into)
        related = not measured and (words[0] <= words[1] or words[1] <= words[0])
        equal = same(left, right, fuel) if related else False
        return Finding(equal, Pair.QUANTITY, SettledBy.QUANTITY)
    values = evaluate(left, fuel), evaluate(right, fuel)
    if values[0] is None or values[1] is None:
        return Finding(None, Pair.QUANTITY, SettledBy.UNDECIDED)
    due, given = inexact(values[0]), conversion.of(inexact(values[1]))
    equal = bool(abs(due - given) <= UNIT_TOLERANCE * max(abs(due), abs(given)))
    return Finding(equal, Pair.QUANTITY, SettledBy.QUANTITY)


def _trees(reference: Node, answer: Node, fuel: Fuel) -> Finding:
    # Whoever writes a determinant for a number leaves it to be worked out.
    reference, answer = expanded(reference), recounted(reference, answer)
    found = compare(reference, answer, fuel)
    if found.equal is not None or not (_constant(reference) and _constant(answer)):
        return found
    if evaluate(reference, fuel) is not None and evaluate(answer, fuel) is None:
        # The reference has a value and the answer has none within our bounds.
        return Finding(equal=False, pair=Pair.SCREENED, settled_by=SettledBy.SCREEN)
    return found


def _constant(node: Node) -> bool:
    return scalar(node) and not symbols(node)
