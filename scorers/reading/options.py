"""Which of a few options a text chooses, by its key or by its text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harmo.scorers.reading.around.visible import visible
from harmo.scorers.reading.decision import stance
from harmo.scorers.reading.decision.keys import NOTHING, Choice, decide
from harmo.scorers.reading.decision.listing import listed
from harmo.scorers.reading.decision.sentences import breaks, plain_line, sentences
from harmo.scorers.reading.decision.spelled import (
    Same,
    ending,
    in_sentence,
    meant,
    spelled_out,
    spelling,
)
from harmo.scorers.reading.extract import MAX_ANSWER_CHARS, Answer, candidates
from harmo.scorers.reading.fold import fold
from harmo.scorers.reading.prose import cued
from harmo.scorers.reading.text import plain
from harmo.scorers.types import Sample

_LETTERS = dict.fromkeys("ABCDEFGHIJ", "")
MAX_NUMERAL_CHARS = 40
SENTENCE_CHARS = 200
_NUMERAL = re.compile(r"(?<![\w.])[iI]{2,3}(?!\w)")
_RUN = re.compile(r"[A-Z]{1,26}")
_NEGATIONS = frozenset("~¬≠")
_SIGNS = frozenset("-−+<>!") | _NEGATIONS
_LED = re.compile(r"[(\[]?([A-Za-z]{1,4}|\d{1,2})(?:[)\]][.:]?|[.:、]| -|(?= )) ?(\S.*)", re.DOTALL)
"""A key with a text behind it."""
_OR_ANOTHER = re.compile(r"[$ .,;)]{0,4}(?:or|/) ?(?:maybe |perhaps |\\boxed ?)?[({]?([A-Z])\b")
_PARTED = re.compile(r"[,;] ")
MAX_PARTS = 26


class Chosen(NamedTuple):
    """What a completion chooses."""

    text: str
    """Of its answer."""
    letters: frozenset[str]
    """Keys of options; empty where it chooses nothing, or leaves open what."""
    conflicting: bool = False
    """Different boxes or elements, or an answer that leaves open which of several options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What there is to choose from."""

    options: Mapping[str, str]
    prompt: str
    multi_select: bool
    same: Same | None


def chosen(
    sample: Sample,
    references: tuple[str, ...],
    *,
    multi_select: bool = False,
    same: Same | None = None,
) -> Chosen:
    """The options that the answer chooses, with its text.

    A box or an answer element decides alone, else the whole text does: the last decision that
    nothing takes back. An option's text is looked for before its key.

    Args:
        sample: Its prompt may list the options.
        references: May give the text of an option.
        multi_select: Several options may be chosen together.
        same: Tells equal values; without it only texts are compared.
    """
    asked = _Asked(
        options=listed_options(sample, references),
        prompt=sample.prompt_text,
        multi_select=multi_select,
        same=same,
    )
    bound = next(candidates(sample.text, ("box", "tag")), None)
    if bound is not None and bound.conflicting:
        return _from_several(bound, asked)
    text = visible(sample.text).strip() if bound is None else bound.text
    if bound is None and text[:1] in _NEGATIONS and _is_signed(text, asked):
        return Chosen(text, frozenset())
    if bound is not None and (len(text) > MAX_ANSWER_CHARS or _denied(sample.text, bound, asked)):
        return Chosen(text, frozenset())
    choice = _read(text, asked)
    return Chosen(text[:MAX_ANSWER_CHARS], choice.keys, conflicting=choice.open)


def _denied(text: str, bound: Answer, asked: _Asked) -> bool:
    r"""True for a box that what stands by it denies: `I eliminate \boxed{B}`, `¬\boxed{B}`."""
    if bound.after.lstrip("$ ")[:1] in {"^", "_", "'"} or _is_signed(bound.text, asked):
        return True
    other = _OR_ANOTHER.match(bound.after)
    if other and other[1] in asked.options and other[1] not in _read(bound.text, asked).keys:
        return True
    at = text.rfind("boxed") if bound.how == "box" else 0
    if text[max(at - 4, 0) : at].rstrip("\\$ ")[-1:] in _NEGATIONS:
        return True
    return _denies(text[max(at - 200, 0) : at])


def _is_signed(text: str, asked: _Asked) -> bool:
    """True for an answer with a sign before it, which no option's text or value has: `-B`."""
    sign = text.lstrip(" $")[:1]
    if sign not in _SIGNS:
        return False
    keys = meant(plain(text), asked.options, same=asked.same).keys
    if sign not in _NEGATIONS:
        return not keys
    # They may be nothing to what compares texts and values: `~` is a blank in LaTeX.
    return all(fold(asked.options[key]).lstrip(" $")[:1] != fold(sign)[:1] for key in keys)


def _denies(before: str) -> bool:
    """True if the last clause before a place denies what stands there."""
    line = before.rpartition("\n")[2].rstrip(" \\$*({")
    said = sentences(plain_line(line))
    return bool(said) and stance.denies(said[-1][breaks(said[-1])[-1] :])


def _from_several(answer: Answer, asked: _Asked) -> Chosen:
    read = [
        frozenset[str]() if _is_signed(text, asked) else _read(text, asked).keys
        for text in answer.distinct
    ]
    keys = frozenset().union(*read)
    agree = len(keys) == 1 and all(read)
    # `A` and `C` together are AC; `ABD` and `BD` are two answers.
    parts = asked.multi_select and sum(map(len, read)) == len(keys)
    together = keys if agree or parts else frozenset()
    return Chosen(", ".join(answer.distinct), together, conflicting=True)


def listed_options(sample: Sample, references: tuple[str, ...]) -> dict[str, str]:
    """The options' texts by key: those the prompt lists, and those that references give.

    Letters, unless the prompt lists Roman numerals or numbers and the references are of those. The
    letters to J are always keys, with no text where none is listed.

    Args:
        sample: Its prompt may list them: `A. red`, `(ii) blue`, `3) green`.
        references: May name one with its text: `B. blue`.
    """
    found = next((each for each in listed(sample.prompt_text) if _fits(each, references)), {})
    found = {**_LETTERS, **found} if not found or "A" in found else dict(found)
    for reference in references:
        led = _LED.fullmatch(plain(reference))
        if led and found.get(led[1]) == "":
            found[led[1]] = led[2].strip()
    return found


def _fits(options: Mapping[str, str], references: Sequence[str]) -> bool:
    """True if a reference is of these options, by key or by text."""
    texts = {spelling(text) for text in options.values()}
    return any(_key(reference, options) or spelling(reference) in texts for reference in references)


def _key(reference: str, options: Mapping[str, str]) -> str | None:
    """The key that a reference is, or leads with."""
    said = plain(reference)
    led = _LED.fullmatch(said)
    key = led[1] if led else said.strip("()[]. ")
    return next((each for each in (key, key.upper(), key.lower()) if each in options), None)


def reference_letters(
    reference: str, options: Mapping[str, str], *, multi_select: bool
) -> frozenset[str]:
    """The keys that a reference names, by themselves or by an option's text; empty for none."""
    said = plain(reference)
    if multi_select:
        if _RUN.fullmatch(said) and set(said) <= options.keys():
            return frozenset(said)
        if several := decide(reference, options, multi_select=True).keys:
            return several
    # Of what data sets give, a bare key is the key, though an option may have it for its text.
    by_text = (
        frozenset[str]() if said.strip("()[]. ") in options else spelled_out(said, options).keys
    )
    if by_text:
        return by_text
    key = _key(reference, options) or _key(reference.rpartition("\n")[2], options)
    return frozenset({key}) if key else decide(reference, options).keys


def _read(text: str, asked: _Asked) -> Choice:
    """What an answer chooses: by an option's text, by its key, by a text in a sentence."""
    options = asked.options
    said = plain(text) if len(text) <= MAX_ANSWER_CHARS else ""
    if _ends_open(text):
        return Choice(frozenset(), open=True)
    if len(said) <= MAX_NUMERAL_CHARS and _NUMERAL.search(said) and not {"ii", "II"} & set(options):
        # `i, ii or iii` names nothing where options have letters, of which `i` may be one.
        return Choice(frozenset(), open=True)
    for run in (said, plain(cued(text) or "")) if asked.multi_select else ():
        if _RUN.fullmatch(run) and set(run) <= options.keys():
            return Choice(frozenset(run), open=False)
    if (by_text := spelled_out(said, options)).keys or (by_text := _both(said, options)).keys:
        return by_text
    if not asked.multi_select and (end := ending(text, options, same=asked.same)):
        if _denies(plain(end.before)):
            return Choice(frozenset(), open=False)
        by_key = decide(end.before, options)
        another = by_key.open or (by_key.keys and by_key.keys != end.choice.keys)
        return Choice(frozenset(), open=True) if another else end.choice
    by_key = decide(text, options, multi_select=asked.multi_select)
    if by_key.keys and _says_another(said, by_key.keys, options):
        return Choice(frozenset(), open=True)
    if by_key.keys or by_key.open or asked.multi_select:
        return by_key
    return in_sentence(text, options, asked.prompt)


def _both(said: str, options: Mapping[str, str]) -> Choice:
    """The option of which an answer is key and text, whatever letters that has."""
    led = _LED.fullmatch(said)
    found = spelled_out(led[2], options) if led else NOTHING
    return found if led and found.keys == {led[1]} else NOTHING


def _ends_open(text: str) -> bool:
    """True if a text ends with `B or not`."""
    return [word.strip(".,;:!()") for word in text[-SENTENCE_CHARS:].lower().split()][-2:] == [
        "or",
        "not",
    ]


def _says_another(said: str, keys: frozenset[str], options: Mapping[str, str]) -> bool:
    """True for one option's key with another's text: `B. red`, `B, red` where A is red."""
    led = _LED.fullmatch(said)
    texts = _PARTED.split(led[2] if led else said, maxsplit=MAX_PARTS)
    return any(not spelled_out(text, options).keys <= keys for text in texts)
