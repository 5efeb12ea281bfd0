"""IFBench's `words:` and `sentence:` checks."""

from __future__ import annotations

import string
from collections import Counter
from itertools import pairwise
from typing import Annotated

import syllapy
from pydantic import Field

from harmo.scorers.aspect.ifeval.check import Checks, Count, Phrase, compare
from harmo.scorers.aspect.ifeval.ifbench_counts import SmallN
from harmo.scorers.aspect.ifeval.ifbench_text import EDGE, bare_words
from harmo.scorers.aspect.ifeval.text import count_whole, sentences, treebank_words

WORDS = Checks()
Position = Annotated[int, Field(ge=1)]
_ALPHABET = string.ascii_lowercase
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
_PRIMES = frozenset(n for n in range(2, 100) if all(n % d for d in range(2, n)))


@WORDS.add("words:alphabet")
def _alphabet(text: str) -> str | None:
    words = bare_words(text)
    if not words or words[0][0] not in _ALPHABET:
        return "does not start with a letter"
    first = _ALPHABET.index(words[0][0])
    for number, word in enumerate(words):
        if word[0] != _ALPHABET[(first + number) % 26]:
            return f"word {number + 1}, {word[:40]!r}, is out of order"
    return None


@WORDS.add("words:vowel")
def _vowel(text: str) -> str | None:
    if "\n" in text.strip():
        return "more than one paragraph"
    used = sorted(set(text.lower()) & set("aeiou"))
    return None if len(used) <= 3 else f"uses the vowels {used}"


@WORDS.add("words:consonants")
def _consonants(text: str) -> str | None:
    for word in text.lower().split():
        if not any(a in _CONSONANTS and b in _CONSONANTS for a, b in pairwise(word)):
            return f"{word[:40]!r} has no consonant cluster"
    return None


@WORDS.add("words:palindrome")
def _palindrome(text: str) -> str | None:
    count = sum(1 for word in bare_words(text) if len(word) >= 5 and word == word[::-1])
    return compare(count, "at least", 10, "palindromes of five letters or more")


@WORDS.add("words:prime_lengths")
def _prime_lengths(text: str) -> str | None:
    wrong = next((word for word in bare_words(text) if len(word) not in _PRIMES), None)
    return None if wrong is None else f"{wrong[:40]!r} has {len(wrong)} characters"


@WORDS.add("words:repeats")
def _repeats(text: str, *, limit: SmallN) -> str | None:
    word, count = max(Counter(bare_words(text)).items(), key=lambda item: item[1], default=("", 0))
    return compare(count, "at most", limit, f"times {word[:40]!r}")


@WORDS.add("words:odd_even_syllables")
def _odd_even_syllables(text: str) -> str | None:
    words = bare_words(text)
    parity = [syllapy.count(word) % 2 for word in words]
    for number, (one, other) in enumerate(pairwise(parity)):
        if one == other:
            pair = " ".join(words[number : number + 2])[:80]
            return f"{pair!r} have syllable counts of one parity"
    return None


@WORDS.add("words:no_consecutive")
def _no_consecutive(text: str) -> str | None:
    for one, other in pairwise(bare_words(text)):
        if one[0] == other[0]:
            return f"{one[:40]!r} and {other[:40]!r} start alike"
    return None


@WORDS.add("words:last_first")
def _last_first(text: str) -> str | None:
    for one, other in pairwise(sentences(text)):
        last, first = one.rstrip(EDGE).split()[-1:], other.lstrip(EDGE).split()[:1]
        if not last or not first or last[0].lower() != first[0].lower():
            return f"a sentence after {one[-40:]!r} does not start with its last word"
    return None


@WORDS.add("words:paragraph_last_first")
def _paragraph_last_first(text: str) -> str | None:
    for paragraph in text.lower().split("\n"):
        words = paragraph.strip().strip(EDGE).split()
        if words and words[0] != words[-1]:
            return f"a paragraph goes from {words[0][:40]!r} to {words[-1][:40]!r}"
    return None


@WORDS.add("words:keywords_specific_position")
def _keywords_specific_position(
    text: str, *, keyword: Phrase, n: Position, m: Position
) -> str | None:
    found = sentences(text)
    if len(found) < n:
        return f"{len(found)} sentences, none is number {n}"
    words = _words_without_marks(found[n - 1])
    if len(words) < m:
        return f"{len(words)} words in sentence {n}, none is number {m}"
    right = words[m - 1].lower() == keyword.strip().lower()
    return None if right else f"word {m} of sentence {n} is {words[m - 1][:40]!r}"


@WORDS.add("words:words_position")
def _words_position(text: str, *, keyword: Phrase) -> str | None:
    words = _words_without_marks(text)
    if len(words) < 2:
        return "fewer than two words"
    second, second_last = words[1].lower(), words[-2].lower()
    if second == second_last == keyword.strip().lower():
        return None
    return f"second word {second[:40]!r}, second to last {second_last[:40]!r}"


def _words_without_marks(text: str) -> list[str]:
    return [word for word in treebank_words(text) if any(char.isalnum() for char in word)]


@WORDS.add("sentence:keyword")
def _keyword(
    text: str, *, word: Phrase, position: Annotated[int, Field(alias="N", ge=1)]
) -> str | None:
    found = sentences(text)
    if len(found) < position:
        return f"{len(found)} sentences, none is number {position}"
    return None if count_whole(found[position - 1], word) else f"sentence {position} lacks {word!r}"


@WORDS.add("sentence:increment")
def _increment(text: str, *, step: Annotated[Count, Field(alias="small_n")]) -> str | None:
    counts = [len(bare_words(sentence)) for sentence in sentences(text)]
    if all(other == one + step for one, other in pairwise(counts)):
        return None
    return f"sentences of {counts[:20]} words, not each {step} more than the last"


@WORDS.add("sentence:alliteration_increment")
def _alliteration_increment(text: str) -> str | None:
    runs = [_alliteration(sentence) for sentence in sentences(text)]
    if all(other > one for one, other in pairwise(runs)):
        return None
    return f"alliterations of {runs[:20]} words do not grow"


def _alliteration(sentence: str) -> int:
    words = [bare for word in sentence.lower().split() if (bare := word.lstrip(EDGE))]
    count, alike = 0, False
    for one, other in pairwise(words):
        starts_alike = one[0] == other[0]
        if starts_alike:
            count += 1 if alike else 2
        alike = starts_alike
    return count
