"""What comparing a reference with an answer finds, and the words that say so in a detail."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from harmo.scorers.confidence.verdict import Pair


class SettledBy(StrEnum):
    """What settled a verdict."""

    NUMBER = "number"
    """Two plain numbers: they are the same, or one rounds to the other."""
    SAME_TEXT = "same_text"
    """The texts are the same, up to typesetting."""
    DATE = "date"
    """Two dates, or two times of day."""
    FORMULA = "formula"
    """Two chemical formulas."""
    WORDS = "words"
    """A side is words: the other has the same ones, spelled or in a sentence, or it has not."""
    QUANTITY = "quantity"
    """Both sides have a unit, or one is in radians: the values are compared in one unit."""
    RELATION = "relation"
    """A side is an equation or inequality: the value it names, or what solves it."""
    STRUCTURE = "structure"
    """A side is a tuple, set, list, interval or matrix: item by item."""
    EVALUATION = "evaluation"
    """Two expressions: their values, at several points if they have symbols."""
    SYMBOLIC = "symbolic"
    """The symbolic verifier, Math-Verify."""
    OPTION = "option"
    """The reference is an option: the letter that the answer chooses, or that it chooses none."""
    SCREEN = "screen"
    """The answer is too long, too deep or too large to compare."""
    CONFLICT = "conflict"
    """Different answers are boxed or tagged, and they are not the reference together."""
    UNEVALUATED = "unevaluated"
    """The value is right, but the answer leaves open what the prompt asks to work out."""
    NO_ANSWER = "no_answer"
    UNDECIDED = "undecided"
    """Nothing could tell, the symbolic verifier included: not called equal."""


class Form(StrEnum):
    """What a side was read as."""

    NUMBER = "number"
    """In digits, or in words that spell one."""
    QUANTITY = "quantity"
    """A number or expression with a unit."""
    EXPRESSION = "expression"
    RELATION = "relation"
    """An equation or inequality, chains of them included."""
    TUPLE = "tuple"
    """Items in round or square brackets: points, vectors, intervals."""
    SET = "set"
    """Items in braces, unions and the like, named sets."""
    LIST = "list"
    """Items without brackets."""
    MATRIX = "matrix"
    DATE = "date"
    """A date or a time of day."""
    FORMULA = "formula"
    """Of chemistry."""
    WORDS = "words"
    OPTION = "option"
    """The letter of an option."""
    SEVERAL = "several"
    """Different answers, each boxed or tagged by itself."""
    OTHER = "other"
    """Nothing that the parser knows; the symbolic verifier may."""
    TOO_LONG = "too_long"
    """Not read."""
    NONE = "none"
    """There is no answer."""


class Finding(NamedTuple):
    """What a comparison found."""

    equal: bool | None
    """None: undecided here, the symbolic verifier may know."""
    pair: Pair
    settled_by: SettledBy
    reference_form: Form | None = None
    """What the reference was read as, where that is not the form it has by itself."""
    answer_form: Form | None = None
    """The same of the answer."""


NO_ANSWER = Finding(equal=False, pair=Pair.NO_ANSWER, settled_by=SettledBy.NO_ANSWER)
LEFT_OPEN = Finding(equal=False, pair=Pair.UNEVALUATED, settled_by=SettledBy.UNEVALUATED)
SCREENED = Finding(equal=False, pair=Pair.SCREENED, settled_by=SettledBy.SCREEN)
