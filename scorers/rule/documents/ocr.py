"""rule.ocr and rule.anls: text read off a picture, by its edit distance."""

from __future__ import annotations

from harmo.scorers.confidence.faults import settled, tried
from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.distance import levenshtein
from harmo.scorers.reading.extract import elements, short_answer
from harmo.scorers.reading.text import plain
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

MAX_CHARS = 20_000
"""Of a transcript; what is longer counts as inserted."""
INLINE_CHARS = 400
"""Shorter transcripts are compared without a worker."""


@tried
def _ocr_inline(sample: Sample, *, case_sensitive: bool = True) -> Score | None:
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    if len(sample.text) > INLINE_CHARS or max(map(len, references)) > INLINE_CHARS:
        return None
    return _ocr(sample, references, case_sensitive=case_sensitive)


@scorer(
    "rule.ocr",
    isolate=True,
    timeout_s=5.0,
    inline=_ocr_inline,
    on_loop=True,
    by_text=True,
    carries=(),
    self_answer="bare",
)
@settled("rule.ocr")
def ocr(sample: Sample, *, case_sensitive: bool = True) -> Score:
    """Share of the reference transcript that is right: 1 - edits / longer length, in [0, 1].

    Levenshtein distance over characters, whitespace runs as one blank; the detail has the character
    and word error rates (edits / reference length). The whole answer part is the transcript.
    Abstains where the reference is missing or empty.

    Args:
        sample: Its reference is the transcript, or a list of accepted ones.
        case_sensitive: Compare the letters' case.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    return _ocr(sample, references, case_sensitive=case_sensitive)


def _ocr(sample: Sample, references: tuple[str, ...], *, case_sensitive: bool) -> Score:
    tagged = elements(sample.text, "answer")
    answer = _transcript(
        tagged[0] if len(tagged) == 1 else sample.text, case_sensitive=case_sensitive
    )
    right = [_transcript(reference, case_sensitive=case_sensitive) for reference in references]
    return best([_transcribed(reference, answer) for reference in right if reference])


def _transcript(text: str, *, case_sensitive: bool) -> str:
    text = " ".join(text.split())
    return text if case_sensitive else text.lower()


def _transcribed(reference: str, answer: str) -> Score:
    if not answer:
        return verdict("rule.ocr", 0.0, Pair.NO_ANSWER, cer=1.0, wer=1.0)
    extra = max(len(answer) - MAX_CHARS, 0)
    edits = levenshtein(reference[:MAX_CHARS], answer[:MAX_CHARS]) + extra
    words = reference.split()
    wrong_words = levenshtein(words[:MAX_CHARS], answer[:MAX_CHARS].split()) + extra
    value = max(0.0, 1 - edits / max(len(reference), len(answer)))
    cer, wer = edits / len(reference), wrong_words / len(words)
    return verdict("rule.ocr", value, Pair.WORD_WORD, answer=answer, cer=cer, wer=wer)


@scorer("rule.anls", on_loop=True, by_text=True, self_answer="boxed")
@settled("rule.anls")
def anls(sample: Sample, *, threshold: float = 0.5) -> Score:
    """Average normalised Levenshtein similarity, in [0, 1] (Biten et al. 2019, arXiv:1905.13648).

    1 - NL with NL = edits / longer length, lower case; 0 where NL >= threshold; the best of several
    references. Wrong: no answer, or different boxed ones. Abstains on a missing or empty reference.

    Args:
        sample: Its reference is a string, or a list of accepted ones.
        threshold: Normalised distance from which an answer is plainly wrong.
    """
    references = accepted(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    answer = short_answer(sample)
    text = _lowered(answer.text)
    if not text:
        return verdict("rule.anls", 0.0, Pair.NO_ANSWER)
    if answer.conflicting:
        return verdict("rule.anls", 0.0, Pair.CONFLICT, answer=", ".join(answer.distinct))
    return best([_similar(_lowered(reference), text, threshold) for reference in references])


def _lowered(text: str) -> str:
    return " ".join(plain(text).lower().split())


def _similar(reference: str, answer: str, threshold: float) -> Score:
    distance = levenshtein(reference, answer) / max(len(reference), len(answer))
    value = 1 - distance if distance < threshold else 0.0
    return verdict("rule.anls", value, Pair.WORD_WORD, answer=answer, reference=reference)
