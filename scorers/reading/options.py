"""Which of a few lettered options a text chooses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from harmo.scorers.reading.extract import PHRASE, Answer, candidates
from harmo.scorers.reading.fold import fold
from harmo.scorers.reading.text import plain, squad
from harmo.scorers.types import Message, Sample

MAX_PROMPT_CHARS = 8000
"""Of the end of a prompt, where its options are listed."""
TAIL_CHARS = 600
"""Of the end of a text, where it may say its choice in prose."""

# The article: "A dog" chooses nothing, "A is right" does.
_LETTER = re.compile(
    r"(?<![A-Za-z0-9'])"
    r"([B-J]|A(?! (?!(?:is|was|or|and|because|since|seems|looks)\b)[a-z]))"
    r"(?![A-Za-z0-9'])"
)
_OPTION = re.compile(r"[ \t]*[(\[]?([A-J])[)\].:、][ \t]*(\S[^\n]{0,200})")
_REFERENCE_OPTION = re.compile(r"[(\[]?([A-J])[)\].: ]+(\S.*)")
_SMALL = re.compile(r"[(\[]?([a-j])[)\].:]?(?=\Z| )")
_LEAD = re.compile(r"[(\[]?[A-Ja-j](?:[)\].:,。、 ]|\Z)|[A-J]{2,}\Z")
_NEGATED = re.compile(
    r"(?i)(?:\b(?:n(?:o(?:t|n| es)|icht)|isn't)|不是|n'est pas)"
    r"(?: option| answer| the)? ?[(\[]?([A-J])\b"
)
_REJECTED = re.compile(
    r"\b([A-J])\)? (?:is|was|are|can be) (?:also |clearly )?(?:wrong|incorrect|not|false|out|ruled)"
)
_NAMED = re.compile(r"(?i:\b(?:option|choice|answer) is:?) [(\[]?([A-J])\b(?! or| and)")
_CLAUSE = re.compile(r"[,.;:，。；：!?\n]| because | since | as | but | rather than ")
_JOINER = re.compile(r" ?(?:or|and|&|/|和|或)? ?")


class Chosen(NamedTuple):
    """What a completion chooses."""

    text: str
    """Of its answer."""
    letters: frozenset[str]
    """Empty where it chooses nothing, or leaves open what."""
    conflicting: bool = False
    """Different boxes or elements, or one box that names several letters."""


def chosen(sample: Sample, references: tuple[str, ...], *, multi_select: bool = False) -> Chosen:
    """The letters that the answer chooses, with its text.

    Args:
        sample: Its prompt may list the options.
        references: May give the text of an option.
        multi_select: Several letters may be chosen together.
    """
    options = listed_options(sample, references)
    first = ""
    for answer in candidates(sample.text, PHRASE, delimited=sample.delimited):
        first = first or answer.text
        if answer.conflicting:
            return _from_several(answer, options, multi_select=multi_select)
        if answer.how == "whole" and not sample.delimited and not _LEAD.match(plain(answer.text)):
            # Prose that does not start with its choice ends with it.
            letters = _by_text(answer.text, options)
        else:
            letters = read_letters(answer.text, options, multi_select=multi_select)
        if letters:
            return Chosen(answer.text, letters)
        binding = answer.how in {"box", "tag"}
        if binding and len(_letters(plain(answer.text), multi_select=False)) > 1:
            # Such a box leaves the choice open, and nothing outside it is the answer.
            return Chosen(answer.text, frozenset(), conflicting=True)
    if sample.delimited:
        return Chosen(first, frozenset())
    return Chosen(first, _last_said(sample.text[-TAIL_CHARS:], multi_select=multi_select))


def _from_several(answer: Answer, options: Mapping[str, str], *, multi_select: bool) -> Chosen:
    read = [read_letters(text, options, multi_select=multi_select) for text in answer.distinct]
    letters = frozenset().union(*read)
    agree = len(letters) == 1 and all(read)
    together = letters if agree or multi_select else frozenset()
    return Chosen(", ".join(answer.distinct), together, conflicting=True)


def listed_options(sample: Sample, references: tuple[str, ...]) -> dict[str, str]:
    """The options' texts by letter: those the prompt lists, and those that references give.

    Args:
        sample: Its prompt may list them, one a line: `A. red`.
        references: May name one with its text: `B. blue`.
    """
    prompt = sample.prompt if isinstance(sample.prompt, str) else _text(sample.prompt)
    lines = map(_OPTION.fullmatch, prompt[-MAX_PROMPT_CHARS:].split("\n"))
    listed = {line[1]: _option_text(line[2]) for line in lines if line}
    for reference in references:
        if match := _REFERENCE_OPTION.match(reference):
            listed[match[1]] = _option_text(match[2])
    return listed


def _option_text(text: str) -> str:
    """An option in one spelling: its words, or its formula with every sign."""
    if any(c.isdigit() or c in "\\+=<>^" for c in text):
        return "".join(plain(text).lower().split())
    return squad(text)


def _text(prompt: tuple[Message, ...]) -> str:
    return "\n".join(message.text for message in prompt)


def reference_letters(
    reference: str, options: Mapping[str, str], *, multi_select: bool
) -> frozenset[str]:
    """The letters that a reference names, by themselves or by an option's text; empty for none."""
    if multi_select and (letters := _letters(plain(reference), multi_select=True)):
        return letters
    return read_letters(reference, options, multi_select=False)


def read_letters(text: str, options: Mapping[str, str], *, multi_select: bool) -> frozenset[str]:
    """The letters a short text says; empty for none or for a choice it leaves open."""
    text = plain(text)
    if multi_select:
        return _letters(text, multi_select=True) or _by_text(text, options)
    if small := _SMALL.fullmatch(text):
        return frozenset(small[1].upper())
    rest = _REJECTED.sub("", _NEGATED.sub("", text))
    return _by_text(text, options) or _leading(rest)


def _leading(text: str) -> frozenset[str]:
    """The one letter of the first clause that has any; empty if later clauses add bare letters."""
    if named := _NAMED.findall(text):
        return frozenset(named[-1])
    first: frozenset[str] = frozenset()
    for clause in _CLAUSE.split(text):
        letters = _letters(clause, multi_select=False)
        bare = letters and not _JOINER.sub("", _LETTER.sub("", clause)).strip(" ()[]")
        if first and bare and letters != first:
            return frozenset()
        if letters and not first:
            if len(letters) > 1:
                return frozenset()
            first = letters
    return first


def _letters(text: str, *, multi_select: bool) -> frozenset[str]:
    if multi_select and re.fullmatch(r"[A-J]{1,10}", text):
        return frozenset(text)
    found = frozenset(_LETTER.findall(text))
    return found - {"I"} or found


def _last_said(tail: str, *, multi_select: bool) -> frozenset[str]:
    """The letter that the last sentence with a letter ends on, negated ones aside."""
    rest = _REJECTED.sub("", _NEGATED.sub("", fold(tail)))
    for sentence in reversed(re.split(r"[.!?。\n]", rest)):
        letters = _letters(sentence, multi_select=multi_select)
        if letters and letters != {"I"}:
            return letters if multi_select else _leading(sentence)
    return frozenset()


def _by_text(text: str, options: Mapping[str, str]) -> frozenset[str]:
    written = _option_text(text)
    hits = {letter for letter, option in options.items() if option and option == written}
    return frozenset(hits) if len(hits) == 1 else frozenset()
