"""Sentences, words and whole-word occurrences, counted as the benchmarks count them.

Sentences are those of Punkt's English model (Kiss and Strunk 2006), words are those of the Penn
Treebank; both give NLTK's verdicts without NLTK, in linear time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from harmo.scorers.aspect.remember import once

_QUOTES = "‘’“”«»"
_NON_WORD = re.escape("?!)\";}]*:@'({[" + _QUOTES)
_MARK = re.compile(r"[.?!]")
_MARKED = re.compile(rf"[{_NON_WORD}]")
_STRETCH = re.compile(r"\S+")
# How a run of dashes, of dots, or of dots with spaces between starts; what does is one.
_RUN = r"--|\.\.|\.\s\.\s\."
_TOKEN = re.compile(
    r"-{2,}|\.{2,}|\.\s\.\s\.(?>(?:\s\.)*)"
    rf"|[^\s(\"`{{\[:;&#*@)}}\]\-,](?:(?!{_RUN}|,(?:$|[\s{_NON_WORD}]|{_RUN}))[^\s{_NON_WORD}])*"
    r"|\S"
)
_INITIAL = re.compile(r"[^\W\d]\.")
_NUMBER = re.compile(r"-?[.,]?\d[\d,.-]*")
_DOTS = re.compile(r"\.{2,}")
_NO_START = frozenset(";:,.!?")
_NUMBER_TYPE = "##number##"
_CLOSING = re.compile(rf"[\"')\]}}{_QUOTES}]+?(?:\s+|(?=--)|$)", re.MULTILINE)
_SPACE = frozenset(" \t\n\r\x0b\x0c")


@once
def sentences(text: str) -> list[str]:
    """The sentences of a text, as Punkt splits them."""
    spans = list(_spans(text))
    found: list[str] = []
    skip = 0
    for (start, end), (next_start, next_end) in pairwise([*spans, (len(text), len(text))]):
        # Marks that close a quote or a bracket belong to the sentence before them.
        closing = _CLOSING.match(text[next_start:next_end])
        if closing and next_end > next_start:
            found.append(text[start + skip : next_start + len(closing[0].rstrip())])
            skip = closing.end()
            continue
        if start + skip < end:
            found.append(text[start + skip : end])
        skip = 0
    return found


class _Mark(NamedTuple):
    """A mark that may end a sentence."""

    at: int
    context: str
    """The mark and what follows it: another mark, or spaces and the next word."""
    next_word: int
    """Where that word starts; behind the mark where a mark follows."""


def _spans(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for mark, context in _contexts(text):
        if _has_break(context):
            yield begin, mark.at + 1
            begin = mark.next_word
    yield begin, len(text.rstrip())


def _marks(text: str) -> Iterator[_Mark]:
    """Every mark that may end a sentence."""
    stretch = _STRETCH.search(text)
    for following in chain(_STRETCH.finditer(text, stretch.end()) if stretch else (), (None,)):
        if stretch is None:
            return
        end = stretch.end()
        for mark in _MARK.finditer(text, stretch.start(), end):
            after = mark.end()
            if after < end:
                if _MARKED.match(text, after):
                    yield _Mark(mark.start(), text[after - 1 : after + 1], after)
            elif following is not None:
                context = text[after - 1 : following.end()]
                yield _Mark(mark.start(), context, following.start())
        stretch = following


def _contexts(text: str) -> Iterator[tuple[_Mark, str]]:
    """Every mark that may end a sentence, with the word it stands in and what follows it."""
    last: _Mark | None = None
    start = end = 0
    for mark in _marks(text):
        space = mark.at - 1
        while space > end and text[space] not in _SPACE:
            space -= 1
        word = space + 1 if space > end else start
        if last and end <= word:
            yield last, text[start:end] + last.context
        last, start, end = mark, word, mark.at
    if last:
        yield last, text[start:end] + last.context


def _has_break(context: str) -> bool:
    tokens = [token for line in context.split("\n") for token in _TOKEN.findall(line)]
    return any(_ends_sentence(token, following) for token, following in pairwise(tokens))


@cache
def _english() -> Mapping[str, frozenset[str]]:
    """What Punkt learnt of English: abbreviations, frequent first words, words in lower case."""
    document = json.loads(Path(__file__).with_name("punkt_english.json").read_text("utf-8"))
    return {name: frozenset(words.split()) for name, words in document.items()}


def _ends_sentence(token: str, following: str) -> bool:
    if token in {".", "?", "!"}:
        return True
    if not token.endswith("."):
        return False
    ends, initial = _stops(token), _INITIAL.fullmatch(token) is not None
    abbreviation, before = not (ends or token.endswith("..")), _type(token, stopped=True)
    after = _type(following, stopped=_stops(following))
    if f"{before}|{after}" in _english()["pairs"]:
        return False
    if not initial and (abbreviation or _DOTS.fullmatch(token)):
        return _starts_sentence(following, after)
    if initial or before == _NUMBER_TYPE:
        if following in _NO_START or following[0].islower():
            return False
        if initial and following[0].isupper() and not _seen_lower(after):
            return False
    return ends


def _stops(token: str) -> bool:
    """True of a word with a full stop that is no part of it."""
    if not token.endswith(".") or token.endswith(".."):
        return False
    word = token[:-1].lower()
    return _english()["abbreviations"].isdisjoint({word, word.rpartition("-")[2]})


def _type(token: str, *, stopped: bool) -> str:
    """What Punkt learnt of a token under: itself in lower case, any number as one."""
    if _NUMBER.fullmatch(token):
        return _NUMBER_TYPE
    return token[:-1].lower() if stopped and len(token) > 1 else token.lower()


def _starts_sentence(token: str, type_: str) -> bool:
    """True of a capitalised word that is no name, or that often starts a sentence."""
    known = _english()
    return token[0].isupper() and (type_ in known["never_a_name"] or type_ in known["starters"])


def _seen_lower(type_: str) -> bool:
    """True of a word that is written in lower case as well."""
    known = _english()
    return type_ in known["never_a_name"] or type_ in known["also_a_name"]


# Stands between sentences, so that each rule makes one pass over the whole text.
_BREAK = "\ue002"
# NLTKWordTokenizer's rules: quotes that open, punctuation, brackets, quotes that close, clitics.
# Between the three stand its two rules for the full stop that ends a sentence.
_WORD_RULES = tuple(
    tuple((re.compile(pattern, flags), replacement) for pattern, replacement, flags in rules)
    for rules in (
        (
            (r"[«“‘„]|`+", r" \g<0> ", 0),
            (rf'(?:(?<={_BREAK})|\A)"', "``", 0),
            (r"``", r" \g<0> ", 0),
            (r"([ (\[{<])(?:\"|'')", r"\1 `` ", 0),
            (r"(?<!\w)'(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)", "' ", re.IGNORECASE),
        ),
        (
            (r"([:,])(\D)", r" \1 \2", 0),
            (r"[:,]\Z", r" \g<0> ", 0),
            (r"\.{2,}", r" \g<0> ", 0),
            (r"[;@#$%&\u2012-\u2015]", r" \g<0> ", 0),
        ),
        (
            (r"[?!]", r" \g<0> ", 0),
            (r"([^'])' ", r"\1 ' ", 0),
            (r"[*\]\[(){}<>]", r" \g<0> ", 0),
            (r"--", r" -- ", 0),
            (rf"{_BREAK}|\A|\Z", r" \g<0> ", 0),
            (r"[»”’]", r" \g<0> ", 0),
            (r"''|\"", " '' ", 0),
            (r"\s+", " ", 0),
            (r"([^' ])('[sSmMdD]|') ", r"\1 \2 ", 0),
            (r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r"\1 \2 ", 0),
            (r"\b(can)(not)\b|\b(gim|lem)(me)\b|\b(gon)(na)\b", r" \1\3\5 \2\4\6 ", re.IGNORECASE),
            (r"\b(got)(ta)\b|\b(wan)(na)(?=\s)", r" \1\3 \2\4 ", re.IGNORECASE),
            (r"\b(d)('ye)\b|\b(more)('n)\b", r" \1\3 \2\4 ", re.IGNORECASE),
            (r" ('t)(is|was)\b", r" \1 \2 ", re.IGNORECASE),
        ),
    )
)


@once
def treebank_words(text: str) -> list[str]:
    """The words and marks of a text, as the Penn Treebank splits them."""
    opening, middle, closing = (partial(_rewritten, rules=rules) for rules in _WORD_RULES)
    found = opening(_BREAK.join(sentences(text.replace(_BREAK, " "))))
    found = middle(_stopped(found, closers="])}>\"'»”’ ", stop=" . "))
    found = closing(_stopped(found, closers="])}>\"'", stop=" ."))
    return [word for word in found.split() if word != _BREAK]


def _rewritten(text: str, *, rules: Iterable[tuple[re.Pattern[str], str]]) -> str:
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def _stopped(text: str, *, closers: str, stop: str) -> str:
    """The text with the lone full stop of every sentence apart; closing marks may follow it."""
    return _BREAK.join(_stop_apart(each, closers, stop) for each in text.split(_BREAK))


def _stop_apart(sentence: str, closers: str, stop: str) -> str:
    body = sentence.rstrip()
    core = body.rstrip(closers)
    if core[-1:] != "." or core[-2:-1] in ("", "."):
        return sentence
    return f"{core[:-1]}{stop}{body[len(core) :]} "


_WORD = re.compile(r"\w+")


@once
def count_words(text: str) -> int:
    r"""How many runs of `\w` a text has."""
    return sum(1 for _ in _WORD.finditer(text))


def count_whole(text: str, phrase: str) -> int:
    """How often a phrase stands in a text, any case, not as part of a longer word."""
    text, phrase = text.lower(), phrase.lower()
    opens, closes = is_word(phrase[0]), is_word(phrase[-1])
    count, at = 0, text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        if opens and at and is_word(text[at - 1]):
            # Nor can it start before that word ends.
            gap = _GAP.search(text, at)
            at = text.find(phrase, gap.end()) if gap else -1
        elif closes and is_word(text[end : end + 1]):
            at = text.find(phrase, at + 1)
        else:
            count, at = count + 1, text.find(phrase, end)
    return count


_GAP = re.compile(r"\W")


def is_word(char: str) -> bool:
    r"""True of a character that `\w` matches; False of none."""
    return char.isalnum() or char == "_"
