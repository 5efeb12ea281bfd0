"""What the words around a choice make of it: said, denied, only possible, or nothing at all.

Words are looked up, not matched: what stands before a choice is read from its end, what follows it
from its beginning.
"""

from __future__ import annotations

import re
from enum import IntEnum

from harmo.scorers.reading.around.lexicon import vocabulary
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


_AFFIRMED = re.compile(
    r"\bno (?:doubt|question)\b|\bnot (?:only|just)\b|\bwithout (?:a |any )?doubt\b"
    r"|\bnone other than\b|\b(?:nothing|none) (?:but|other than)\b"
)
_DENYING = vocabulary(
    "not cannot can't won't isn't aren't wasn't don't doesn't didn't couldn't wouldn't shouldn't "
    "haven't hasn't never neither nor without except excluding besides unlike eliminate "
    "eliminates eliminated eliminating exclude excludes excluded reject rejects rejected "
    "rejecting discard discards discarded dismiss dismisses dismissed disagree doubt unable "
    "unsure  undecided between nicht kein keine pas non niet n'est over than avoid against no "
    "hardly  barely nobody nothing не"
)
_DENYING_PHRASES = re.compile(
    r"\b(?:rul(?:e|es|ed|ing) out|cross(?:ed|ing)? out|rather than|instead of|other than"
    r"|wrong to|false that|wrong that|untrue that|(?:anything|everything|all) but"
    r"|(?:wrong|incorrect|false|tempting) (?:answer|option|choice|one))\b"
    r"|不是|并非|不选|不能选"
)
_BACKGROUND = vocabulary(
    "because since as although though while whereas unlike if when whether despite compared "
    "considering given unless except rather instead suppose assuming even were suppose let "
    "consider"
)
_MAYBE = vocabulary("maybe perhaps possibly might could may conceivably alternatively either or")
_NOUNS = vocabulary(
    "option choice answer letter alternative variant selection response statement options choices "
    "answers letters statements opción opção opzione antwort réponse respuesta вариант ответ "
    "number item key"
)
_DETERMINERS = vocabulary("the my an a our is: correct right best final only both")
_CHOOSES = (
    "choose", "chose", "chosen", "choosing", "chooses", "pick", "picked", "picking", "picks",
    "select", "selected", "selecting", "selects", "go with", "going with", "gone with", "opt for",
    "opting for", "opts for", "vote for", "voting for", "prefer", "say", "guess", "conclude",
    "take", "settle on", "settling on", "answer with", "answering", "mark", "leaving", "leaves",
    "left with", "corresponds to", "correspond to", "points to", "leads to", "lead to",
    "answer", "ans", "выбираю", "wähle", "choisis", "elijo", "escolho", "scelgo", "supports",
    "matches", "we get", "get", "gets", "obtain", "obtains",
)  # fmt: skip
_CONNECTIVES = vocabulary(
    "so thus hence therefore then consequently finally conclusion but actually rather just only "
    "clearly obviously definitely certainly surely probably likely namely verdict elimination "
    "think believe it's its that's result final alors donc también así luego logo quindi also "
    "wait no yes ok okay well right correct indeed is => \\rightarrow \\to \\therefore "
    "\\implies ⇒ ⟹ →"
)
_COPULAS = vocabulary("is are was be being it's that's remains equals est ist es è é är lautet")
_ADVERBS = vocabulary(
    "clearly definitely therefore thus probably likely most obviously simply then certainly "
    "indeed  just surely for sure only both actually really still now hence of course undoubtedly "
    "in fact  as follows going to"
)
_ANSWERISH = vocabulary(
    "answer answers option options choice choices solution solutions alternative alternatives it "
    "this that which one ones match selection response statement conclusion guess pick correct "
    "right best closest remaining letter only réponse antwort respuesta resposta risposta "
    "it's that's what"
)
_ANNOUNCING_MARKS = (":", "=", "→")
_ANNOUNCING_CJK = tuple("是为為选選择擇案项項应應故即は는은답")
_WRONG = vocabulary(
    "wrong incorrect false impossible invalid implausible unlikely irrelevant ruled eliminated "
    "excluded rejected discarded dismissed too off out not untrue never mistaken contradicted bad "
    "worse nonsense absurd falsch incorrecte faux"
)
_BE = vocabulary(
    "is was are were 's be can could must should would has have seems seem appears appear looks "
    "look sounds sound remains remain to been both all each also clearly get gets est ist es"
)
_DENIES = vocabulary(
    "isn't aren't wasn't weren't can't cannot couldn't won't wouldn't doesn't didn't don't fails "
    "fail contradicts contradict violates violate lacks lack shouldn't n'est hasn't haven't"
)
_DENIES_IN_TWO = vocabulary(
    "does do did should would will could can must has have makes make are is"
)
_NO = vocabulary("no not nicht")
_RIGHT = vocabulary(
    "correct what right best true answer valid one choice option solution match fit closest likely "
    "appropriate accurate plausible suitable it richtig korrekt correcte correcta bonne"
)
_BARELY_WRONG = vocabulary("no nope wrong incorrect false ✗ ❌ ✘")
_BARELY_RIGHT = vocabulary("yes correct right true ✓ ✔ ✅")
_CONFIRMS = vocabulary(
    "remains stands fits fit matches match works work holds hold wins win satisfies satisfy"
)
_CLOSING = vocabulary(
    "because since as due not rather instead which although though while whereas but unlike over "
    "given based considering by here then indeed so therefore according option options choice "
    "choices answer again overall finally please alone only non nicht pas too"
)
_CLOSING_LOOSELY = vocabulary("and in for on with from or at if when")
_FUNCTION = vocabulary("that and but only as then so see find know note while here or")
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
    low = left.lower().rstrip(_OUTER).removesuffix(" -")
    words = [word.strip(_OUTER + ",") for word in low.split()][-MAX_WORDS:]
    words = _without_noun([word for word in words if word])
    if is_background(left):
        return Stance.MENTIONED
    if low.endswith(CUES):
        return Stance.ANSWERED
    if not words or words == ["-"]:
        return Stance.LEADS
    if words[0] in _MAYBE or _MAYBE & set(words[-4:]):
        return Stance.POSSIBLE
    return _announced(low, words, bracketed=bracketed)


def _without_noun(words: list[str]) -> list[str]:
    """The words without `the correct option` or the like at their end."""
    if not words or words[-1].strip(":#") not in _NOUNS:
        return words[:-1] if words and words[-1] == "both" else words
    if words[-1] != words[-1].strip(":") and words[:-1] != []:
        return words
    kept = words[:-1]
    while kept and kept[-1] in _DETERMINERS:
        kept = kept[:-1]
    # `The answer B` is answered; `answer B` alone leads.
    return kept


def _announced(low: str, words: list[str], *, bracketed: bool) -> Stance:
    while len(words) > 1 and words[-1] in _ADVERBS and words[-1] not in _CONNECTIVES:
        words = words[:-1]
    said = " ".join(words).rstrip(":,")
    last = words[-1].rstrip(":,")
    if f" {said}".endswith(tuple(f" {each}" for each in _CHOOSES)):
        return Stance.ANSWERED
    if low.endswith(_ANNOUNCING_CJK):
        return Stance.ANSWERED
    answerish = not _ANSWERISH.isdisjoint(low.replace(",", " ").split())
    adverbs = len(words)
    while adverbs > 1 and words[adverbs - 1] in _ADVERBS:
        adverbs -= 1
    if words[adverbs - 1].rstrip(":") in _COPULAS:
        if answerish:
            return Stance.ANSWERED if "answer" in low else Stance.SAID
        return Stance.SAID if bracketed else Stance.MENTIONED
    if last in _CONNECTIVES or low.endswith(_ANNOUNCING_MARKS):
        return Stance.SAID
    # `The answer is red (B)`, `it must be red (B)`: the brackets name the option that was said.
    linked = answerish and not _COPULAS.isdisjoint(words)
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
    while words and words[0] in _NOUNS:
        words = words[1:]
    rest = words
    while rest and rest[0] in _BE:
        rest = rest[1:]
    return rest if len(rest) < len(words) else None


def denied_after(right: str) -> bool:
    """True if the rest of a clause refuses what stands before it: `B is wrong`."""
    if right.lstrip(")] ").startswith(("不是", "不对", "错")):
        return True
    words = [word for word in _following(right) if word not in _NOUNS]
    if words and (words[0] in _DENIES or (words[0] in _DENIES_IN_TWO and words[1:2] == ["no"])):
        return True
    if words[:1] and words[0] in _DENIES_IN_TWO and words[1:2] and words[1] in _NO:
        return True
    rest = _predicate(right)
    return rest is not None and not _WRONG.isdisjoint(rest[:3])


def brushed_off(right: str) -> bool:
    """True if a bare word refuses what stands before it, as in `A) no.`, alone."""
    words = _following(right)
    return len(words) == 1 and words[0] in _BARELY_WRONG


def confirmed_after(right: str) -> bool:
    """True if the rest of a clause confirms what stands before it: `B is correct`."""
    words = _following(right)
    if right.lstrip(")] ").startswith(("是对", "正确", "是正确")):
        return True
    if not _WRONG.isdisjoint(words) or not _DENIES.isdisjoint(words):
        return False
    if words and ((len(words) == 1 and words[0] in _BARELY_RIGHT) or words[0] in _CONFIRMS):
        return True
    if words[:2] == ["makes", "sense"] or words[:2] == ["it", "is"]:
        return True
    rest = _predicate(right)
    return rest is not None and not _RIGHT.isdisjoint(rest[:4])


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
    return word in _CLOSING or (after is Stance.ANSWERED and word in _CLOSING_LOOSELY)


def denies(left: str) -> bool:
    """True if a clause up to a place denies what comes there: `it is not`."""
    low = _AFFIRMED.sub("", left[-CLAUSE_CHARS:].lower())
    words = {word.strip(_OUTER + ",.:") for word in low.split()}
    return not _DENYING.isdisjoint(words) or _DENYING_PHRASES.search(low) is not None


def is_background(clause: str) -> bool:
    """True for a clause that gives a reason or a condition: `because A is wrong`."""
    words = [word.strip(_OUTER + ",.:") for word in clause.lower().split()[:3]]
    while words and words[0] in {"and", "but", "so"}:
        words = words[1:]
    return bool(words) and words[0] in _BACKGROUND


def names(left: str) -> bool:
    """True if a clause ends on a noun, whose name a letter may be: `vitamin`."""
    words = _without_noun([word.strip(_OUTER + ",") for word in left.lower().split()])
    return bool(words) and words[-1] not in _FUNCTION


def opens(sentence: str) -> bool:
    """True for a sentence that brings up another possibility: `or maybe C`."""
    words = sentence.lower().split()[:1]
    return bool(words) and words[0].strip(_OUTER + ",") in _MAYBE
