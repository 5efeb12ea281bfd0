"""Whether a sentence states a short answer and nothing beside it."""

from __future__ import annotations

from harmo.scorers.reading.around.lexicon import CORRECTING, vocabulary
from harmo.scorers.reading.decision import stance
from harmo.scorers.reading.decision.clauses import (
    STEM_CHARS,
    firm,
    is_background,
    is_conditional,
    is_reported,
)
from harmo.scorers.reading.decision.lexicon import MAYBE
from harmo.scorers.reading.decision.sentences import breaks, sentences
from harmo.scorers.reading.decision.spelled import LITTLE, stems
from harmo.scorers.reading.text import plain, signs, squad

MAX_STATEMENT_CHARS = 400
MAX_REPLACING_WORDS = 6
_OPEN = MAYBE | vocabulary("both and versus vs also unsure depends guess something anything")
_LINKS = vocabulary("is are was were be s called named equals")
_CONCLUDES = vocabulary("so thus therefore hence finally overall answer final")


def says(text: str, reference: str, prompt: str) -> bool:
    """True if a text is a reference, in SQuAD's normal form, or states it.

    Args:
        text: An answer.
        reference: What is right.
        prompt: As for `states`.
    """
    if marks(text) != marks(reference):
        return False
    words = squad(plain(reference))
    same = squad(plain(text)) == words if words else text.strip() == reference.strip()
    return (same and signs(text) == signs(reference)) or states(text, reference, prompt)


def marks(text: str) -> tuple[list[str], bool, bool]:
    """Relation signs, a sign before words, a question: `> 5` is not 5, nor `Paris?` Paris."""
    bare = text.lstrip(" $")
    negated = bare[:1] in {"-", "−", "~", "¬"} and not any(map(str.isdigit, bare))
    relations = [sign for sign in signs(text) if sign != "-"]
    return relations, negated, text.rstrip().endswith("?")


def states(text: str, reference: str, prompt: str) -> bool:
    """True if a sentence says a reference and adds nothing that the prompt has not asked.

    `The capital is Paris.`, `Jane Austen wrote it.` where the prompt asks who wrote it. Other words
    than the prompt's, `or`, `maybe`, a denial make it something else.

    Args:
        text: An answer, of one sentence or with a conclusion at its end.
        reference: What is right.
        prompt: Its words may stand in the sentence.
    """
    if len(text) > MAX_STATEMENT_CHARS:
        return False
    said = firm(sentences(text))
    words, right = squad(plain(said[-1])).split() if said else [], squad(plain(reference)).split()
    if not right or not said or said[-1].endswith("?") or stance.denies(said[-1]):
        return False
    if len(said) > 1 and _CONCLUDES.isdisjoint(words):
        return False
    at = next((i for i in range(len(words)) if words[i : i + len(right)] == right), None)
    if at is None:
        return False
    left, after = words[:at], words[at + len(right) :]
    if not _OPEN.isdisjoint(left) or not _OPEN.isdisjoint(after):
        return False
    if not _stands(reference, said[-1]) or _depends(reference, said[-1], prompt):
        return False
    return (bool(left) and left[-1] in _LINKS and not after) or _asked(
        [*left, *after], right, prompt
    )


def _stands(reference: str, sentence: str) -> bool:
    """True if a sentence has the signs of a reference, too: not `5` for `-5`."""
    right, low = plain(reference).lower(), plain(sentence).lower()
    if right.replace(" ", "").isalpha():
        return True
    at = low.find(right)
    before, after = low[max(at - 1, 0) : at], low[at + len(right) :][:1]
    return at >= 0 and before in {"", " ", "(", "'"} and not after.isalnum()


def _depends(reference: str, sentence: str, prompt: str) -> bool:
    """True where a sentence has a reference under a condition, in a reason, or as others' word."""
    at = max(sentence.lower().rfind(plain(reference).lower()), 0)
    clause = sentence[breaks(sentence[:at])[-1] : at]
    return is_conditional(sentence, at) or is_background(clause, stems(prompt))


def _asked(beside: list[str], right: list[str], prompt: str) -> bool:
    """True if all words beside an answer are little or the prompt's, which lacks the answer."""
    asked = stems(prompt)
    known = frozenset[str]() if {word[:STEM_CHARS] for word in right} <= asked else asked
    return all(word in LITTLE or word[:STEM_CHARS] in known for word in beside)


def taken_back(text: str, said: str) -> bool:
    """True if what stands around an announced answer takes it back.

    `I doubt that the answer is Paris`, `The answer is Paris. Or maybe London.`

    Args:
        text: The whole answer.
        said: What it announces, as it stands in the text.
    """
    before, _, after = text.rpartition(said)
    lead = (sentences(before) or [""])[-1]
    clause = lead[breaks(lead)[-1] :]
    if stance.denies(clause) or is_reported(clause) or is_conditional(lead + said, len(lead)):
        return True
    later = sentences(after.lstrip(" .,!*"))
    return any(stance.opens(each) or _replaces(each, said) for each in later)


def _replaces(sentence: str, said: str) -> bool:
    """True for a short sentence that puts something else in an answer's place: `Sorry, Lyon`."""
    words = sentence.lower().split()
    corrects = words[0].strip(",:") in CORRECTING and words[0][-1] in ",:"
    return (
        corrects and 1 < len(words) <= MAX_REPLACING_WORDS and said.lower() not in sentence.lower()
    )
