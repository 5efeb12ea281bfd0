"""`aspect.mm_ifeval`: the 19 rule-verified constraints of MM-IFEval.

Function names are the data set's, its spelling included; their parameters come in order.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated

from pydantic import Field

from harmo.scorers.aspect.ifeval.check import Checks, Count, Phrase, Phrases
from harmo.scorers.aspect.ifeval.scoring import (
    Credit,
    Weights,
    instructed,
    score_instructions,
    score_quickly,
)
from harmo.scorers.aspect.ifeval.text import count_whole, is_word, sentences
from harmo.scorers.aspect.remember import once
from harmo.scorers.types import Sample, Score

MM_IFEVAL = Checks()
Range = tuple[Count, Count]
_PERCENTAGE = re.compile(r"(\d++(?>(?:\.\d++)*))\s*+(%?)")
_NUMBER = re.compile(
    r"(?<!\w)[+-]?(?:(?:(\d{1,3})(?!\d)((?>(?:,\d{3}(?!\d))*))|(\d++))(?>(?:\.(\d++))?)|\.(\d++))"
    r"(?>(?:[eE][+-]?\d++)?)(%?)"
)
"""What looks like a number, read once be it one or not; see `_decimals`."""
_DOTTED = re.compile(r"[\w.]+")
_NOT_IN_WORDS = re.compile(r"[^\w\s.-]")


@instructed("aspect.mm_ifeval", inline=partial(score_quickly, checks=MM_IFEVAL))
def mm_ifeval(sample: Sample, *, credit: Credit = "mean", weights: Weights | None = None) -> Score:
    """The share of MM-IFEval's rule-verified constraints followed, in [0, 1] (arXiv 2504.07957).

    Reads and abstains as `aspect.ifeval`. A constraint holds if all its functions do; those left to
    a judge model are only listed, under `detail.judged`, and where no other is left it abstains
    (`no_constraints`). Unlike the source, a number before a full stop is a number. For the function
    `check_whether_response_word_count_in_range` and params [2, 3], "one two" is 1.0, "one" 0.0.

    Args:
        sample: Its answer part is read, its constraints say what to check.
        credit: `mean` over the constraints, `all` or nothing, or `weighted`.
        weights: For `weighted`: by constraint key; else 1.

    Returns:
        A score whose detail lists every constraint: its key, if it was followed, and why not.
    """
    return score_instructions(sample, MM_IFEVAL, mode="strict", credit=credit, weights=weights)


@once
def _clean(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines()).strip()


@once
def _paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in re.split(r"\n{2,}", _clean(text)) if paragraph]


@once
def _count_words(text: str) -> int:
    return len(_NOT_IN_WORDS.sub("", text).split())


def _within(count: int, lower: int, upper: int, what: str) -> str | None:
    return None if lower <= count <= upper else f"{count} {what}, not {lower} to {upper}"


@MM_IFEVAL.add("check_whether_response_paragraph_number_in_range")
def _paragraph_number(text: str, *, lower_bound: Count, upper_bound: Count) -> str | None:
    return _within(len(_paragraphs(text)), lower_bound, upper_bound, "paragraphs")


@MM_IFEVAL.add("check_whether_response_sentence_number_in_range")
def _sentence_number(text: str, *, lower_bound: Count, upper_bound: Count) -> str | None:
    return _within(len(sentences(_clean(text))), lower_bound, upper_bound, "sentences")


@MM_IFEVAL.add("check_whether_each_paragraph_sentence_number_in_range")
def _each_sentence_number(text: str, *, lower_bound: Count, upper_bound: Count) -> str | None:
    return _sentences_fit(text, [(lower_bound, upper_bound)] * len(_paragraphs(text)))


@MM_IFEVAL.add("check_whether_each_paragraph_sentence_number_in_range_list")
def _each_sentence_number_list(
    text: str, *, ranges: Annotated[list[Range], Field(min_length=1, max_length=256)]
) -> str | None:
    return _sentences_fit(text, ranges)


def _sentences_fit(text: str, ranges: list[Range]) -> str | None:
    paragraphs = _paragraphs(text)
    if len(paragraphs) != len(ranges):
        return f"{len(paragraphs)} paragraphs, not {len(ranges)}"
    for number, (paragraph, bounds) in enumerate(zip(paragraphs, ranges, strict=True), start=1):
        count = len(sentences(paragraph))
        if why := _within(count, *bounds, f"sentences in paragraph {number}"):
            return why
    return None


@MM_IFEVAL.add("check_whether_response_word_count_in_range")
def _word_count(text: str, *, lower_bound: Count, upper_bound: Count) -> str | None:
    return _within(_count_words(text), lower_bound, upper_bound, "words")


@MM_IFEVAL.add("check_whether_each_paragraph_word_count_in_range")
def _each_word_count(text: str, *, lower_bound: Count, upper_bound: Count) -> str | None:
    for number, paragraph in enumerate(_paragraphs(text), start=1):
        count = _count_words(paragraph)
        if why := _within(count, lower_bound, upper_bound, f"words in paragraph {number}"):
            return why
    return None


@MM_IFEVAL.add("check_whether_whole_response_not_contain_certain_substrings")
def _without_all(text: str, *, substrings: Phrases) -> str | None:
    found = [substring for substring in substrings if substring in text]
    return f"contains {found}" if found else None


@MM_IFEVAL.add("check_whether_whole_response_not_contain_certain_substring")
def _without(text: str, *, substring: Phrase) -> str | None:
    return _without_all(text, substrings=[substring])


@MM_IFEVAL.add("check_whether_whole_response_begin_with_certain_substring")
def _begins(text: str, *, substring: Phrase) -> str | None:
    return _starts([text.strip()], substring, "the response")


@MM_IFEVAL.add("check_whether_each_sentence_begin_with_certain_substring")
def _each_sentence_begins(text: str, *, substring: Phrase) -> str | None:
    return _starts(sentences(_clean(text)), substring, "a sentence")


@MM_IFEVAL.add("check_whether_each_paragraph_begin_with_certain_substring")
def _each_paragraph_begins(text: str, *, substring: Phrase) -> str | None:
    return _starts(_paragraphs(text), substring, "a paragraph")


@MM_IFEVAL.add("check_whether_whole_response_end_with_certain_substring")
def _whole_ends(text: str, *, substring: Phrase) -> str | None:
    return _ends([text.strip()], substring, "the response")


@MM_IFEVAL.add("check_whether_each_sentence_end_with_certain_substring")
def _each_sentence_ends(text: str, *, substring: Phrase) -> str | None:
    return _ends(sentences(_clean(text)), substring, "a sentence")


@MM_IFEVAL.add("check_whether_each_paragraph_end_with_certain_substring")
def _each_paragraph_ends(text: str, *, substring: Phrase) -> str | None:
    return _ends(_paragraphs(text), substring, "a paragraph")


def _starts(texts: list[str], substring: str, what: str) -> str | None:
    wrong = next((text for text in texts if not text.startswith(substring)), None)
    return None if wrong is None else f"{what} starts with {wrong[:40]!r}, not {substring!r}"


def _ends(texts: list[str], substring: str, what: str) -> str | None:
    wrong = next((text for text in texts if not text.endswith(substring)), None)
    return None if wrong is None else f"{what} ends with {wrong[-40:]!r}, not {substring!r}"


@MM_IFEVAL.add("check_whether_each_keyword_in_list_metioned_in_range")
def _each_keyword(
    text: str, *, keywords: Phrases, lower_bound_times: Count, upper_bound_times: Count
) -> str | None:
    for keyword in keywords:
        count = count_whole(text, keyword)
        if why := _within(count, lower_bound_times, upper_bound_times, f"times {keyword!r}"):
            return why
    return None


@MM_IFEVAL.add("check_whether_total_keyword_in_list_metioned_in_range")
def _total_keyword(
    text: str, *, keywords: Phrases, lower_bound_times: Count, upper_bound_times: Count
) -> str | None:
    count = sum(count_whole(text, keyword) for keyword in keywords)
    return _within(count, lower_bound_times, upper_bound_times, f"times any of {keywords}")


@MM_IFEVAL.add("check_percentage_number_precision_in_response")
def _percentage_precision(text: str, *, precision: Count) -> str | None:
    for match in _PERCENTAGE.finditer(text):
        _, point, decimals = match[1].rpartition(".")
        if match[2] and (not point or len(decimals) != precision):
            return f"{match[1][:40]}% has not {precision} decimals"
    return None


@MM_IFEVAL.add("check_number_precision_in_response")
def _number_precision(text: str, *, precision: Count) -> str | None:
    for match in _NUMBER.finditer(text):
        decimals = _decimals(match)
        if decimals is not None and len(decimals) != precision:
            return f"{match[0][:40]} has not {precision} decimals"
    return None


def _decimals(match: re.Match[str]) -> str | None:
    """The decimals of what looks like a number; None where it is none, as in "5x"."""
    small, thousands, large, after_whole, alone, percent = match.groups()
    decimals = alone if after_whole is None else after_whole
    following = match.string[match.end() : match.end() + 1]
    if percent or not is_word(following):
        return decimals or ""
    # "1.5x" and "1,234x" hold the number 1: the mark behind it is no part of a word.
    whole = (small or large) and decimals is not None
    return "" if whole or thousands else None


@MM_IFEVAL.add("check_whether_has_no_arabic_number_in_response")
def _no_arabic_number(text: str) -> str | None:
    for dotted in _DOTTED.finditer(text):
        number, _, _ = dotted[0].partition(".")
        if number.isdecimal():
            return f"contains {number[:40]}"
    return None
