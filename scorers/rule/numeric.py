"""rule.numeric, rule.count and rule.chart_relaxed: one number, right or near enough.

Short calculations are read with rule.math's two public rooms, `syntax` and `equality`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.around.within import within
from harmo.scorers.reading.decision.amounts import amount, charted, is_dated, lone, near, signed
from harmo.scorers.reading.decision.counts import counted, is_tautology, none_or_one
from harmo.scorers.reading.decision.short import says
from harmo.scorers.reading.extract import MAX_ANSWER_CHARS, NUMBER, Answer, candidates, short_answer
from harmo.scorers.reading.numbers import Number, read_number
from harmo.scorers.reading.text import plain
from harmo.scorers.reading.words import read_lettered, read_words
from harmo.scorers.registry import scorer
from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError, evaluate
from harmo.scorers.rule.math.syntax.clean import clean
from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.rule.math.syntax.tree import scalar, symbols
from harmo.scorers.types import Reason, Sample, Score

MAX_CALCULATION_CHARS = 64
MAX_BITS = 4096
"""Of a calculation's value: `10^{9999}` is no number to compare, and too long to write out."""


@scorer(
    "rule.numeric",
    on_loop=True,
    by_text=True,
    near_enough=lambda atol=0.0, rtol=1e-6, **_: atol > 0 or rtol > 1e-5,
)
@settled("rule.numeric")
def numeric(sample: Sample, *, atol: float = 0.0, rtol: float = 1e-6) -> Score:
    """1.0 if the completion's one number is near enough to the reference, else 0.0.

    Near enough: |answer - reference| <= max(atol, rtol * |reference|). Digits, fractions,
    percentages, e-notation and number words are read; `1,234` is 1234, `about 5` is 5. Wrong: no
    number, several different ones, a bound (`less than 5`), a denied one (`not 5`). Abstains where
    the reference is missing or is not one number. `5` for `5.0000001` is 1.0, `4 or 5` 0.0.

    Args:
        sample: Its reference is a number, or a list of accepted ones.
        atol: Absolute tolerance.
        rtol: Tolerance relative to the reference.
    """
    references = _numbers(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    answer = one_number(sample)
    if answer.number is None:
        return verdict("rule.numeric", 0.0, answer.pair, answer=answer.text)
    scores: list[Score] = []
    for reference in (number.value for number in references):
        allowed = max(Fraction(atol), Fraction(rtol) * abs(reference))
        near = abs(answer.number.value - reference) <= allowed
        scores.append(
            verdict(
                "rule.numeric",
                float(near),
                answer.pair,
                prose=answer.prose,
                answer=answer.text,
                reference=str(float_or_text(reference)),
            )
        )
    return best(scores)


@scorer("rule.count", on_loop=True, by_text=True)
@settled("rule.count")
def count(sample: Sample, *, partial: bool = False) -> Score:
    """1.0 if the completion's one whole number is the reference, else 0.0 (or a part of it).

    With `partial` a wrong count gets max(0, 1 - |answer - reference| / max(reference, 1)). Number
    words count ("three"), so do `none` and `there are no dogs`. Of a sentence that goes on (`3 bars
    with values below 40`) the count it states first. Wrong: no whole number, several different
    ones, a bound (`at most 5`), an estimate (`about 5`: who counts need not guess). Abstains where
    the reference is missing or is not a whole number.

    Args:
        sample: Its reference is a whole number, or a list of accepted ones.
        partial: Near misses earn a part.
    """
    references = _numbers(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    wholes = [int(each.value) for each in references if each.value.denominator == 1]
    if not wholes:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    answer = _counted(sample, one_number(sample))
    if answer.number is None and not answer.about:
        return verdict("rule.count", 0.0, answer.pair, answer=answer.text)
    if answer.about or answer.number is None or answer.number.value.denominator != 1:
        return verdict("rule.count", 0.0, Pair.WRONG_KIND, answer=answer.text)
    return best(
        [
            verdict(
                "rule.count",
                _credit(reference, int(answer.number.value), partial=partial),
                answer.pair,
                prose=answer.prose,
                answer=answer.text,
                reference=str(reference),
            )
            for reference in wholes
        ]
    )


def _counted(sample: Sample, answer: OneNumber) -> OneNumber:
    """The count of a sentence that goes on; 0 for `there are no ...`, 1 for `only one`."""
    bound = next(candidates(sample.text, ("box", "tag"), delimited=sample.delimited), None)
    text = (sample.text if bound is None else bound.text)[-MAX_ANSWER_CHARS:]
    open_ = bound is not None and bound.conflicting
    if not open_ and (answer.prose or answer.number is None) and (number := counted(text)):
        return OneNumber(answer.text, number, Pair.NUM_NUM, prose=True)
    if answer.number is not None or answer.pair is not Pair.NO_ANSWER:
        return answer
    number = none_or_one(answer.text[:MAX_ANSWER_CHARS])
    return answer if number is None else OneNumber(answer.text, number, Pair.NUM_WORD)


def _credit(reference: int, answer: int, *, partial: bool) -> float:
    if reference == answer or not partial:
        return float(reference == answer)
    # As a ratio of integers: huge counts must not overflow.
    miss = Fraction(abs(answer - reference), max(reference, 1))
    return max(0.0, float(1 - min(miss, Fraction(1))))


class OneNumber(NamedTuple):
    """What a completion gives where one number is asked for."""

    text: str
    """Of its answer."""
    number: Number | None
    """None for no number, or several."""
    pair: Pair
    """The kind of pair that it makes with a number."""
    prose: bool = False
    """Picked from running text."""
    about: bool = False
    """An estimate: `about 5`."""


Read = Callable[[str], Number | None]
"""Reads the number that a text is."""


def one_number(sample: Sample, read: Read | None = None) -> OneNumber:
    """The one number that a completion gives as its answer.

    Args:
        sample: Its text holds the answer.
        read: Reads a text that is a number; `read_any` for None.
    """
    read = read or read_any
    first = ""
    if is_tautology(sample.text):
        return OneNumber(sample.text, None, Pair.WRONG_KIND)
    for answer in candidates(sample.text, NUMBER, delimited=sample.delimited):
        first = first or answer.text
        if answer.conflicting:
            return OneNumber(answer.text, _agreed(answer, read), Pair.CONFLICT)
        number, sign = read(answer.text), signed(answer.text)
        words = lone(plain(answer.text))
        if sign.bounded or (words is not None and words.around.bounded):
            return OneNumber(answer.text, None, Pair.WRONG_KIND)
        if number and answer.how == "number":
            return _in_prose(sample.text, answer.text, number)
        if number:
            return OneNumber(answer.text, number, Pair.NUM_NUM, about=sign.about)
        if found := _only(answer):
            return found
        if answer.how == "number":
            return OneNumber(answer.text, None, Pair.CONFLICT)
    return OneNumber(first, None, Pair.NO_ANSWER)


def _in_prose(text: str, picked: str, number: Number) -> OneNumber:
    """A number picked from running text, unless the words around it bound or deny it."""
    before, _, after = text.rpartition(picked)
    around = near(before.rpartition("\n")[2].rpartition(". ")[2], after, number)
    if around.bounded:
        return OneNumber(picked, None, Pair.WRONG_KIND)
    return OneNumber(picked, number, Pair.NUM_NUM, prose=True, about=around.about)


def read_any(text: str) -> Number | None:
    """The number that a text is, in digits or in words."""
    return read_number(text) or read_lettered(text) or read_words(text) or _computed(text)


def _computed(text: str) -> Number | None:
    """A short calculation's exact value: `5²`, `3 * 4`."""
    if len(text) > MAX_CALCULATION_CHARS or not any(c.isdigit() for c in text):
        return None
    if not text.isascii() and within(text) > Stance.BOUNDED:
        return None
    try:
        tree = parse(clean(text))
        value = evaluate(tree, Fuel(40)) if scalar(tree) and not symbols(tree) else None
    except (UnreadableError, OutOfFuelError):
        return None
    if not isinstance(value, Fraction):
        return None
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    return Number(value=value) if bits <= MAX_BITS else None


def float_or_text(value: Fraction) -> float | str:
    """A fraction as a float where it fits one, else written out."""
    return float(value) if abs(value) < Fraction(10) ** 300 else str(value)


def _agreed(answer: Answer, read: Read) -> Number | None:
    numbers = [read(text) for text in answer.distinct]
    values = {None if number is None else number.value for number in numbers}
    return numbers[0] if len(values) == 1 else None


def _only(answer: Answer) -> OneNumber | None:
    """The one number that stands among words: `5 red cars`, not `4 or 5` nor `at most 5`."""
    found = None if answer.how == "number" else lone(plain(answer.text))
    if found is None:
        return None
    if found.around.bounded:
        return OneNumber(answer.text, None, Pair.WRONG_KIND)
    return OneNumber(answer.text, found.number, Pair.NUM_WORD, about=found.around.about)


def _numbers(sample: Sample) -> list[Number] | Reason:
    texts = accepted(sample)
    if isinstance(texts, Reason):
        return texts
    read = [number for text in texts if (number := read_any(text))]
    return read or Reason.UNREADABLE_REFERENCE


@scorer("rule.chart_relaxed", on_loop=True, by_text=True, self_answer="boxed", near_enough=True)
@settled("rule.chart_relaxed")
def chart_relaxed(sample: Sample, *, tolerance: float = 0.05) -> Score:
    """1.0 if the completion's value is within 5% of the reference's, or its words are the same.

    |answer - reference| <= tolerance * |reference| (Masry et al. 2022, arXiv:2203.10244, with the
    absolute value); 0 and years (1800 to 2100, no sign beside them) exactly. `$1.2bn`, `(3.5)` for
    -3.5, `2k`, `12 kg` are read; another unit is wrong, none is not. A percent sign may be missing
    on either side. Other references (`2010/11`, `18-24`, `2000s`) as in `rule.exact`. Wrong: no
    answer, several, bounds, words for a number. Abstains where there is no reference.

    Args:
        sample: Its reference is a number or a label, or a list of accepted ones.
        tolerance: Relative tolerance for numbers.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    return best([_relaxed(sample, reference, tolerance) for reference in references])


def _relaxed(sample: Sample, reference: str, tolerance: float) -> Score:
    asked = amount(reference)
    if asked is None:
        return _label(sample, reference)
    answer = one_number(sample, charted)
    given = amount(answer.text)
    near_enough = (
        answer.number is not None
        and (asked.plain or not is_dated(answer.text))
        and (given is None or asked.in_unit_of(given))
        and asked.allows(answer.number, tolerance)
    )
    return verdict(
        "rule.chart_relaxed",
        float(near_enough),
        answer.pair,
        prose=answer.prose,
        answer=answer.text,
        reference=reference,
    )


def _label(sample: Sample, reference: str) -> Score:
    """The verdict on words for a reference that is no number."""
    answer = short_answer(sample)
    equal = all(says(text, reference, sample.prompt_text) for text in answer.each)
    pair = Pair.WORD_WORD if answer.text else Pair.NO_ANSWER
    return verdict(
        "rule.chart_relaxed", float(equal), pair, answer=answer.text, reference=reference
    )
