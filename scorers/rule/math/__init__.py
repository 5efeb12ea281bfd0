"""rule.math: extract, fast path, normalise, evaluate, screen, verify in a worker, verdict.

`extract` finds the answer; `numbers` settles plain ones; `clean`, `lex` and `parse` make a tree;
`compare` and its kin evaluate it; `screen` says what must not reach `symbolic`, which is
Math-Verify. All but the last two steps also run in the service's own process, on an allowance of
operations.
"""

from __future__ import annotations

import re
from functools import lru_cache

from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.extract import MAX_ANSWER_CHARS
from harmo.scorers.reading.text import plain
from harmo.scorers.registry import scorer
from harmo.scorers.rule.choice import chosen
from harmo.scorers.rule.math import symbolic
from harmo.scorers.rule.math.equality.compare import Comparison
from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError
from harmo.scorers.rule.math.forms.question import asks_for, asks_percent
from harmo.scorers.rule.math.judge import converted, judge
from harmo.scorers.rule.math.pick import Picked, pick, target
from harmo.scorers.rule.math.screen import refusal
from harmo.scorers.rule.math.side import OPTION, readable
from harmo.scorers.types import Reason, Sample, Score

INLINE_FUEL = 300
"""Operations allowed in the service's own process: a few milliseconds at the very most."""
WORKER_FUEL = 40_000
MAX_CACHED_CHARS = 256
_INTEGER = re.compile(r"-?[0-9]{1,40}\Z")
_PERCENT = re.compile(r"[%％﹪]|percent|pct|per cent")


def inline(sample: Sample) -> Score | None:
    """The verdict where it can be told without SymPy; None to ask the worker."""
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    text = sample.text.strip()
    if len(references) == 1 and len(text) + len(references[0]) <= MAX_CACHED_CHARS:
        wanted = references[0]
        if _INTEGER.match(text) and _INTEGER.match(wanted):
            return _integers(wanted, text)
        if not _looks_at_prompt(text, wanted):
            # Groups repeat references and answers.
            return _remembered(wanted, text, delimited=sample.delimited)
    return _inline(sample, references)


@lru_cache(maxsize=4096)
def _integers(wanted: str, text: str) -> Score:
    equal = int(wanted) == int(text)
    return verdict("rule.math", float(equal), Pair.NUM_NUM, answer=text, reference=wanted)


@lru_cache(maxsize=4096)
def _remembered(wanted: str, text: str, *, delimited: bool) -> Score | None:
    return _inline(Sample(completion=text, delimited=delimited), (wanted,))


def _inline(sample: Sample, references: tuple[str, ...]) -> Score | None:
    scores: list[Score] = []
    fuel = Fuel(INLINE_FUEL)
    for reference in references:
        score = _score(sample, reference, fuel, in_worker=False)
        if score is None or score.value == 1.0:
            return score
        scores.append(score)
    return best(scores)


def _looks_at_prompt(text: str, wanted: str) -> bool:
    """True if the prompt has a say: percentages, options, equations."""
    both = text + wanted
    return "=" in both or bool(_PERCENT.search(both)) or OPTION.match(plain(wanted)) is not None


def reference_fault(reference: object) -> Reason | None:
    """Why a reference cannot be read; None where it can. Runs in a worker."""
    texts = accepted(Sample(reference=reference))
    if isinstance(texts, Reason):
        return texts
    if any(_readable(target(text)) for text in texts):
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
)
def math(sample: Sample) -> Score:
    r"""1.0 if the completion's answer is mathematically the reference, else 0.0.

    The answer is the last `\boxed{}`, else the `<answer>` element, what follows "the answer is", a
    short text as a whole, the last formula, the trailing number. Fractions, decimals that round to
    the reference (three digits), units (5 m is 500 cm), `50%` as 0.5, mixed numbers, number words,
    expressions, equations, inequalities, intervals, sets, tuples, matrices, dates, times. Brackets
    and order count as in mathematics; `x = 5` answers 5, `7 = 5` does not; `50%` is not 50 unless
    the prompt asks for a percentage.

    Wrong: no answer, different boxed answers that are not the parts of the reference, a
    contradictory chain of equalities, an expression too large to compare; `x + y = 10` is not 10
    unless the prompt asks for `x + y`. Where the reference is an option (`C`, `(C) 12`) the letter
    is read as `rule.choice` reads it, and the option's value is right too. Abstains where the
    reference is missing or unreadable.

    Source: own parser and numeric evaluation, then Math-Verify 0.9 for what they cannot settle.

    Args:
        sample: Its reference is a string, or a list of accepted ones.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    fuel = Fuel(WORKER_FUEL)
    scores = [_score(sample, reference, fuel, in_worker=True) for reference in references]
    return best([score for score in scores if score is not None])


def _score(sample: Sample, reference: str, fuel: Fuel, *, in_worker: bool) -> Score | None:
    """One reference's verdict; None where only the worker can tell."""
    wanted = target(reference)
    if option := OPTION.match(plain(wanted[:MAX_ANSWER_CHARS])):
        return _option(sample, option, fuel, in_worker=in_worker)
    if not readable(wanted[:MAX_ANSWER_CHARS]):
        if not in_worker:
            return None
        if not _readable(wanted):
            return Score.abstain(Reason.UNREADABLE_REFERENCE, reference=wanted)
    picked = pick(sample.text, wanted, delimited=sample.delimited)
    if picked is None:
        return verdict("rule.math", 0.0, Pair.NO_ANSWER, reference=wanted)
    percent = bool(_PERCENT.search(picked.text + wanted)) and asks_percent(sample)
    if picked.parts:
        return _several(picked, wanted, fuel, percent=percent, in_worker=in_worker)
    label, equals, value = picked.text.partition("=")
    if equals and value.strip("$ ") and asks_for(sample, label):
        picked = picked._replace(text=value)
    return _one(picked, wanted, fuel, percent=percent, in_worker=in_worker)


def _option(sample: Sample, option: re.Match[str], fuel: Fuel, *, in_worker: bool) -> Score | None:
    """The verdict on the letter of an option, or else on its value."""
    answer, letters, _ = chosen(sample, (option[0],))
    if option[2] and not letters:
        return _score(sample, option[2], fuel, in_worker=in_worker)
    kind = Pair.LETTER if letters else Pair.WRONG_KIND
    value = float(letters == {option[1]})
    return verdict("rule.math", value, kind, answer=answer, reference=option[1])


def _several(
    picked: Picked, wanted: str, fuel: Fuel, *, percent: bool, in_worker: bool
) -> Score | None:
    """Different boxes: all of them the reference in other forms, or together its parts."""
    undecided = False
    for texts in (picked.parts, (picked.text,)):
        verdicts = [
            _one(Picked(text), wanted, fuel, percent=percent, in_worker=in_worker) for text in texts
        ]
        if all(score is not None and score.value == 1.0 for score in verdicts):
            return verdicts[0]
        undecided |= None in verdicts and not any(
            s is not None and s.value == 0.0 for s in verdicts
        )
    if undecided:
        return None
    return verdict("rule.math", 0.0, Pair.CONFLICT, answer=picked.text, reference=wanted)


def _one(
    picked: Picked, wanted: str, fuel: Fuel, *, percent: bool, in_worker: bool
) -> Score | None:
    answer = picked.text
    if not answer.strip() or len(answer) > MAX_ANSWER_CHARS:
        kind = Pair.SCREENED if answer.strip() else Pair.NO_ANSWER
        return verdict("rule.math", 0.0, kind, answer=answer, reference=wanted)
    try:
        found = judge(wanted[:MAX_ANSWER_CHARS], answer, fuel, percent_asked=percent)
    except OutOfFuelError:
        if not in_worker:
            return None
        found = Comparison(equal=False, pair=Pair.SCREENED)
    if found.equal is None:
        if not in_worker:
            return None
        found = _asked(wanted, answer, found, fuel)
    return verdict(
        "rule.math",
        float(found.equal is True),
        found.pair,
        prose=picked.prose,
        answer=answer,
        reference=wanted,
    )


def _asked(wanted: str, answer: str, found: Comparison, fuel: Fuel) -> Comparison:
    """What conversion and the symbolic verifier make of an undecided pair."""
    quantity = converted(wanted, answer, fuel)
    if quantity is not None and quantity.equal is not None:
        return quantity
    if refusal(answer) or refusal(wanted):
        return Comparison(equal=False, pair=Pair.SCREENED)
    equal = symbolic.equivalent(wanted, answer)
    return Comparison(equal, Pair.SYMBOLIC if equal is not None else found.pair)


def _readable(wanted: str) -> bool:
    return readable(wanted[:MAX_ANSWER_CHARS]) or (
        refusal(wanted) is None and symbolic.readable(wanted)
    )
