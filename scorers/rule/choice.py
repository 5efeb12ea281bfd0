"""rule.choice and rule.yes_no: which of a few options."""

from __future__ import annotations

import re

from harmo.scorers.confidence.verdict import Pair, accepted, verdict
from harmo.scorers.reading.extract import PHRASE, Answer, candidates
from harmo.scorers.reading.fold import fold
from harmo.scorers.reading.prose import MAX_ANSWERS
from harmo.scorers.reading.text import plain, squad
from harmo.scorers.registry import scorer
from harmo.scorers.types import Message, Reason, Sample, Score

# The article: "A dog" chooses nothing, "A is right" does.
_LETTER = re.compile(
    r"(?<![A-Za-z0-9'])"
    r"([B-J]|A(?! (?!(?:is|was|or|and|because|since|seems|looks)\b)[a-z]))"
    r"(?![A-Za-z0-9'])"
)
_OPTION = re.compile(r"(?m)^[ \t]*[(\[]?([A-J])[)\].:、][ \t]*(\S[^\n]{0,200})$")
_SMALL = re.compile(r"[(\[]?([a-j])[)\].:]?(?=\Z| )")
_LEAD = re.compile(r"[(\[]?[A-Ja-j](?:[)\].:,。、 ]|\Z)|[A-J]{2,}\Z")
_NEGATED = re.compile(
    r"(?i)(?:\b(?:not|isn't|non|nicht|no es)|不是|n'est pas)"
    r"(?: option| answer| the)? ?[(\[]?([A-J])\b"
)
_REJECTED = re.compile(
    r"\b([A-J])\)? (?:is|was|are|can be) (?:also |clearly )?(?:wrong|incorrect|not|false|out|ruled)"
)
_NAMED = re.compile(r"(?i:\b(?:option|choice|answer) is:?) [(\[]?([A-J])\b(?! or| and)")
_CLAUSE = re.compile(r"[,.;:，。；：!?\n]| because | since | as | but | rather than ")
_JOINER = re.compile(r" ?(?:or|and|&|/|和|或)? ?")
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
    texts = accepted(sample)
    if isinstance(texts, Reason):
        return Score.abstain(texts)
    options = _options(sample, texts)
    keys = [key for text in texts if (key := _reference(text, options, multi_select=multi_select))]
    if not keys:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    answer, letters, pair = chosen(sample, texts, multi_select=multi_select)
    return verdict(
        "rule.choice",
        float(letters in keys),
        pair,
        answer=answer,
        chosen="".join(sorted(letters)),
        reference="".join(sorted(keys[0])),
    )


def _options(sample: Sample, references: tuple[str, ...]) -> dict[str, str]:
    prompt = sample.prompt if isinstance(sample.prompt, str) else _text(sample.prompt)
    listed = {letter: _option_text(text) for letter, text in _OPTION.findall(prompt[-8000:])}
    for text in references:
        if match := re.match(r"[(\[]?([A-J])[)\].: ]+(\S.*)", text):
            listed[match[1]] = _option_text(match[2])
    return listed


def _option_text(text: str) -> str:
    """An option in one spelling: its words, or its formula with every sign."""
    if any(c.isdigit() or c in "\\+=<>^" for c in text):
        return "".join(plain(text).lower().split())
    return squad(text)


def _text(prompt: tuple[Message, ...]) -> str:
    return "\n".join(message.text for message in prompt)


def _reference(text: str, options: dict[str, str], *, multi_select: bool) -> frozenset[str]:
    if multi_select and (letters := _letters(plain(text), multi_select=True)):
        return letters
    return _read(text, options, multi_select=False)


def chosen(
    sample: Sample, references: tuple[str, ...], *, multi_select: bool = False
) -> tuple[str, frozenset[str], Pair]:
    """The answer's text, the letters it chooses, and the kind of pair; no letters for none.

    Args:
        sample: Its prompt may list the options.
        references: May give the text of an option.
        multi_select: Several letters may be chosen together.
    """
    options = _options(sample, references)
    seen = ""
    for answer in candidates(sample.text, PHRASE, delimited=sample.delimited):
        seen = seen or answer.text
        if answer.conflicting:
            return _from_parts(answer, options, multi_select=multi_select)
        if answer.how == "whole" and not sample.delimited and not _LEAD.match(plain(answer.text)):
            # Prose that does not start with its choice ends with it.
            letters = _by_text(answer.text, options)
        else:
            letters = _read(answer.text, options, multi_select=multi_select)
        if letters:
            return answer.text, letters, Pair.LETTER
        if (
            answer.how in {"box", "tag"}
            and len(_letters(plain(answer.text), multi_select=False)) > 1
        ):
            # What stands in a box is left open there: no part of it is the answer.
            return answer.text, frozenset(), Pair.CONFLICT
    if sample.delimited:
        return seen, frozenset(), Pair.NO_ANSWER
    letters = _said(sample.text[-600:], multi_select=multi_select)
    return seen, letters, Pair.LETTER if letters else Pair.NO_ANSWER


def _from_parts(
    answer: Answer, options: dict[str, str], *, multi_select: bool
) -> tuple[str, frozenset[str], Pair]:
    read = [_read(part, options, multi_select=multi_select) for part in answer.parts]
    letters = frozenset().union(*read)
    agree = len(letters) == 1 and all(read)
    shown = ", ".join(answer.parts)
    return shown, letters if agree or multi_select else frozenset(), Pair.CONFLICT


def _read(text: str, options: dict[str, str], *, multi_select: bool) -> frozenset[str]:
    """The letters a short text says; empty for none or for a choice it leaves open."""
    text = plain(text)
    if multi_select:
        return _letters(text, multi_select=True) or _by_text(text, options)
    if small := _SMALL.fullmatch(text):
        return frozenset(small[1].upper())
    rest = _REJECTED.sub("", _NEGATED.sub("", text))
    return _by_text(text, options) or _leading(rest)


def _leading(text: str) -> frozenset[str]:
    """The one letter of the first clause that has any, unless the next clauses only add letters."""
    if named := _NAMED.findall(text):
        return frozenset(named[-1])
    said: frozenset[str] = frozenset()
    for clause in _CLAUSE.split(text):
        letters = _letters(clause, multi_select=False)
        bare = letters and not _JOINER.sub("", _LETTER.sub("", clause)).strip(" ()[]")
        if said and bare and letters != said:
            return frozenset()
        if letters and not said:
            if len(letters) > 1:
                return frozenset()
            said = letters
    return said


def _letters(text: str, *, multi_select: bool) -> frozenset[str]:
    if multi_select and re.fullmatch(r"[A-J]{1,10}", text):
        return frozenset(text)
    found = frozenset(_LETTER.findall(text))
    return found - {"I"} or found


def _said(tail: str, *, multi_select: bool) -> frozenset[str]:
    """The letter that the last sentence with a letter ends on, negated ones aside."""
    rest = _REJECTED.sub("", _NEGATED.sub("", fold(tail)))
    for sentence in reversed(re.split(r"[.!?。\n]", rest)):
        letters = _letters(sentence, multi_select=multi_select)
        if letters and letters != {"I"}:
            return letters if multi_select else _leading(sentence)
    return frozenset()


def _by_text(text: str, options: dict[str, str]) -> frozenset[str]:
    wanted = _option_text(text)
    hits = {letter for letter, option in options.items() if option and option == wanted}
    return frozenset(hits) if len(hits) == 1 else frozenset()


@scorer("rule.yes_no", on_loop=True, by_text=True)
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
        wanted: bool | None = reference
    else:
        texts = accepted(sample)
        if isinstance(texts, Reason):
            return Score.abstain(texts)
        wanted = _polarity(texts[0])
    if wanted is None:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    answer, said = _answered(sample)
    pair = Pair.NO_ANSWER if said is None else Pair.WORD_WORD
    shown = {True: "yes", False: "no", None: ""}[said]
    return verdict("rule.yes_no", float(said is wanted), pair, answer=answer, said=shown)


def _answered(sample: Sample) -> tuple[str, bool | None]:
    for answer in candidates(sample.text, PHRASE, delimited=sample.delimited):
        parts = answer.parts[:MAX_ANSWERS] or (answer.text,)
        said = {_polarity(part) for part in parts}
        if len(said) == 1 and said != {None}:
            return answer.text, said.pop()
        if answer.how in {"box", "tag"}:
            return answer.text, None
    tail = sample.text.strip().rpartition("\n")[2]
    return tail, _polarity(tail)


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
    hits = {(word in _YES) is not negated for word, negated in _with_negation(words)}
    return hits.pop() if len(hits) == 1 else None


def _with_negation(words: list[str]) -> list[tuple[str, bool]]:
    return [
        (word, i > 0 and words[i - 1] in _NEGATIONS)
        for i, word in enumerate(words)
        if word in _YES | _NO
    ]
