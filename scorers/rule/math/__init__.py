"""rule.math: extract, fast path, normalise, evaluate, screen, verify in a worker, verdict.

`extract` finds the answer; `numbers` settles plain ones; `clean`, `lex` and `parse` make a tree;
`compare` and its kin evaluate it; `screen` says what must not reach `symbolic`, which is
Math-Verify. All but the last two steps also run in the service's own process, on an allowance of
operations. The rooms `syntax` and `equality` are open to other rules.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial

from harmo.scorers.confidence.faults import attempt, settled, tried
from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.extract import MAX_ANSWER_CHARS
from harmo.scorers.reading.options import chosen
from harmo.scorers.reading.text import plain
from harmo.scorers.registry import scorer
from harmo.scorers.rule.math import symbolic
from harmo.scorers.rule.math.agreement import settle
from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError
from harmo.scorers.rule.math.evaluated import is_left_open, may_be_open
from harmo.scorers.rule.math.finding import LEFT_OPEN, NO_ANSWER, SCREENED, Finding, Form, SettledBy
from harmo.scorers.rule.math.forms.question import MAX_PROMPT_CHARS, asks_for, asks_percent
from harmo.scorers.rule.math.judge import judge
from harmo.scorers.rule.math.pick import Picked, asks_bound, pick, result_of
from harmo.scorers.rule.math.screen import refusal
from harmo.scorers.rule.math.side import Side, read
from harmo.scorers.rule.math.statements import label
from harmo.scorers.types import Reason, Sample, Score

INLINE_FUEL = 300
"""Operations allowed in the service's own process: a few milliseconds at the very most."""
WORKER_FUEL = 40_000
MAX_CACHED_CHARS = 256
_INTEGER = re.compile(r"-?[0-9]{1,40}\Z")
_PERCENT = re.compile(r"[%％﹪]|percent|pct|per cent")
_BOUND = re.compile(r"least|most|up to|imum|bound|or equal|\\[lg]e|[≤≥]|[<>]=")
_OPTION = re.compile(r"\(?([A-J])(?:\)?\Z|(?:\)|[.:]) (\S.*))", re.DOTALL)
"""A letter of the options, perhaps with the option's text."""


@tried
def inline(sample: Sample, *, evaluated: bool = False) -> Score | None:
    """The verdict where it can be told without SymPy; None to ask the worker."""
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    text = sample.text.strip()
    if len(references) == 1 and len(text) + len(references[0]) <= MAX_CACHED_CHARS:
        reference = references[0]
        if _INTEGER.match(text) and _INTEGER.match(reference):
            return _integers(reference, text)
        if not _looks_at_prompt(reference, text):
            # Groups repeat references and answers.
            score = _remembered(reference, text, delimited=sample.delimited)
            if not (evaluated and may_be_open(score)):
                return score
            side = _side(result_of(reference))
            picked = pick(text, side, delimited=sample.delimited)
            return _left_open(sample, side, picked) or score
    return _inline(sample, references, evaluated=evaluated)


@lru_cache(maxsize=4096)
def _integers(reference: str, answer: str) -> Score:
    found = Finding(int(reference) == int(answer), Pair.NUM_NUM, SettledBy.NUMBER)
    return _stated(found, reference, Form.NUMBER, Picked(answer), Form.NUMBER)


@lru_cache(maxsize=4096)
def _remembered(reference: str, text: str, *, delimited: bool) -> Score | None:
    return _inline(Sample(completion=text, delimited=delimited), (reference,), evaluated=False)


def _inline(sample: Sample, references: tuple[str, ...], *, evaluated: bool) -> Score | None:
    scores: list[Score] = []
    fuel = Fuel(INLINE_FUEL)
    for reference in references:
        score = _score(sample, reference, fuel, evaluated=evaluated, in_worker=False)
        if score is None or score.value == 1.0:
            return score
        scores.append(score)
    return best(scores)


def _looks_at_prompt(reference: str, text: str) -> bool:
    """True if the prompt has a say: percentages, options, equations."""
    both = text + reference
    said = "=" in both or _PERCENT.search(both) or _BOUND.search(text) or label(text)
    return bool(said or _OPTION.match(plain(reference)))


def reference_fault(reference: object) -> Reason | None:
    """Why a reference cannot be read; None where it can. Runs in a worker."""
    references = accepted(Sample(reference=reference))
    if isinstance(references, Reason):
        return references
    if any(attempt(partial(_comparable, result_of(each))) is True for each in references):
        return None
    return Reason.UNREADABLE_REFERENCE


@scorer(
    "rule.math",
    isolate=True,
    timeout_s=2.0,
    inline=inline,
    reference_fault=reference_fault,
    on_loop=True,
    by_text=True,
    carries=("prompt",),
)
@settled("rule.math")
def math(sample: Sample, *, evaluated: bool = False) -> Score:
    r"""1.0 if the completion's answer is mathematically the reference, else 0.0.

    The answer is the last `\boxed{}`, else the `<answer>` element, what follows "the answer is", a
    short text as a whole, the last formula, the trailing number. Fractions, decimals that are the
    rounding of an exact value at the digits shown (four significant ones, or a decimal reference's
    own), units (5 m is 500 cm), `50%` as 0.5, mixed numbers, number words, expressions, equations,
    inequalities, intervals, sets, tuples, matrices, dates, times. Brackets and order count as in
    mathematics; `x = 5` answers 5, `7 = 5` does not; `50%` is not 50 unless the prompt asks for a
    percentage.

    What stands in and around it is part of it: a sign, words that deny, doubt or bound ("at least"
    is right where the prompt asks for a bound). Wrong: no answer, different boxed answers that are
    not the reference together, a contradictory chain of equalities, an expression too large to
    compare; `x + y = 10` is not 10 unless the prompt asks for `x + y`. A reference that is an
    option (`C`, `(C) 12`) is read as `rule.choice` reads it; its value is right too. Abstains where
    the reference is missing or unreadable.

    With `evaluated`, wrong too: again an expression, the prompt's own (`99 \times 51`) or another
    (`51(100-1)`), where it asks for the value, a plain number; else the prompt's own formula and an
    equation still to be solved (`2x = 6` for `x = 3`); see `evaluated.is_left_open`.

    Source: own parser and numeric evaluation, then Math-Verify 0.9 for what they cannot settle.

    Args:
        sample: Its reference is a string, or a list of accepted ones.
        evaluated: Refuse an expression that the prompt asks to evaluate.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    fuel = Fuel(WORKER_FUEL)
    scores = [
        _score(sample, reference, fuel, evaluated=evaluated, in_worker=True)
        for reference in references
    ]
    return best([score for score in scores if score is not None])


def _score(
    sample: Sample, reference: str, fuel: Fuel, *, evaluated: bool, in_worker: bool
) -> Score | None:
    """One reference's verdict; None where only the worker can tell."""
    reference = result_of(reference)
    if option := _OPTION.match(plain(reference[:MAX_ANSWER_CHARS])):
        return _option(sample, option, fuel, evaluated=evaluated, in_worker=in_worker)
    side = _side(reference)
    if not side.known:
        if not in_worker:
            return None
        if not _comparable(reference):
            return Score.abstain(Reason.UNREADABLE_REFERENCE, reference=reference)
    picked = pick(
        sample.text,
        side,
        delimited=sample.delimited,
        bounded=asks_bound(sample),
        prompt=sample.prompt_text[-MAX_PROMPT_CHARS:],
    )
    if picked is None:
        return _no_answer(reference, side)
    score = _compared(sample, picked, reference, fuel, in_worker=in_worker)
    if not (evaluated and may_be_open(score)):
        return score
    return _left_open(sample, side, picked) or score


def _left_open(sample: Sample, side: Side, picked: Picked | None) -> Score | None:
    """The verdict on a right answer that leaves open what the prompt asks for; None on others."""
    if picked is None or not all(is_left_open(sample, side, text) for text in picked.each):
        return None
    return _stated(LEFT_OPEN, side.text, side.form, picked, _form(picked.text))


def _compared(
    sample: Sample, picked: Picked, reference: str, fuel: Fuel, *, in_worker: bool
) -> Score | None:
    percent = bool(_PERCENT.search(picked.text + reference)) and asks_percent(sample)
    if picked.distinct:
        return _several(picked, reference, fuel, percent=percent, in_worker=in_worker)
    label, equals, value = picked.text.partition("=")
    named = f"{label}=".replace(" ", "") in reference.replace(" ", "")
    if equals and value.strip("$ ") and not named and asks_for(sample, label):
        picked = picked._replace(text=value)
    return _one(picked, reference, fuel, percent=percent, in_worker=in_worker)


def _side(text: str) -> Side:
    return read(text[:MAX_ANSWER_CHARS])


def _comparable(reference: str) -> bool:
    """True if a reference can be compared with, by us or by Math-Verify. Only in a worker."""
    if _OPTION.match(plain(reference)):
        return True
    return _side(reference).known or (refusal(reference) is None and symbolic.readable(reference))


def _option(
    sample: Sample, option: re.Match[str], fuel: Fuel, *, evaluated: bool, in_worker: bool
) -> Score | None:
    """The verdict on the letter of an option, or else on its value."""
    answer = chosen(sample, (option[0],))
    if option[2] and not answer.letters:
        return _score(sample, option[2], fuel, evaluated=evaluated, in_worker=in_worker)
    equal = answer.letters == {option[1]}
    pair = Pair.LETTER if answer.letters else Pair.WRONG_KIND
    found = Finding(equal, pair, SettledBy.OPTION)
    form = Form.OPTION if answer.letters else _form(answer.text)
    return _stated(found, option[1], Form.OPTION, Picked(answer.text), form)


def _several(
    picked: Picked, reference: str, fuel: Fuel, *, percent: bool, in_worker: bool
) -> Score | None:
    """Different boxes: each of them the reference in another form, or all together its items."""
    undecided = False
    one = partial(_one, reference=reference, fuel=fuel, percent=percent, in_worker=in_worker)
    for texts in (picked.distinct, (picked.text,)):
        scores = [one(Picked(text)) for text in texts]
        values = {None if score is None else score.value for score in scores}
        if values == {1.0}:
            return scores[0]
        undecided |= None in values and 0.0 not in values
    if undecided:
        return None
    found = Finding(equal=False, pair=Pair.CONFLICT, settled_by=SettledBy.CONFLICT)
    return _stated(found, reference, _side(reference).form, picked, Form.SEVERAL)


def _one(
    picked: Picked, reference: str, fuel: Fuel, *, percent: bool, in_worker: bool
) -> Score | None:
    """The verdict on one text; None where only the worker can tell."""
    answer, side = picked.text, _side(reference)
    if not answer.strip() or len(answer) > MAX_ANSWER_CHARS:
        why = SCREENED if answer.strip() else NO_ANSWER
        return _stated(why, reference, side.form, Picked(answer), _form(answer))
    found: Finding | None
    try:
        found = judge(side, read(answer), fuel, percent_asked=percent)
        if found.equal is None:
            found = settle(side, read(answer), fuel) if in_worker else None
    except OutOfFuelError:
        found = SCREENED if in_worker else None
    if found is None:
        return None
    return _stated(found, reference, side.form, picked, read(answer).form)


def _form(answer: str) -> Form:
    """What the text of an answer was read as."""
    if not answer.strip():
        return Form.NONE
    return Form.TOO_LONG if len(answer) > MAX_ANSWER_CHARS else read(answer).form


def _no_answer(reference: str, side: Side) -> Score:
    return verdict(
        "rule.math",
        0.0,
        Pair.NO_ANSWER,
        reference=reference,
        settled_by=SettledBy.NO_ANSWER.value,
        reference_form=side.form.value,
        answer_form=Form.NONE.value,
    )


def _stated(
    found: Finding, reference: str, reference_form: Form, picked: Picked, answer_form: Form
) -> Score:
    """The score that states a finding; what is undecided is not called equal."""
    return verdict(
        "rule.math",
        float(found.equal is True),
        found.pair,
        prose=picked.prose,
        answer=picked.text,
        reference=reference,
        settled_by=found.settled_by.value,
        reference_form=(found.reference_form or reference_form).value,
        answer_form=(found.answer_form or answer_form).value,
    )
