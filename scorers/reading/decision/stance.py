"""What the words around a choice make of it: said, denied, only possible, or nothing at all.

Words are looked up, not matched: what stands before a choice is read from its end, what follows it
from its beginning.
"""

from __future__ import annotations

from enum import IntEnum

from harmo.scorers.reading.around.lexicon import CJK_AFTER, CJK_DOUBTED
from harmo.scorers.reading.decision import lexicon as lex
from harmo.scorers.reading.decision.clauses import is_background
from harmo.scorers.reading.decision.sentences import excepts
from harmo.scorers.reading.prose import CUES

CLAUSE_CHARS = 1000
"""So much of a clause is looked at before a choice."""
MAX_WORDS = 14
"""Of a clause, on either side of a choice."""


class Stance(IntEnum):
    """How a text stands to an option that it names, weakest first."""

    MENTIONED = 0
    """Named, and nothing said of it: `point B`."""
    DENIED = 1
    POSSIBLE = 2
    """`maybe B`, `it could be B`."""
    LEADS = 3
    """It stands first: `B) red`."""
    SAID = 4
    """`so B`, `B is correct`, or all of a sentence."""
    ANSWERED = 5
    """`the answer is B`, `I choose B`."""


_OUTER = " \"'()[]*`"


def before(left: str, *, bracketed: bool) -> Stance:
    """What a clause up to a choice makes of it; `MENTIONED` for a name (`angle C`), too.

    Args:
        left: The clause up to it.
        bracketed: The choice stands in brackets, as names do not.
    """
    left = left[-CLAUSE_CHARS:]
    if denies(left):
        return Stance.MENTIONED if is_background(left) else Stance.DENIED
    if lex.ALONE.search(left.lower()):
        return Stance.SAID
    low = left.lower().rstrip(_OUTER)
    dashed, low = low.endswith(" -"), low.removesuffix(" -")
    words = [word.strip(_OUTER + ",") for word in low.split()][-MAX_WORDS:]
    named = [word for word in words if word]
    words = _without_noun(named)
    if is_background(left):
        return Stance.MENTIONED
    if low.endswith(CJK_DOUBTED):
        return Stance.POSSIBLE
    if low.endswith(CUES) or (dashed and named[-1:] and named[-1] in lex.NOUNS):
        return Stance.ANSWERED
    if not words or words == ["-"]:
        return Stance.LEADS
    if words[0] in lex.MAYBE or lex.MAYBE & set(words[-4:]):
        return Stance.POSSIBLE
    return _announced(low, words, bracketed=bracketed)


def _without_noun(words: list[str]) -> list[str]:
    """The words without `the correct option` or the like at their end."""
    if not words or words[-1].strip(":#") not in lex.NOUNS:
        return words[:-1] if words and words[-1] == "both" else words
    if words[-1] != words[-1].strip(":") and words[:-1] != []:
        return words
    if words[-1] == "answer" and words[-2:-1] and words[-2] in lex.ANSWERING:
        return words
    kept = words[:-1]
    while kept and kept[-1] in lex.DETERMINERS:
        kept = kept[:-1]
    # `The answer B` is answered; `answer B` alone leads.
    return kept


def _announced(low: str, words: list[str], *, bracketed: bool) -> Stance:
    while len(words) > 1 and words[-1] in lex.ADVERBS and words[-1] not in lex.CONNECTIVES:
        words = words[:-1]
    if len(words) > 1 and words[-1] in lex.ARTICLES and words[-2] in lex.ARTICLED:
        words = words[:-1]
        if len(words) == 1:
            return Stance.SAID
    said = " ".join(words).rstrip(":,")
    last = words[-1].rstrip(":,")
    if f" {said}".endswith(tuple(f" {each}" for each in lex.CHOOSES)):
        return Stance.ANSWERED
    if low.endswith(lex.ANNOUNCING_CJK):
        return Stance.ANSWERED
    answerish = not lex.ANSWERISH.isdisjoint(low.replace(",", " ").split())
    adverbs = len(words)
    while adverbs > 1 and words[adverbs - 1] in lex.ADVERBS:
        adverbs -= 1
    if words[adverbs - 1].rstrip(":") in lex.COPULAS:
        if answerish:
            return Stance.ANSWERED if "answer" in low else Stance.SAID
        return Stance.SAID if bracketed else Stance.MENTIONED
    if last in lex.CONNECTIVES or low.endswith(lex.ANNOUNCING_MARKS):
        return Stance.SAID
    # `The answer is red (B)`, `it must be red (B)`: the brackets name the option that was said.
    linked = answerish and not lex.COPULAS.isdisjoint(words)
    return Stance.SAID if bracketed and (linked or "be" in words) else Stance.MENTIONED


def _following(right: str) -> list[str]:
    """The first words after a choice, its closing marks and a text in brackets aside."""
    low = right[:300].lower().lstrip(")]\"'.:- ")
    if low.startswith("(") and ")" in low:
        low = low.partition(")")[2]
    low = low.replace("'s ", " 's ", 1) if low.startswith("'s") else low
    return [word.strip(".,;:!\"'()") for word in low.split()[:MAX_WORDS]]


def _predicate(right: str) -> list[str] | None:
    """What a clause says its subject is; None where it says something else."""
    words = _following(right)
    while words and words[0] in lex.NOUNS:
        words = words[1:]
    rest = words
    while rest and rest[0] in lex.BE:
        rest = rest[1:]
    return rest if len(rest) < len(words) else None


def denied_after(right: str) -> bool:
    """True if the rest of a clause refuses what stands before it: `B is wrong`."""
    if right.lstrip(")] ").startswith(("不是", "不对", "错", *CJK_AFTER)):
        return True
    words = [word for word in _following(right) if word not in lex.NOUNS]
    if words and (
        words[0] in lex.DENIES or (words[0] in lex.DENIES_IN_TWO and words[1:2] == ["no"])
    ):
        return True
    if words[:1] and words[0] in lex.DENIES_IN_TWO and words[1:2] and words[1] in lex.NO:
        return True
    rest = _predicate(right)
    if rest is None:
        return False
    no_such = rest[:1] == ["no"] and rest[1:2] != ["doubt"]
    return no_such or not lex.WRONG.isdisjoint(rest[:3])


def possible_after(right: str) -> bool:
    """True if the rest of a clause calls what stands before it possible: `C could be right`."""
    words = _following(right)
    while words and words[0] in lex.NOUNS:
        words = words[1:]
    return bool(words) and words[0] in lex.MODAL | lex.MAYBE


def bettered(right: str) -> bool:
    """True if the rest of a clause says that what stands before it is better than another."""
    rest = (_predicate(right) or [])[:4]
    at = next((i for i, word in enumerate(rest) if word in lex.BETTER), len(rest))
    more = rest[:1] == ["more"] and not lex.RIGHT.isdisjoint(rest)
    return more or (at < len(rest) and lex.COMPARED.issuperset(rest[at + 1 : at + 2]))


def brushed_off(right: str) -> bool:
    """True if a bare word refuses what stands before it, as in `A) no.`, alone."""
    words = _following(right)
    return len(words) == 1 and words[0] in lex.BARELY_WRONG


def confirmed_after(right: str) -> bool:
    """True if the rest of a clause confirms what stands before it: `B is correct`."""
    words = _following(right)
    if right.lstrip(")] ").startswith(("是对", "正确", "是正确")):
        return True
    if not lex.WRONG.isdisjoint(words) or not lex.DENIES.isdisjoint(words):
        return False
    if "second best" in " ".join(words).replace("-", " "):
        return False
    if words and ((len(words) == 1 and words[0] in lex.BARELY_RIGHT) or words[0] in lex.CONFIRMS):
        return True
    if words[:2] == ["makes", "sense"] or words[:2] == ["it", "is"]:
        return True
    rest = _predicate(right)
    return rest is not None and not lex.RIGHT.isdisjoint(rest[:4])


def closed(right: str, *, after: Stance = Stance.SAID) -> bool:
    """True if what stands before is complete: an end, a mark, a reason follow, no noun of its own.

    Args:
        right: The rest of the clause.
        after: What the clause before made of it; what a cue announces may go on: `B in this case`.
    """
    rest = right.strip("\"'")
    mark = rest.lstrip()[:1]
    if not mark or mark in ".,;:!?()[]" or not mark.isascii() or rest.startswith(" - "):
        return True
    if rest[0] != " ":
        return False
    word = rest.split()[0].lower().strip(".,;:!")
    return word in lex.CLOSING or (after is Stance.ANSWERED and word in lex.CLOSING_LOOSELY)


def denies(left: str) -> bool:
    """True if a clause up to a place denies what comes there: `it is not`."""
    low = lex.ALONE.sub("", lex.AFFIRMED.sub("", left[-CLAUSE_CHARS:].lower()))
    words = {word.strip(_OUTER + ",.:") for word in low.split()}
    if excepts(low):
        return True
    return not lex.DENYING.isdisjoint(words) or lex.DENYING_PHRASES.search(low) is not None


def names(left: str) -> bool:
    """True if a clause ends on a noun, whose name a letter may be: `vitamin`."""
    words = _without_noun([word.strip(_OUTER + ",") for word in left.lower().split()])
    return bool(words) and words[-1] not in lex.FUNCTION


def opens(sentence: str) -> bool:
    """True for a sentence that brings up another possibility: `or maybe C`."""
    words = sentence.lower().split()[:1]
    return bool(words) and words[0].strip(_OUTER + ",") in lex.MAYBE
