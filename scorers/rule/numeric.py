"""rule.numeric, rule.count and rule.chart_relaxed: one number, right or near enough."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.extract import MAX_ANSWER_CHARS, NUMBER, Answer, candidates, short_answer
from harmo.scorers.reading.numbers import Number, read_number
from harmo.scorers.reading.text import plain, squad
from harmo.scorers.reading.words import read_lettered, read_word, read_words
from harmo.scorers.registry import scorer
from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError, evaluate
from harmo.scorers.rule.math.syntax.clean import clean
from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.rule.math.syntax.tree import scalar, symbols
from harmo.scorers.types import Reason, Sample, Score

MAX_CALCULATION_CHARS = 64
_YEARS = range(1800, 2101)
_NONE = re.compile(r"(?i)\bthere (?:is|are) no\b|\bnone\b|\b(?:is|are)(?:n't| not) any\b")
_ONE = re.compile(r"(?i)\b(?:only|exactly|just|there is) one\b")


@scorer("rule.numeric", on_loop=True, by_text=True)
def numeric(sample: Sample, *, atol: float = 0.0, rtol: float = 1e-6) -> Score:
    """1.0 if the completion's one number is near enough to the reference, else 0.0.

    Near enough: |p - g| <= max(atol, rtol * |g|). Digits, fractions, percentages, e-notation and
    number words are read; `1,234` is 1234. Wrong: no number, or several different ones. Abstains
    where the reference is missing or is not one number. `5` for `5.0000001` is 1.0, `4 or 5` 0.0.

    Args:
        sample: Its reference is a number, or a list of accepted ones.
        atol: Absolute tolerance.
        rtol: Tolerance relative to the reference.
    """
    references = _numbers(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    answer, number, pair, prose = one_number(sample)
    if number is None:
        return verdict("rule.numeric", 0.0, pair, answer=answer)
    return best(
        [
            verdict(
                "rule.numeric",
                float(abs(number.value - g) <= max(Fraction(atol), Fraction(rtol) * abs(g))),
                pair,
                prose=prose,
                answer=answer,
                reference=str(float_or_text(g)),
            )
            for g in (reference.value for reference in references)
        ]
    )


@scorer("rule.count", on_loop=True, by_text=True)
def count(sample: Sample, *, partial: bool = False) -> Score:
    """1.0 if the completion's one whole number is the reference, else 0.0 (or a part of it).

    With `partial` a wrong count p for g gets max(0, 1 - |p - g| / max(g, 1)). Number words count
    ("three"). Wrong: no whole number, or several different ones. Abstains where the reference is
    missing or is not a whole number.

    Args:
        sample: Its reference is a whole number, or a list of accepted ones.
        partial: Near misses earn a part.
    """
    references = _numbers(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    wholes = [int(g.value) for g in references if g.value.denominator == 1]
    if not wholes:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    answer, number, pair, prose = one_number(sample)
    if number is None and pair is Pair.NO_ANSWER:
        none, one = _NONE.search(answer[:MAX_ANSWER_CHARS]), _ONE.search(answer[:MAX_ANSWER_CHARS])
        if (none is None) != (one is None):
            number, pair = Number(value=Fraction(0 if none else 1)), Pair.NUM_WORD
    if number is None or number.value.denominator != 1:
        kind = pair if number is None else Pair.WRONG_KIND
        return verdict("rule.count", 0.0, kind, answer=answer)
    return best(
        [
            verdict(
                "rule.count",
                _credit(int(number.value), g, partial=partial),
                pair,
                prose=prose,
                answer=answer,
                reference=str(g),
            )
            for g in wholes
        ]
    )


def _credit(p: int, g: int, *, partial: bool) -> float:
    if p == g or not partial:
        return float(p == g)
    # As a ratio of integers: huge counts must not overflow.
    return max(0.0, float(1 - min(Fraction(abs(p - g), max(g, 1)), Fraction(1))))


class Found(NamedTuple):
    """What was found where one number is asked for."""

    text: str
    number: Number | None
    """None for no number, or several."""
    pair: Pair
    prose: bool = False
    """Picked from running text."""


def one_number(sample: Sample) -> Found:
    """The one number that a completion gives as its answer."""
    seen = ""
    for answer in candidates(sample.text, NUMBER, delimited=sample.delimited):
        seen = seen or answer.text
        if answer.conflicting:
            return Found(answer.text, _agreed(answer), Pair.CONFLICT)
        if number := read_any(answer.text):
            return Found(answer.text, number, Pair.NUM_NUM, answer.how == "number")
        if number := _only(answer):
            return Found(answer.text, number, Pair.NUM_WORD)
        if answer.how == "number":
            return Found(answer.text, None, Pair.CONFLICT)
    return Found(seen, None, Pair.NO_ANSWER)


def read_any(text: str) -> Number | None:
    """The number that a text is, in digits or in words."""
    return read_number(text) or read_lettered(text) or read_words(text) or _computed(text)


def _computed(text: str) -> Number | None:
    """A short calculation's exact value: `5²`, `3 * 4`."""
    if len(text) > MAX_CALCULATION_CHARS or not any(c.isdigit() for c in text):
        return None
    try:
        tree = parse(clean(text))
        value = evaluate(tree, Fuel(40)) if scalar(tree) and not symbols(tree) else None
    except (UnreadableError, OutOfFuelError):
        return None
    return Number(value=value) if isinstance(value, Fraction) else None


def float_or_text(value: Fraction) -> float | str:
    """A fraction as a float where it fits one, else written out."""
    return float(value) if abs(value) < Fraction(10) ** 300 else str(value)


def _agreed(answer: Answer) -> Number | None:
    numbers = [read_any(part) for part in answer.parts]
    values = {None if number is None else number.value for number in numbers}
    return numbers[0] if len(values) == 1 else None


def _only(answer: Answer) -> Number | None:
    """The one number that stands among words: `5 red cars`, not `4 or 5`."""
    if answer.how == "number":
        return None
    numbers = [number for word in answer.text.split()[:60] if (number := read_word(word))]
    return numbers[0] if len({number.value for number in numbers}) == 1 else None


def _numbers(sample: Sample) -> list[Number] | Reason:
    texts = accepted(sample)
    if isinstance(texts, Reason):
        return texts
    read = [number for text in texts if (number := read_any(text))]
    return read or Reason.UNREADABLE_REFERENCE


@scorer("rule.chart_relaxed", on_loop=True, by_text=True)
def chart_relaxed(sample: Sample, *, tolerance: float = 0.05) -> Score:
    """1.0 if the completion's value is within 5% of the reference's, or its words are the same.

    |p - g| <= tolerance * |g| (Masry et al. 2022, arXiv:2203.10244, with the absolute value of g);
    g = 0 and years (whole numbers from 1800 to 2100) exactly. A percent sign may be missing on
    either side. Other references in the normal form of `rule.exact`. Wrong: no answer, several
    different ones, words for a number. Abstains where the reference is missing or empty.

    Args:
        sample: Its reference is a number or a label, or a list of accepted ones.
        tolerance: Relative tolerance for numbers.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    return best([_relaxed(sample, g, tolerance) for g in references])


def _relaxed(sample: Sample, reference: str, tolerance: float) -> Score:
    wanted = read_any(reference)
    if wanted is None:
        answer, parts = short_answer(sample)
        words = squad(plain(reference)) or reference
        equal = bool(parts) and all((squad(plain(part)) or part) == words for part in parts)
        pair = Pair.WORD_WORD if answer else Pair.NO_ANSWER
        return verdict("rule.chart_relaxed", float(equal), pair, answer=answer, reference=reference)
    answer, said, pair, prose = one_number(sample)
    equal = said is not None and any(
        abs(p - wanted.value) <= _allowance(wanted, tolerance) for p in _readings(said, wanted)
    )
    return verdict(
        "rule.chart_relaxed", float(equal), pair, prose=prose, answer=answer, reference=reference
    )


def _allowance(wanted: Number, tolerance: float) -> Fraction:
    if wanted.value in _YEARS and not wanted.places:
        return Fraction(0)
    return Fraction(tolerance) * abs(wanted.value)


def _readings(said: Number, wanted: Number) -> list[Fraction]:
    """The answer's value, and what it would be with the reference's percent sign."""
    if said.percent == wanted.percent:
        return [said.value]
    return [said.value, said.value * 100 if said.percent else said.value / 100]
