"""rule.exact, rule.contains and rule.token_f1: text against text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.around.visible import visible
from harmo.scorers.reading.decision.polarity import polarity, word_of
from harmo.scorers.reading.decision.short import marks, says, taken_back
from harmo.scorers.reading.extract import Answer, short_answer
from harmo.scorers.reading.numbers import Number, read_number
from harmo.scorers.reading.text import MAX_SQUAD_CHARS, plain, signs, squad
from harmo.scorers.reading.words import read_word, read_words
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_TOKENS = 4096
MAX_NUMBER_WORDS = 12
_BESIDE_DIGITS = frozenset({"one", "hundred", "thousand", "million", "billion", "and"})


@scorer("rule.exact", on_loop=True, by_text=True)
@settled("rule.exact")
def exact(sample: Sample, *, case_sensitive: bool = False) -> Score:
    """1.0 if the completion's answer is the reference, else 0.0.

    SQuAD's normal form (Rajpurkar et al. 2016): case, punctuation, hyphens and English articles
    aside; accents and plurals count. Numbers are compared as numbers, in words too, as VQA's metric
    does (`1,000` is `1000`, `two` is `2`); yes is true, no is false. A sentence counts that says
    the reference and nothing else that the prompt has not said (`The capital is Paris.`), no longer
    text that contains it. Wrong: no answer, different boxed ones, a denied one, `maybe`, several.
    Abstains where the reference is missing or empty.

    Args:
        sample: Its reference is a string, or a list of accepted ones.
        case_sensitive: Compare the stripped texts as they stand.
    """
    if isinstance(sample.reference, bool):
        return _polar(sample, "yes" if sample.reference else "no")
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    answer = short_answer(sample)
    if not answer.text.strip():
        return verdict("rule.exact", 0.0, Pair.NO_ANSWER)
    if answer.how == "cue" and taken_back(sample.text, answer.text):
        return verdict("rule.exact", 0.0, Pair.CONFLICT, answer=answer.text)
    scores = [_exact(sample, each, answer, case_sensitive=case_sensitive) for each in references]
    return best(scores)


def _exact(sample: Sample, reference: str, answer: Answer, *, case_sensitive: bool) -> Score:
    polar = None if case_sensitive else word_of(reference)
    if polar and len(answer.each) == 1:
        return _polar(sample, polar)
    said = partial(_says, reference, sample, case_sensitive=case_sensitive)
    return verdict(
        "rule.exact",
        float(all(map(said, answer.each))),
        Pair.CONFLICT if answer.conflicting else Pair.WORD_WORD,
        answer=answer.text,
        reference=reference,
    )


def _polar(sample: Sample, right: str) -> Score:
    """The verdict where the reference is yes or no, true or false."""
    answer = short_answer(sample)
    bound = answer.how in {"box", "tag"}
    said = {polarity(text) for text in (answer.each if bound else (visible(sample.text),))}
    return verdict(
        "rule.exact",
        float(said == {right == "yes"}),
        Pair.WORD_WORD,
        answer=answer.text,
        reference=right,
    )


def _says(reference: str, sample: Sample, answer: str, *, case_sensitive: bool) -> bool:
    if case_sensitive:
        return plain(answer) == plain(reference)
    numbers = _number(reference), _number(answer)
    if numbers[0] is not None and numbers[1] is not None and marks(reference) == marks(answer):
        return numbers[0].value == numbers[1].value
    return says(answer, reference, sample.prompt_text)


def _number(text: str) -> Number | None:
    """The number that a text is, in digits or English words; others' words may be no numbers."""
    if number := read_number(text):
        return number
    words = plain(text).lower().replace("-", " ").split()[:MAX_NUMBER_WORDS]
    english = words and all(word in _BESIDE_DIGITS or read_word(word) for word in words)
    return read_words(plain(text)) if english else None


@scorer(
    "rule.contains",
    on_loop=True,
    by_text=True,
    self_answer=lambda all_of=False, **_: "never" if all_of else "sentence",
)
@settled("rule.contains")
def contains(sample: Sample, *, all_of: bool = False) -> Score:
    """1.0 if the completion contains a reference as whole words, else 0.0.

    Easy to satisfy by listing: no accuracy term on its own. In SQuAD's normal form. Abstains where
    the reference is missing or has no word.

    Args:
        sample: Its reference is a string, or a list of strings of which one is enough.
        all_of: Every string of the list must be there.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    phrases = [words for reference in references if (words := squad(reference))]
    if not phrases:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    text = f" {' '.join(squad(chunk) for chunk in _chunks(sample.text))} "
    hits = [f" {words} " in text for words in phrases]
    return verdict(
        "rule.contains",
        float(all(hits) if all_of else any(hits)),
        Pair.WORD_WORD,
        reference=phrases[0],
    )


def _chunks(text: str) -> Iterator[str]:
    """Pieces of a length that is read whole, cut at line ends or blanks where there are any."""
    start = 0
    while start < len(text):
        end = start + MAX_SQUAD_CHARS
        if end < len(text):
            blank = max(text.rfind("\n", start, end), text.rfind(" ", start, end))
            end = blank + 1 if blank >= start else end
        yield text[start:end]
        start = end


@scorer("rule.token_f1", on_loop=True, by_text=True, self_answer="boxed")
@settled("rule.token_f1")
def token_f1(sample: Sample) -> Score:
    """F1 over the words of answer and reference, in [0, 1]; the best of several references.

    2PR / (P + R) over the multisets of words in SQuAD's normal form (Rajpurkar et al. 2016), where
    a minus before a number and signs like `>` are words, too. Wrong: no answer, different boxed
    ones. Abstains where the reference is missing or has no word.

    Args:
        sample: Its reference is a string, or a list of accepted ones.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    right = [
        [*words, *signs(reference)]
        for reference in references
        if (words := squad(reference).split())
    ]
    if not right:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    found = short_answer(sample)
    if found.conflicting:
        return verdict("rule.token_f1", 0.0, Pair.CONFLICT, answer=", ".join(found.distinct))
    answer = found.text
    given = [*squad(plain(answer)).split(), *signs(answer)][:MAX_TOKENS]
    if not given:
        return verdict("rule.token_f1", 0.0, Pair.NO_ANSWER)
    return best(
        [
            verdict(
                "rule.token_f1",
                _f1(words, given),
                Pair.WORD_WORD,
                answer=answer,
                reference=" ".join(words),
            )
            for words in right
        ]
    )


def _f1(left: list[str], right: list[str]) -> float:
    shared = sum((Counter(left) & Counter(right)).values())
    return 2 * shared / (len(left) + len(right))
