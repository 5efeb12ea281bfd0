"""IFBench's `count:` and `ratio:` checks."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from harmo.scorers.aspect.ifeval.check import Checks, Count, Keyword, Phrase, compare
from harmo.scorers.aspect.ifeval.ifbench_lists import NAMES, PRONOUNS, STOP_WORDS
from harmo.scorers.aspect.ifeval.ifbench_text import EDGE, NO_PUNCTUATION, bare_words
from harmo.scorers.aspect.ifeval.text import count_whole, count_words, sentences, treebank_words

COUNTS = Checks()
N = Annotated[Count, Field(alias="N")]
SmallN = Annotated[Count, Field(alias="small_n")]
Percentage = Annotated[float, Field(ge=0, le=100)]
_CONJUNCTIONS = frozenset({"and", "but", "for", "nor", "or", "so", "yet"})
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_REPEATS = (1, 2, 3, 5, 7)


@COUNTS.add("count:word_count_range")
def _word_count_range(text: str, *, min_words: Count, max_words: Count) -> str | None:
    count = count_words(text)
    in_range = min_words <= count <= max_words
    return None if in_range else f"{count} words, not {min_words} to {max_words}"


@COUNTS.add("count:unique_word_count")
def _unique_word_count(text: str, *, count: N) -> str | None:
    unique = {word.strip(EDGE) for word in text.lower().split()}
    return compare(len(unique), "at least", count, "unique words")


@COUNTS.add("count:conjunctions")
def _conjunctions(text: str, *, count: SmallN) -> str | None:
    used = {word.strip(EDGE).lower() for word in text.split()} & _CONJUNCTIONS
    return compare(len(used), "at least", count, "coordinating conjunctions")


@COUNTS.add("count:person_names")
def _person_names(text: str, *, count: N) -> str | None:
    words = set(re.findall(r"\w+", text))
    return compare(len(words.intersection(NAMES)), "at least", count, "listed names")


@COUNTS.add("count:numbers")
def _numbers(text: str, *, count: N) -> str | None:
    numbers = re.findall(r"\d+", text.translate(NO_PUNCTUATION))
    return compare(len(numbers), "exactly", count, "numbers")


@COUNTS.add("count:punctuation")
def _punctuation(text: str) -> str | None:
    if not any(mark in text for mark in ("!?", "?!", "‽")):
        return "no interrobang"
    rest = text.replace("?!", "", 1)
    if len(rest) == len(text):
        rest = text.replace("!?", "", 1)
    missing = [mark for mark in ".,!?;:" if mark not in rest]
    return f"missing {missing}" if missing else None


@COUNTS.add("count:words_japanese")
def _words_japanese(text: str, *, position: Annotated[int, Field(alias="N", ge=1)]) -> str | None:
    for number, word in enumerate(text.split(), start=1):
        bare = word.strip(EDGE)
        if number % position or not bare or bare.isdigit() or _JAPANESE.search(bare):
            continue
        return f"word {number} is not Japanese"
    return None


@COUNTS.add("count:pronouns")
def _pronouns(text: str, *, count: N) -> str | None:
    used = sum(1 for word in treebank_words(text.replace("/", " ").lower()) if word in PRONOUNS)
    return compare(used, "at least", count, "pronouns")


@COUNTS.add("count:keywords_multiple")
def _keywords_multiple(
    text: str,
    *,
    keyword1: Keyword,
    keyword2: Keyword,
    keyword3: Keyword,
    keyword4: Keyword,
    keyword5: Keyword,
) -> str | None:
    keywords = (keyword1, keyword2, keyword3, keyword4, keyword5)
    for keyword, times in zip(keywords, _REPEATS, strict=True):
        count = count_whole(text, keyword.strip())
        if count != times:
            return compare(count, "exactly", times, f"times {keyword!r}")
    return None


@COUNTS.add("ratio:stop_words")
def _stop_words(text: str, *, percentage: Percentage) -> str | None:
    words = re.findall(r"\w+", text)
    if not words:
        return "no words"
    share = 100 * sum(1 for word in words if word.lower() in STOP_WORDS) / len(words)
    return None if share <= percentage else f"{share:.0f}% stop words, above {percentage:g}%"


@COUNTS.add("ratio:sentence_type")
def _sentence_type(text: str) -> str | None:
    telling, asking, _ = _endings(text)
    if telling == 2 * asking > 0:
        return None
    return f"{telling} declarative and {asking} interrogative sentences, not 2:1"


@COUNTS.add("ratio:sentence_balance")
def _sentence_balance(text: str) -> str | None:
    counts = _endings(text)
    if counts[0] == counts[1] == counts[2] > 0:
        return None
    return "{} declarative, {} interrogative, {} exclamatory sentences".format(*counts)


def _endings(text: str) -> tuple[int, int, int]:
    ends = [sentence[-1:] for sentence in sentences(text)]
    return ends.count("."), ends.count("?"), ends.count("!")


@COUNTS.add("ratio:overlap")
def _overlap(text: str, *, reference_text: Phrase, percentage: Percentage) -> str | None:
    trigrams, wanted = _trigrams(text), _trigrams(reference_text)
    if not trigrams:
        return "fewer than three words"
    overlap = 100 * len(trigrams & wanted) / len(trigrams)
    close = abs(overlap - percentage) <= 2
    return None if close else f"{overlap:.0f}% trigram overlap, not {percentage:g}% ± 2%"


def _trigrams(text: str) -> set[tuple[str, str, str]]:
    words = treebank_words(text)
    return set(zip(words, words[1:], words[2:], strict=False))


@COUNTS.add("ratio:sentence_words")
def _sentence_words(text: str) -> str | None:
    found = sentences(text)
    if len(found) != 3:
        return f"{len(found)} sentences, not 3"
    if any(len(one) != len(other) for one, other in pairwise(found)):
        return f"sentences of {[len(sentence) for sentence in found]} characters"
    words = bare_words(" ".join(found))
    return None if words and len(words) == len(set(words)) else "a word is used twice"
