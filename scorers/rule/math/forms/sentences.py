"""A word as what a sentence says of its subject: "The triangle is isosceles." says isosceles."""

from __future__ import annotations

import re

from harmo.scorers.reading.around import words as stance
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.extract import last_sentence
from harmo.scorers.reading.text import plain, squad

MAX_SENTENCE_CHARS = 240
MAX_WORDS = 4
_LINKS = frozenset(
    {"is", "are", "was", "were", "be", "becomes", "equals", "facing", "called", "named", "on"}
)
_DOUBTS = frozenset(
    {
        "not", "no", "never", "neither", "nor", "none", "or", "if", "unless", "but", "whether",
        "would", "could", "may", "might", "maybe", "perhaps", "either", "opposite", "almost",
        "nearly", "hardly", "false", "untrue", "wrong", "incorrect", "cannot", "can't", "isn't",
        "aren't", "doesn't", "don't", "wasn't", "suppose", "assume", "assuming", "assumed",
        "claim", "claims", "both", "than", "and", "after", "before", "while",
    }
)  # fmt: skip
_REASON = re.compile(r",? (?:because|since|as|so that) ")
_POLAR = frozenset({"yes", "no"})


def says(reference: str, answer: str) -> bool:
    """True if an answer's last sentence plainly says a word: no doubt, negation or rival in it.

    "Yes, ..." says yes; "It is parallel because ..." says parallel; "It is not even" says nothing.

    Args:
        reference: The word or short phrase, in SQuAD's normal form.
        answer: At most `MAX_ANSWER_CHARS` of it.
    """
    words = reference.split()
    if not 0 < len(words) <= MAX_WORDS or not all(word.isalpha() for word in words):
        return False
    if reference in _POLAR:
        return _leads(reference, plain(answer))
    sentence = plain(last_sentence(answer)).lower()
    if len(sentence) > MAX_SENTENCE_CHARS:
        return False
    claim = _REASON.split(sentence, maxsplit=1)[0]
    if any(mark in claim for mark in ",;:?/"):
        # Only an opening word may stand before the comma.
        claim = claim.partition(", ")[2] if claim.startswith(_OPENINGS) else ""
    if (_DOUBTS - set(words)) & set(claim.replace(",", " ").split()):
        return False
    claimed = squad(claim).split()
    if claimed[: len(words)] == words and _is_name(answer) and len(claimed) > len(words):
        return claimed[len(words)] in _PREDICATES
    if claimed[-1:] and claimed[-1] in _NOUNS and words[-1] not in _NOUNS:
        del claimed[-1]
    before = claimed[: -len(words)]
    if claimed[-len(words) :] != words or not before or before[-1] not in _LINKS:
        return False
    return stance.before(" ".join(before)) is Stance.CLAIMED


_PREDICATES = frozenset({"has", "have", "is", "are", "was", "were", "had", "will", "won", "wins"})
_NOUNS = frozenset(
    {
        "triangle", "triangles", "function", "functions", "number", "numbers", "integer", "graph",
        "shape", "figure", "polygon", "quadrilateral", "angle", "angles", "line", "lines", "curve",
        "series", "sequence", "matrix", "events", "set", "day", "one",
    }
)  # fmt: skip
"""What a sentence may call what its word describes: an even *function*."""


def _is_name(answer: str) -> bool:
    """True if an answer's last sentence is about one name, and about no other."""
    names = [word for word in plain(last_sentence(answer)).split() if word[:1].isupper()]
    return len(names) == 1 and plain(last_sentence(answer)).startswith(names[0])


_OPENINGS = ("so, ", "thus, ", "hence, ", "therefore, ", "finally, ", "then, ")


def _leads(reference: str, answer: str) -> bool:
    """True for `Yes, because ...` without the other word in it."""
    words = answer.lower().split()
    rest = {word.strip(".,;:!") for word in words[1:]}
    led = bool(words) and words[0] in {reference + ",", reference + "."}
    return led and not rest & (_POLAR - {reference} | {"but"})
