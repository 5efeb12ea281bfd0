"""rule.formula: a formula read off a picture, by its normalised LaTeX tokens."""

from __future__ import annotations

import re

from harmo.scorers.confidence.faults import settled, tried
from harmo.scorers.confidence.verdict import Pair, accepted, best, verdict
from harmo.scorers.reading.around.boxes import placed
from harmo.scorers.reading.around.boxes import settled as settled_boxes
from harmo.scorers.reading.around.spans import denied
from harmo.scorers.reading.around.visible import visible
from harmo.scorers.reading.distance import levenshtein
from harmo.scorers.reading.extract import MAX_ANSWER_CHARS, boxes
from harmo.scorers.reading.prose import cued
from harmo.scorers.registry import scorer
from harmo.scorers.rule.documents.tokens import MAX_CHARS, MalformedError, formula_tokens
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.formula"
INLINE_CHARS = 400
"""Shorter formulas are compared without a worker."""

_DELIMITER = re.compile(r"\\.|\$\$|\$", re.DOTALL)
_CLOSES = {"$$": "$$", "$": "$", "\\[": "\\]", "\\(": "\\)"}


def reference_fault(reference: object) -> Reason | None:
    """Why no formula can be read of a reference; None where one can."""
    read = _references(Sample(reference=reference))
    return read if isinstance(read, Reason) else None


@tried
def _inline(sample: Sample, *, exact: bool = False) -> Score | None:
    texts = accepted(sample)
    if isinstance(texts, Reason):
        return Score.abstain(texts)
    if len(sample.text) > INLINE_CHARS or sum(map(len, texts)) > INLINE_CHARS:
        return None
    return _judged(sample, exact=exact)


@scorer(
    NAME,
    isolate=True,
    timeout_s=5.0,
    inline=_inline,
    on_loop=True,
    by_text=True,
    reference_fault=reference_fault,
    carries=(),
    self_answer="boxed",
)
@settled(NAME)
def formula(sample: Sample, *, exact: bool = False) -> Score:
    r"""Share of a formula's LaTeX tokens that are right: 1 - edits / longer length, in [0, 1].

    The normalised edit distance of OmniDocBench (arXiv:2412.07626), over tokens. Its normal form
    drops fonts, spaces and tags; ours also the braces round one token, the sizes of brackets,
    comments, the order of scripts and second names (`\le`, `\leq`), and keeps the letters' case
    and the kind of a matrix, which it drops. Its other metric, CDM, compares what is rendered:
    there is no renderer here.

    The formula is the one between `$`, `$$`, `\(` or `\[` in the answer part, in a box, behind
    "the answer is", in a code block, or else all of it. Wrong: none, several different ones, one
    that could not be printed (braces or environments that do not match) or that defines macros.
    Abstains where the reference is missing or such a text.

    Args:
        sample: Its reference is a formula in LaTeX, or a list of accepted ones.
        exact: 1.0 for the same tokens, else 0.0.
    """
    return _judged(sample, exact=exact)


def _judged(sample: Sample, *, exact: bool) -> Score:
    references = _references(sample)
    if isinstance(references, Reason):
        return Score.abstain(references)
    if len(sample.text) > 2 * MAX_CHARS:
        return verdict(NAME, 0.0, Pair.SCREENED, why=f"more than {2 * MAX_CHARS} characters")
    try:
        text = visible(sample.text)
        boxed = placed(text).boxes
        if boxed and not settled_boxes(text, boxed, bounded=False).distinct:
            # The words around them deny them, or leave them in doubt.
            return verdict(NAME, 0.0, Pair.NO_ANSWER)
        marks = [] if boxed else [each.span() for each in _DELIMITER.finditer(text)]
        if marks and denied(text, marks[0][0], marks[-1][1]):
            return verdict(NAME, 0.0, Pair.NO_ANSWER)
        found = _formulas(text)
        if len(found) != 1:
            return verdict(NAME, 0.0, Pair.CONFLICT if found else Pair.NO_ANSWER)
    except MalformedError as error:
        return verdict(NAME, 0.0, Pair.SCREENED, why=str(error))
    (answer,) = found
    return best([_compared(each, answer, exact=exact) for each in references])


def _references(sample: Sample) -> list[tuple[str, ...]] | Reason:
    texts = accepted(sample)
    if isinstance(texts, Reason):
        return texts
    try:
        found = [_formulas(text) for text in texts]
    except MalformedError:
        return Reason.UNREADABLE_REFERENCE
    if any(len(each) != 1 for each in found):
        return Reason.UNREADABLE_REFERENCE
    return [each for (each,) in found]


def _formulas(text: str) -> tuple[tuple[str, ...], ...]:
    """The different formulas of a text, as tokens."""
    boxed = boxes(text).contents
    if any(len(each) > MAX_ANSWER_CHARS for each in boxed):
        # It is cut there; a box prints nothing of its own.
        boxed = ()
    said = _delimited(text) or boxed or [cued(text) or _unfenced(text)]
    return tuple(dict.fromkeys(tokens for each in said if (tokens := formula_tokens(each))))


def _delimited(text: str) -> list[str]:
    """What stands between delimiters, in order."""
    found: list[str] = []
    closing, start = "", 0
    for token in _DELIMITER.finditer(text):
        if not closing and token[0] in _CLOSES:
            closing, start = _CLOSES[token[0]], token.end()
        elif token[0] == closing:
            found.append(text[start : token.start()])
            closing = ""
    if closing:
        raise MalformedError(f"{closing} is missing")
    return found


def _unfenced(text: str) -> str:
    """What a text's one code block holds, without its language; the text where it has none."""
    pieces = text.split("```", 3)
    if len(pieces) != 3:
        return text
    language, newline, rest = pieces[1].partition("\n")
    return rest if newline and language.strip().isalpha() else pieces[1]


def _compared(reference: tuple[str, ...], answer: tuple[str, ...], *, exact: bool) -> Score:
    edits = levenshtein(reference, answer)
    longer = max(len(reference), len(answer))
    value = float(not edits) if exact else 1 - edits / longer
    return verdict(
        NAME, value, Pair.FORMULA, edits=edits, tokens=len(answer), wanted=len(reference)
    )
