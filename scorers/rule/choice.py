"""rule.choice and rule.yes_no: which of a few options."""

from __future__ import annotations

from typing import NamedTuple

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, accepted, verdict
from harmo.scorers.reading.extract import PHRASE, candidates
from harmo.scorers.reading.options import Chosen, chosen, listed_options, reference_letters
from harmo.scorers.reading.prose import MAX_ANSWERS
from harmo.scorers.reading.text import plain
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

_YES = frozenset(
    {
        "yes",
        "true",
        "correct",
        "yeah",
        "yep",
        "oui",
        "sí",
        "si",
        "ja",
        "sim",
        "да",
        "是",
        "是的",
        "对",
        "正确",
        "はい",
        "예",
        "네",
        "نعم",
        "हाँ",
    }
)
_NO = frozenset(
    {
        "no",
        "false",
        "incorrect",
        "nope",
        "non",
        "nein",
        "não",
        "нет",
        "否",
        "不是",
        "不",
        "不对",
        "错误",
        "いいえ",
        "아니요",
        "لا",
        "नहीं",
    }
)
_NEGATIONS = frozenset({"not", "isn't", "isnt", "never", "wasn't", "n't", "neither"})


@scorer("rule.choice", on_loop=True, by_text=True)
@settled("rule.choice")
def choice(sample: Sample, *, multi_select: bool = False) -> Score:
    r"""1.0 if the completion chooses the reference's option, else 0.0.

    The letter (A to J) in the box, the tags, after "the answer is" or at the end; or the text of
    one option, as the prompt lists them (`A. red`) or as the reference gives it (`B. red`). `(B)`,
    `\\text{B}`, `B) red` and `Option B` all say B. Wrong: no option, or several (`A or B`), unless
    `multi_select`, where the sets must be equal. Abstains where the reference is missing or names
    no option.

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
    answer = chosen(sample, references, multi_select=multi_select)
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


@scorer("rule.yes_no", on_loop=True, by_text=True)
@settled("rule.yes_no")
def yes_no(sample: Sample) -> Score:
    """1.0 if the completion says yes where the reference does, or no where it does, else 0.0.

    Whole words in several languages, `true` and `false` included; `not true` is no. The answer
    leads its clause (`Yes, because ...`) or is all of it. Wrong: neither, or both. `I know` says
    nothing. Abstains where the reference is missing or neither yes nor no.

    Args:
        sample: Its reference is a yes or a no, or a boolean.
    """
    reference = sample.reference
    if isinstance(reference, bool):
        right: bool | None = reference
    else:
        texts = accepted(sample)
        if isinstance(texts, Reason):
            return Score.abstain(texts)
        right = _polarity(texts[0])
    if right is None:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    answer = _answered(sample)
    pair = Pair.NO_ANSWER if answer.yes is None else Pair.WORD_WORD
    said = {True: "yes", False: "no", None: ""}[answer.yes]
    return verdict("rule.yes_no", float(answer.yes is right), pair, answer=answer.text, said=said)


class _Polar(NamedTuple):
    """A yes or no as the completion gives it."""

    text: str
    yes: bool | None
    """None for neither or both."""


def _answered(sample: Sample) -> _Polar:
    for answer in candidates(sample.text, PHRASE, delimited=sample.delimited):
        polarities = {_polarity(text) for text in answer.each[:MAX_ANSWERS]}
        if len(polarities) == 1 and polarities != {None}:
            return _Polar(answer.text, polarities.pop())
        if answer.how in {"box", "tag"}:
            return _Polar(answer.text, None)
    tail = sample.text.strip().rpartition("\n")[2]
    return _Polar(tail, _polarity(tail))


def _polarity(text: str) -> bool | None:
    """True for yes, False for no, None for neither or both."""
    words = [word.strip(".,!?:;()[]\"'*。，！？") for word in plain(text).lower().split()[:200]]
    if not words:
        return None
    first = plain(text).split()[0]
    if words[0] in _YES | _NO and not first[-1].isalpha():
        return words[0] in _YES
    if words[0] in _YES | _NO and not (_YES | _NO) & set(words[1:]):
        return words[0] in _YES
    hits = {_affirms(words, i) for i, word in enumerate(words) if word in _YES | _NO}
    return hits.pop() if len(hits) == 1 else None


def _affirms(words: list[str], i: int) -> bool:
    """True for a yes, and for a no that is denied: `not false`."""
    negated = i > 0 and words[i - 1] in _NEGATIONS
    return (words[i] in _YES) is not negated
