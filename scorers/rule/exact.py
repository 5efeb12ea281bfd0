"""rule.exact, rule.contains and rule.token_f1: text against text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.extract import Answer, short_answer
from harmo.scorers.reading.numbers import read_number
from harmo.scorers.reading.text import MAX_SQUAD_CHARS, plain, squad
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_TOKENS = 4096


@scorer("rule.exact", on_loop=True, by_text=True)
@settled("rule.exact")
def exact(sample: Sample, *, case_sensitive: bool = False) -> Score:
    """1.0 if the completion's answer is the reference, else 0.0.

    SQuAD's normal form (Rajpurkar et al. 2016): case, punctuation and English articles aside. Two
    plain numbers are compared as numbers (`1,000` is `1000`). Wrong: no answer, or different boxed
    ones. Abstains where the reference is missing or empty.

    Args:
        sample: Its reference is a string, or a list of accepted ones.
        case_sensitive: Compare the stripped texts as they stand.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    answer = short_answer(sample)
    if not answer.text.strip():
        return verdict("rule.exact", 0.0, Pair.NO_ANSWER)
    return best(
        [_exact(reference, answer, case_sensitive=case_sensitive) for reference in references]
    )


def _exact(reference: str, answer: Answer, *, case_sensitive: bool) -> Score:
    return verdict(
        "rule.exact",
        float(all(_same(reference, text, case_sensitive=case_sensitive) for text in answer.each)),
        Pair.CONFLICT if answer.conflicting else Pair.WORD_WORD,
        answer=answer.text,
        reference=reference,
    )


def _same(reference: str, answer: str, *, case_sensitive: bool) -> bool:
    if case_sensitive:
        return plain(answer) == plain(reference)
    numbers = read_number(reference), read_number(answer)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0].value == numbers[1].value
    words = squad(plain(reference))
    # Pure punctuation has an empty normal form: compare such texts as they stand.
    return squad(plain(answer)) == words if words else answer.strip() == reference.strip()


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

    2PR / (P + R) over the multisets of words in SQuAD's normal form (Rajpurkar et al. 2016). Wrong:
    no answer. Abstains where the reference is missing or has no word.

    Args:
        sample: Its reference is a string, or a list of accepted ones.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    right = [words for reference in references if (words := squad(reference).split())]
    if not right:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    answer = short_answer(sample).text
    given = squad(plain(answer)).split()[:MAX_TOKENS]
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
