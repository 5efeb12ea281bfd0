"""rule.vqa: a short answer about a picture, against several annotators'."""

from __future__ import annotations

from collections import Counter

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, accepted, verdict
from harmo.scorers.reading.extract import short_answer
from harmo.scorers.reading.text import plain, signs, squad
from harmo.scorers.reading.words import read_words
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score


@scorer("rule.vqa", on_loop=True, by_text=True, self_answer="boxed")
@settled("rule.vqa")
def vqa(sample: Sample) -> Score:
    """VQA accuracy, in [0, 1]: how many annotators gave the completion's answer.

    Mean over leave-one-out sets of annotators of min(matches / 3, 1) (Antol et al. 2015,
    arXiv:1505.00468), in the normal form of `rule.exact` with number words as digits. With fewer
    than three annotators: 1.0 for an exact match. Wrong: no answer, or different boxed ones.
    Abstains where the reference is missing or empty.

    Args:
        sample: Its reference is the list of the annotators' answers, or one string.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    answer = short_answer(sample)
    words = _vqa_form(answer.text)
    if not words:
        return verdict("rule.vqa", 0.0, Pair.NO_ANSWER)
    if answer.conflicting:
        return verdict("rule.vqa", 0.0, Pair.CONFLICT, answer=", ".join(answer.distinct))
    votes = [_vqa_form(reference) for reference in references]
    commonest = Counter(votes).most_common(1)[0][0]
    return verdict(
        "rule.vqa", _agreement(words, votes), Pair.WORD_WORD, answer=words, reference=commonest
    )


def _agreement(answer: str, votes: list[str]) -> float:
    if len(votes) < 3:
        return float(answer in votes)
    matches = votes.count(answer)
    left_out = (min((matches - (vote == answer)) / 3, 1.0) for vote in votes)
    return sum(left_out) / len(votes)


def _vqa_form(text: str) -> str:
    words = squad(plain(text)).split()
    numbers = [read_words(word) for word in words]
    said = [str(n.value) if n else word for word, n in zip(words, numbers, strict=True)]
    return " ".join([*said, *signs(text)]) if said else ""
