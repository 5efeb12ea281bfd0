"""Clauses that decide nothing: reasons, conditions, what others say."""

from __future__ import annotations

from collections.abc import Set

from harmo.scorers.reading.around.lexicon import vocabulary
from harmo.scorers.reading.decision.sentences import breaks

STEM_CHARS = 4
"""So much of a word tells it from others."""
MAX_SUBJECT_WORDS = 5
"""Between those who say something and that they say it."""
MAX_CLAUSES = 6
"""A condition reaches so far."""

_CONNECTIVES = vocabulary("and but so yet well however now then")
_BACKGROUND = vocabulary(
    "because since as although though while whereas unlike if when whether despite compared "
    "considering given unless except rather instead suppose assume assuming even were suppose let "
    "consider"
)
_IFS = vocabulary("if unless assuming suppose supposing provided providing wenn falls если")
_CJK_IFS = ("如果", "若", "假如", "もし")
_INVERTED = vocabulary("had were should")
_SUBJECTS = vocabulary("it this that the there")
_OURS = vocabulary("we you i i'm you're one")
_SUPPOSING = vocabulary("assume suppose imagine pretend ignore")
_CONCLUDES = ("so ", "thus ", "thus, ", "therefore ", "hence ", "but ", "yet ", "however ")
_PEOPLE = vocabulary(
    "some many most few several others people they someone somebody everyone everybody anyone "
    "nobody majority lots plenty critics experts students readers users friend friends humans "
    "folks person"
)
_SAYING = vocabulary(
    "say says said think thinks thought believe believes believed claim claims claimed argue "
    "argues argued choose chooses chose pick picks picked select selects selected prefer prefers "
    "preferred go goes went guessed vote voted answered suggest suggests suggested assume assumes "
    "assumed"
)
_NAMING = vocabulary("answer guess")
"""What people do, where a person or `would` stands before it, and else a noun."""
_PERSONS = vocabulary("people they would students experts others might")
_SAID = vocabulary("said claimed believed thought argued assumed rumoured rumored suggested held")
_OUTER = " \"'()[]*`,.:;"


def is_background(clause: str, asked: Set[str] = frozenset()) -> bool:
    """True for a clause that gives a reason or a condition, or says what others say.

    `because A is wrong`, `if it barks`, `some say B`.

    Args:
        clause: A clause, or its beginning.
        asked: How words of the prompt begin: who is asked about there is no stranger.
    """
    words = _words(clause, 3)
    reasons = bool(words) and words[0] in _BACKGROUND and words[:2] != ["let", "us"]
    return reasons or is_condition(clause) or is_reported(clause, asked)


def is_reported(clause: str, asked: Set[str] = frozenset()) -> bool:
    """True for what others say or choose: `some say`, `many people would pick`, `it is said that`.

    Args:
        clause: A clause, or its beginning.
        asked: As for `is_background`.
    """
    words = _words(clause, 3 + MAX_SUBJECT_WORDS)
    people = next((at for at, word in enumerate(words[:3]) if word in _PEOPLE), None)
    if people is not None and words[people][:STEM_CHARS] not in asked:
        said = words[people : people + 1 + MAX_SUBJECT_WORDS]
        named = any(said[i] in _PERSONS and each in _NAMING for i, each in enumerate(said[1:]))
        # `The most likely choice` is no matter of people.
        return words[:2] != ["the", "most"] and (named or not _SAYING.isdisjoint(said[1:]))
    if "tempted" in words and "i" not in words[:2]:
        return True
    passive = words[:2] == ["it", "is"] or words[:2] == ["it", "was"] or words[:1] == ["it's"]
    return passive and not _SAID.isdisjoint(words[1:4])


def is_condition(clause: str) -> bool:
    """True for a clause that something else depends on: `if it barks`, not `if we look closely`."""
    words = _words(clause, 12)
    if clause.lstrip().startswith(_CJK_IFS):
        return True
    if words[:1] and words[0] in _INVERTED and words[1:2] and words[1] in _SUBJECTS:
        return clause.rstrip().endswith(",")
    if words[:2] == ["in", "case"] or words[:3] == ["as", "long", "as"]:
        return True
    if not words or words[0] not in _IFS:
        return False
    ours = words[1:2] and words[1] in _OURS and words[0] in {"if", "unless"}
    return not ours or not _SUPPOSING.isdisjoint(words)


def is_conditional(sentence: str, at: int) -> bool:
    """True if a place of a sentence holds under a condition that another clause says.

    `If it barks, B`, `B unless it meows`; not `if x is 3, so is y, so B`.
    """
    cuts = [*breaks(sentence), len(sentence)]
    after = next((i for i, cut in enumerate(cuts) if cut > at), len(cuts) - 1)
    own = sentence[cuts[after - 1] : cuts[after]].strip().lower()
    behind = sentence[cuts[after] : cuts[min(after + 1, len(cuts) - 1)]]
    if not own.endswith(";") and is_condition(behind):
        return True
    for end in range(after, max(after - MAX_CLAUSES, 0), -1):
        said = sentence[cuts[end - 1] : cuts[end]].strip().lower()
        if end < after and (said.endswith(";") or is_condition(said)):
            return not said.endswith(";")
        if f"{said} ".startswith(_CONCLUDES):
            return False
    return False


def firm(said: list[str]) -> list[str]:
    """Sentences without those at their end that only hold under a condition of their own."""
    while said and is_conditional(said[-1], len(said[-1])):
        said = said[:-1]
    return said


def _words(clause: str, count: int) -> list[str]:
    """The first words of a clause in lower case, without `and` or the like before them."""
    words = [bare for word in clause.lower().split()[: count + 4] if (bare := word.strip(_OUTER))]
    while words and words[0] in _CONNECTIVES:
        words = words[1:]
    return words[:count]
