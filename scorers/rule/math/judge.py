"""One reference against one answer: texts, numbers, moments, quantities, words, trees."""

from __future__ import annotations

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.reading.numbers import Number
from harmo.scorers.reading.text import plain
from harmo.scorers.rule.math.equality.compare import Comparison, compare
from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.scalars import same_scalar
from harmo.scorers.rule.math.equality.vectors import recounted
from harmo.scorers.rule.math.forms import units
from harmo.scorers.rule.math.forms.dates import same_moment
from harmo.scorers.rule.math.forms.phrases import formula
from harmo.scorers.rule.math.forms.sentences import says
from harmo.scorers.rule.math.side import Reading, as_tree, read
from harmo.scorers.rule.math.syntax.clean import compact
from harmo.scorers.rule.math.syntax.tree import Node, Op, Seq, scalar, symbols


def judge(reference: str, answer: str, fuel: Fuel, *, percent_asked: bool = False) -> Comparison:
    """Whether an answer is the reference; undecided where only a symbolic verifier may know.

    Args:
        reference: At most `MAX_ANSWER_CHARS` of it.
        answer: The same.
        fuel: Operations that may be spent.
        percent_asked: The prompt asks for a percentage: `50` and `50%` are the same.

    Raises:
        OutOfFuelError: If it takes more.
    """
    wanted, said = read(reference), read(answer)
    if wanted.number is not None and said.number is not None and not _units_differ(wanted, said):
        return _numbers(wanted.number, said.number, wanted, said, percent_asked=percent_asked)
    g, p = wanted.tree, said.tree
    lists = (wanted.listed and isinstance(p, Seq)) or (said.listed and isinstance(g, Seq))
    if lists and g is not None and p is not None:
        return _trees(g, p, fuel)
    found = _texts(wanted, said)
    if found is not None:
        return found
    if wanted.wordy or said.wordy:
        return _words(wanted, said)
    return _expressions(wanted, said, fuel, percent_asked=percent_asked)


def _texts(wanted: Reading, said: Reading) -> Comparison | None:
    """What the texts alone settle: equal ones, dates and times, chemical formulas."""
    same_text = wanted.cleaned and compact(wanted.cleaned) == compact(said.cleaned)
    if same_text and not _units_differ(wanted, said):
        return Comparison(equal=True, pair=Pair.SAME_TEXT)
    moment = same_moment(plain(wanted.text), plain(said.text))
    if moment is not None:
        return Comparison(moment, Pair.TEMPORAL)
    substance, other = formula(wanted.cleaned), formula(said.cleaned, element=True)
    if substance and other:
        return Comparison(substance == other, Pair.WORD_WORD)
    return None


def _expressions(wanted: Reading, said: Reading, fuel: Fuel, *, percent_asked: bool) -> Comparison:
    g, p = as_tree(wanted), as_tree(said)
    if g is None or p is None:
        return Comparison(None, Pair.NUM_WORD)
    if wanted.quantity.unit and said.quantity.unit:
        return _quantities(wanted, said, g, p, fuel)
    if "radian" in {wanted.quantity.unit.rstrip("s"), said.quantity.unit.rstrip("s")}:
        return Comparison(same_scalar(g, p, fuel), Pair.QUANTITY)
    if percent_asked:
        g, p = _bare(g), _bare(p)
    return _trees(g, p, fuel)


def _bare(node: Node) -> Node:
    return node.args[0] if isinstance(node, Op) and node.name == "percent" else node


def _units_differ(wanted: Reading, said: Reading) -> bool:
    """True if both sides have a unit and the texts of the units differ."""
    a, b = wanted.quantity.unit, said.quantity.unit
    return bool(a and b) and not units.same_unit(a, b)


def _numbers(
    g: Number, p: Number, wanted: Reading, said: Reading, *, percent_asked: bool
) -> Comparison:
    has_unit = bool(wanted.quantity.unit or said.quantity.unit)
    pair = Pair.QUANTITY if has_unit else Pair.NUM_NUM
    if g.places or p.places:
        pair = Pair.DECIMAL
    if g.percent != p.percent:
        pair = Pair.PERCENT
        # A percentage whose sign is left out; a sign where none belongs only if one was asked for.
        sign, bare = (g, p) if g.percent else (p, g)
        if (g.percent or percent_asked) and not has_unit and bare.value == 100 * sign.value:
            return Comparison(equal=True, pair=pair)
    if g.value == p.value:
        return Comparison(equal=True, pair=pair)
    return Comparison(rounded(g, p), pair)


def rounded(g: Number, p: Number) -> bool:
    """True if one number is a decimal and the other rounds to it, to enough digits."""
    if g.places and p.places:
        coarse, fine = (g, p) if g.places < p.places else (p, g)
        return (coarse.places or 0) >= 3 and g.places != p.places and fine.rounds_to(coarse)
    if not (g.places or p.places):
        return False
    coarse, fine = (g, p) if g.places else (p, g)
    # A reference may be coarser than an answer: the answer is then the exact number.
    digits = 2 if g.places else 3
    return fine.value.denominator != 1 and fine.rounds_to(coarse, digits=digits)


def _words(wanted: Reading, said: Reading) -> Comparison:
    """Words against words or against a number; a number may be spelled out."""
    if wanted.wordy and said.wordy:
        same = wanted.words == said.words or says(wanted.words, said.text)
        return Comparison(same, Pair.PHRASE)
    if wanted.words and (
        wanted.words == said.words or (wanted.wordy and says(wanted.words, said.text))
    ):
        return Comparison(equal=True, pair=Pair.PHRASE)
    # Words that the parser does not know may still be an expression to the symbolic verifier.
    known = (wanted.wordy and not _looks_symbolic(wanted)) or (
        said.wordy and not _looks_symbolic(said)
    )
    return Comparison(False if known else None, Pair.NUM_WORD)


def _looks_symbolic(reading: Reading) -> bool:
    text = compact(reading.cleaned)
    return any(c in text for c in "\\=^<>")


def _quantities(wanted: Reading, said: Reading, g: Node, p: Node, fuel: Fuel) -> Comparison:
    """Two numbers with units; where the units differ only a worker may convert them."""
    if units.same_unit(wanted.quantity.unit, said.quantity.unit):
        return Comparison(compare(g, p, fuel).equal, Pair.QUANTITY)
    return Comparison(None, Pair.QUANTITY)


def converted(reference: str, answer: str, fuel: Fuel) -> Comparison | None:
    """Two quantities brought to one unit; None where they are not two quantities.

    Slow the first time: pint loads its definitions. Only call it in a worker.
    """
    wanted, said = read(reference), read(answer)
    g, p = as_tree(wanted), as_tree(said)
    if not (wanted.quantity.unit and said.quantity.unit) or g is None or p is None:
        return None
    scale = units.factor(said.quantity.unit, wanted.quantity.unit)
    if scale is None:
        words = [set(side.quantity.unit.split()) for side in (wanted, said)]
        related = words[0] <= words[1] or words[1] <= words[0]
        same = compare(g, p, fuel).equal if related else False
        return Comparison(same, Pair.QUANTITY)
    left, right = evaluate(g, fuel), evaluate(p, fuel)
    if left is None or right is None:
        return Comparison(None, Pair.QUANTITY)
    # Six digits: conversion factors are floats.
    want, have = complex(left), complex(right) * scale[0] + scale[1]
    return Comparison(abs(want - have) <= 1e-6 * max(abs(want), abs(have)), Pair.QUANTITY)


def _trees(g: Node, p: Node, fuel: Fuel) -> Comparison:
    p = recounted(g, p)
    found = compare(g, p, fuel)
    constants = scalar(g) and scalar(p) and not symbols(g) | symbols(p)
    if found.equal is not None or not constants:
        return found
    if evaluate(g, fuel) is not None and evaluate(p, fuel) is None:
        # The reference has a value and the answer has none within our bounds.
        return Comparison(equal=False, pair=Pair.SCREENED)
    return found
