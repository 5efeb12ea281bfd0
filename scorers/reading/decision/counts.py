"""How many a sentence says there are."""

from __future__ import annotations

import re
from fractions import Fraction

from harmo.scorers.reading.around.lexicon import CORRECTING, OR, vocabulary
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.around.words import before
from harmo.scorers.reading.decision.amounts import near
from harmo.scorers.reading.decision.sentences import sentences
from harmo.scorers.reading.numbers import Number
from harmo.scorers.reading.words import read_word

MAX_TAUTOLOGY_CHARS = 64
_IDLE = vocabulary(
    "way image images picture pictures photo idea doubt answer telling question need reason "
    "data information clear sense one comment "
    "clue problem point such use"
)
"""What there is none of without anything having been counted."""
_ONE = re.compile(r"\b(?:only|exactly|just|there is) one\b")
_LEFT_OUT = vocabulary("at are is were was visible whatsoever shown present exist only found seen")
_NO_COUNT = vocabulary("above options answers choices")
_COUNTED = re.compile(
    r"\b(?:there (?:is|are|were|was)|(?:i|we) (?:can )?(?:see|count|find|found)|shows|has|have"
    r"|contains) (?:only |exactly |just |a total of )?(?=[\w-])"
)
_VISIBLE = re.compile(
    r"(?>(?:(?:so|thus|therefore|hence|overall|in total|in all|then),? )?)"
    r"(?=[\w-]{1,20}+(?: [a-z]{1,20}+){1,3} (?:visible|shown|seen|present|there)\b)"
)
_GOES_ON = vocabulary(
    "with below above around on in at under over from near between among across for by of behind "
    "beside inside outside whose that which who having per out greater less larger smaller"
)
_OF_THEM = (["of", "which"], ["of", "them"], ["of", "these"], ["of", "those"])
_STOPS = vocabulary("and or plus to but not minus then so but , ; & / versus vs")


def counted(text: str) -> Number | None:
    """The count that a sentence states first, where what follows only describes what is counted.

    `There are 3 bars with values below 40` is 3; `3 red and 2 blue squares` is none.
    """
    for sentence in reversed(sentences(text[-2000:])):
        low = sentence.lower()
        if low.split()[0].strip(",.") in CORRECTING | OR and any(map(read_word, low.split())):
            return None
        if stated := _COUNTED.search(low) or _VISIBLE.match(low):
            return _described(low, stated.end())
    return None


def _described(sentence: str, at: int) -> Number | None:
    word, _, rest = sentence[at:].partition(" ")
    number = read_word(word) or (Number(value=Fraction(1)) if word == "one" else None)
    if number is None or near(sentence[:at], " " + rest).bounded:
        return None
    if before(sentence[:at], word) > Stance.BOUNDED or "," in word:
        return None
    others = rest.split()
    for at_, other in enumerate(others):
        bare = other.strip(".,;:!()")
        if bare in _GOES_ON:
            return number
        behind = others[at_ + 1 :]
        if other[-1:] == "," and (behind[1:3] in _OF_THEM or _denies_another(behind)):
            return number
        if other[-1:] == ":" or (other[-1:] in {",", ";"} and _adds_up(behind, number)):
            return number
        if bare in _STOPS or other[-1:] in {",", ";"} or read_word(bare):
            return None
    return number


def _denies_another(words: list[str]) -> bool:
    """True for `not 6` at the end of a sentence."""
    return len(words) == 2 and words[0] == "not" and read_word(words[1]) is not None


def _adds_up(words: list[str], number: Number) -> bool:
    """True for the parts of a number: `2 brown and 3 black` of 5."""
    parts = [part.value for word in words if (part := read_word(word))]
    return len(parts) > 1 and sum(parts) == number.value


def none_or_one(text: str) -> Number | None:
    """0 for `none` and `there are no dogs`, 1 for `only one`; None for any other text, or both.

    Args:
        text: An answer without a number.
    """
    low = text.lower()
    none, one = _is_none(re.findall(r"[\w']+", low)[:80]), _ONE.search(low) is not None
    return None if none == one else Number(value=Fraction(int(one)))


def _is_none(words: list[str]) -> bool:
    if words[:1] == ["none"]:
        return _of_what(words[2:]) if words[1:2] == ["of"] else _LEFT_OUT.issuperset(words[1:2])
    if words[:1] == ["no"]:
        return len(words) == 2 and words[1] not in _IDLE and words[1].endswith("s")
    return any(_absent(words[at + 1 : at + 5]) for at, word in enumerate(words) if word == "there")


def _of_what(words: list[str]) -> bool:
    """True for `none of them`, not for `none of your business`."""
    if words[:1] == ["the"]:
        return bool(words[1:]) and words[1] not in _NO_COUNT
    return bool(words) and words[0] in {"them", "these", "those"}


def _absent(words: list[str]) -> bool:
    """True for what `there` is followed by where something is absent: `are no dogs`."""
    be, *rest = words or [""]
    if be in {"isn't", "aren't", "wasn't", "weren't"}:
        return rest[:1] == ["any"]
    if be not in {"is", "are", "was", "were"}:
        return False
    counted_none = rest[:1] == ["no"] and bool(rest[1:]) and rest[1] not in _IDLE
    return counted_none or rest[:1] == ["none"] or rest[:2] == ["not", "any"]


def is_tautology(text: str) -> bool:
    """True for an equation of mere numbers, which says none of them: `1=1`."""
    sides = [side.strip(" $-") for side in text[:MAX_TAUTOLOGY_CHARS].split("=")]
    return len(sides) > 1 and all(side.replace(".", "", 1).isdigit() for side in sides)
