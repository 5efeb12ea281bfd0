"""rule.choice and rule.yes_no: which of a few options."""

from __future__ import annotations

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, accepted, verdict
from harmo.scorers.reading.around.visible import visible
from harmo.scorers.reading.decision.polarity import polarity
from harmo.scorers.reading.extract import candidates
from harmo.scorers.reading.numbers import read_number
from harmo.scorers.reading.options import Chosen, chosen, listed_options, reference_letters
from harmo.scorers.reading.prose import MAX_ANSWERS
from harmo.scorers.registry import scorer
from harmo.scorers.rule.math.equality.compare import same
from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError
from harmo.scorers.rule.math.syntax.clean import clean
from harmo.scorers.rule.math.syntax.lex import UnreadableError
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.types import Reason, Sample, Score

MAX_FORMULA_CHARS = 64
"""Of an option whose value is compared, and of an answer."""


@scorer("rule.choice", on_loop=True, by_text=True)
@settled("rule.choice")
def choice(sample: Sample, *, multi_select: bool = False) -> Score:
    r"""1.0 if the completion chooses the reference's option, else 0.0.

    A box or the tags decide, else the last decision of the text: a key by itself or in a clause
    that decides (`so B`, `B is correct`, `not A but B`), no letter of prose (`point B`, `A.M.`,
    `vitamin C`). Keys are letters, or the Roman numerals or numbers that the prompt lists. An
    option's text, in a sentence or as an equal value, is looked for first: where A reads "B",
    `\\boxed{B}` is A. Wrong: no option, a denied one, several (`A or B`, `B. red` where A is red),
    unless `multi_select`, where the sets must be equal. Abstains where the reference is missing or
    names no option.

    Args:
        sample: Its reference is a letter, with or without the option's text, or several letters.
        multi_select: Several letters may be right together.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    options = listed_options(sample, references)
    named = [reference_letters(each, options, multi_select=multi_select) for each in references]
    right = [letters for letters in named if letters]
    if not right:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    answer = chosen(sample, references, multi_select=multi_select, same=_one_value)
    return verdict(
        "rule.choice",
        float(answer.letters in right),
        _pair(answer),
        answer=answer.text,
        chosen="".join(sorted(answer.letters)),
        reference="".join(sorted(right[0])),
    )


def _pair(answer: Chosen) -> Pair:
    if answer.conflicting:
        return Pair.CONFLICT
    return Pair.LETTER if answer.letters else Pair.NO_ANSWER


def _one_value(option: str, answer: str) -> bool:
    """True if two formulas, or numbers in one unit, have one value."""
    if max(len(option), len(answer)) > MAX_FORMULA_CHARS or not any(map(str.isdigit, option)):
        return False
    numbers = read_number(option), read_number(answer)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0].value == numbers[1].value
    try:
        return same(parse(clean(option)), parse(clean(answer)), Fuel(80)) is True
    except (UnreadableError, OutOfFuelError):
        return False


@scorer("rule.yes_no", on_loop=True, by_text=True)
@settled("rule.yes_no")
def yes_no(sample: Sample) -> Score:
    """1.0 if the completion says yes where the reference does, or no where it does, else 0.0.

    Whole words in several languages, `true` and `false` included; `not true` is no. The answer
    leads its clause (`Yes, because ...`), follows a cue or closes a clause (`so no`). Wrong:
    neither (`no idea`, `maybe yes`), or both. Abstains where the reference is missing or neither.

    Args:
        sample: Its reference is a yes or a no, or a boolean.
    """
    reference = sample.reference
    if isinstance(reference, bool):
        right = {reference}
    else:
        texts = accepted(sample)
        if isinstance(texts, Reason):
            return Score.abstain(texts)
        right = {yes for text in texts if (yes := polarity(text)) is not None}
    if not right:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    said, text = _said(sample)
    pair = Pair.NO_ANSWER if said is None else Pair.WORD_WORD
    spelled = {True: "yes", False: "no", None: ""}[said]
    return verdict("rule.yes_no", float(said in right), pair, answer=text, said=spelled)


def _said(sample: Sample) -> tuple[bool | None, str]:
    """A completion's yes or no, None for neither or both; with the text of its answer."""
    bound = next(candidates(sample.text, ("box", "tag"), delimited=sample.delimited), None)
    if bound is None:
        text = visible(sample.text).strip()
        return polarity(text), text
    said = {polarity(text) for text in bound.each[:MAX_ANSWERS]}
    return (said.pop() if len(said) == 1 else None), bound.text
