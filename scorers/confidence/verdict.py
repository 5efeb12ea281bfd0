"""How every rule says its verdict: a value with the confidence such verdicts earned."""

from __future__ import annotations

from enum import StrEnum

from harmo.scorers.confidence.calibration import confidence, kind_of, spoken
from harmo.scorers.confidence.unread import has_unread
from harmo.scorers.types import Reason, Sample, Score

MAX_REFERENCES = 64
MAX_REFERENCES_CHARS = 100_000
"""Of all accepted references together: no request may cost the service its time."""
MAX_DETAIL_CHARS = 200
"""Texts in a detail are cut to this."""


class Pair(StrEnum):
    """What kinds of answer were compared, reference first: a key of the calibration table."""

    NUM_NUM = "num-num"
    DECIMAL = "num-decimal"
    """Two numbers of which one is a decimal that may have been rounded."""
    EXPR_EXPR = "expr-expr"
    STRUCT_STRUCT = "struct-struct"
    """Tuples, sets, intervals, matrices, lists on both sides."""
    STRUCT_OTHER = "struct-other"
    RELATION = "relation"
    """An equation or inequality on either side."""
    QUANTITY = "quantity"
    """A number with a unit on either side."""
    PERCENT = "percent"
    TEMPORAL = "temporal"
    LETTER = "letter"
    WORD_WORD = "word-word"
    PHRASE = "phrase"
    """Words where rule.math might have found a number: there are many ways to say them."""
    NUM_WORD = "num-word"
    """A number or expression against words."""
    SYMBOLIC = "symbolic"
    """Settled by the symbolic verifier alone."""
    UNSETTLED = "unsettled"
    """Nothing here could tell, or the symbolic verifier's word was not borne out: not equal."""
    SAME_TEXT = "same-text"
    NO_ANSWER = "no_answer"
    CONFLICT = "conflict"
    UNEVALUATED = "unevaluated"
    """An expression where the prompt asks for its value."""
    WRONG_KIND = "wrong_kind"
    SCREENED = "screened"
    """The completion's expression is refused as too large to compare."""
    FAULT = "fault"
    """The completion's text made the rule fail; the reference alone does not."""
    BOX_BOX = "box-box"
    SHAPE_SHAPE = "shape-shape"
    """Outlines or masks on both sides."""
    POINTS = "points"
    """Points of a figure on both sides."""
    LABELS = "labels"
    ORDER = "order"
    ACTION = "action"
    TABLE = "table"
    FORMULA = "formula"
    JSON = "json"
    CODE = "code"
    PATTERN = "pattern"


def verdict(
    scorer: str, value: float, pair: Pair, *, prose: bool = False, **detail: object
) -> Score:
    """A score in [0, 1] whose confidence is what the calibration table gives such verdicts.

    With `prose` the answer was picked from running text: a kind of pair of its own. So is one of
    whose words nothing was read, and, where the detail has `settled_by`, what settled it.
    """
    shown = {key: _shown(each) for key, each in detail.items()}
    told = {"pair": f"{pair.value}/prose" if prose else pair.value, **shown}
    if has_unread(detail):
        told["unread"] = True
    return Score(
        value=value,
        confidence=confidence(scorer, spoken(value), kind_of(told)),
        detail=told,
    )


def unanswered(score: Score, why: str) -> Score:
    """0.0, for want of an answer part, in place of what a rule said of the empty text there.

    What it could not compare, such as a reference that is missing, stays an abstention; a rule that
    trips over the empty text does not.
    """
    if score.value is None and score.reason is not Reason.SCORER_ERROR:
        return score
    # That there is no answer is a fact: no model may stand in for it.
    detail = {**score.detail, "pair": Pair.NO_ANSWER.value, "why": why}
    return Score(value=0.0, confidence=1.0, detail=detail)


def _shown(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_DETAIL_CHARS:
        return value[:MAX_DETAIL_CHARS] + "…"
    return value


def accepted(sample: Sample) -> tuple[str, ...] | Reason:
    """The reference as the strings that are accepted, or why there are none to compare with.

    More than `MAX_REFERENCES`, or longer ones than `MAX_REFERENCES_CHARS`, cannot be read.
    """
    reference = sample.reference
    if reference is None:
        return Reason.NO_REFERENCE
    listed = reference if isinstance(reference, list | tuple) else [reference]
    if len(listed) > MAX_REFERENCES:
        return Reason.UNREADABLE_REFERENCE
    if sum(len(each) for each in listed if isinstance(each, str)) > MAX_REFERENCES_CHARS:
        return Reason.UNREADABLE_REFERENCE
    texts = tuple(text for each in listed if (text := _text(each)))
    return texts or Reason.UNREADABLE_REFERENCE


def _text(reference: object) -> str | None:
    if isinstance(reference, str):
        return reference.strip()
    if isinstance(reference, bool) or not isinstance(reference, int | float):
        return None
    return repr(reference)


def best(scores: list[Score]) -> Score:
    """The highest of the scores against several references; a value beats an abstention."""
    return max(scores, key=_rank)


def _rank(score: Score) -> float:
    return -1.0 if score.value is None else score.value
