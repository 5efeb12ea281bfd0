"""What a clause makes of the answer that it ends with: set phrases, and values tried out."""

from __future__ import annotations

import re

from harmo.scorers.reading.around import lexicon as lex
from harmo.scorers.reading.around.stance import Stance


def negated(words: list[str]) -> bool:
    """True if a word of these negates."""
    return any(word in lex.NEGATIONS or word.endswith("n't") for word in words)


def framed(words: list[str]) -> Stance:
    """What set phrases in the clause say: "I doubt that", "it is wrong to say"."""
    # "No, the answer is" denies what was said before.
    words = ["" if word == "no," else word.strip(",:;") for word in words]
    return max(
        _frame(word, words[at + 1] if at + 1 < len(words) else "", words[max(at - 3, 0) : at])
        for at, word in enumerate(words)
    )


def _frame(word: str, following: str, nearby: list[str]) -> Stance:
    denied = negated(nearby)
    wrong = word in lex.WRONG and following in lex.WRONG_WHAT
    if word in lex.NEVER or (not denied and (wrong or word in lex.WRONGLY)):
        return Stance.DENIED
    right = word in lex.RIGHT and following in {"that", "to"}
    if denied and (right or (word in lex.SAYING and not lex.WRONG & set(nearby))):
        return Stance.DENIED
    own = {"i", "we", "i'd"} & set(nearby)
    said = word in lex.SAYING and {"might", "could", "may"} & set(nearby) and not own
    unsure = denied and word in lex.KNOWN and following in lex.UNKNOWN
    # "Perhaps surprisingly" doubts nothing.
    maybe = word in lex.MAYBE and not following.endswith("ly")
    return Stance.DOUBTED if maybe or said or unsure else Stance.CLAIMED


def assumed(words: list[str]) -> Stance:
    """A clause that tries a value out and says no more: "Let x =", "Suppose the answer is"."""
    clause = words[max((at + 1 for at, word in enumerate(words) if word[-1] == ","), default=0) :]
    said = {word for word in clause if word not in lex.FILLERS and not _LETTER.match(word)}
    if any(word[-1] == ":" for word in clause) or not said & lex.ASSUMING:
        return Stance.CLAIMED
    return Stance.DOUBTED if said <= lex.ASSUMING | lex.OPENING else Stance.CLAIMED


_LETTER = re.compile(r"[a-z]\d?\Z")
