"""The option whose text an answer spells out: all of it, its value, or words in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from harmo.scorers.reading.around.lexicon import vocabulary
from harmo.scorers.reading.decision import stance
from harmo.scorers.reading.decision.clauses import STEM_CHARS, firm, is_background, is_conditional
from harmo.scorers.reading.decision.keys import NOTHING, Choice
from harmo.scorers.reading.decision.polarity import word_of
from harmo.scorers.reading.decision.sentences import breaks, sentences
from harmo.scorers.reading.decision.stance import Stance
from harmo.scorers.reading.text import plain, squad

Same = Callable[[str, str], bool]
"""Whether an option's text and an answer have one value."""

MAX_PROMPT_WORDS = 2000
_SIGNS = frozenset("-~¬!")
_LINKS = re.compile(r"\b(?:is|are|be|was|equals|gives|get|obtain|namely|so|thus|hence)\b|[:=]")
LITTLE = vocabulary(
    "is are was were be been being it its this that these those there here which who what where "
    "when of in on at to for from by with and so then thus therefore hence as i we my our think "
    "believe would must should can will do does did has have had answer option correct right "
    "called named known because"
)
"""Words that say nothing of their own."""


def stems(text: str) -> frozenset[str]:
    """How the words of a text begin, its first two thousand."""
    return frozenset(word[:STEM_CHARS] for word in squad(text).split()[:MAX_PROMPT_WORDS])


@lru_cache(maxsize=2048)
def spelling(text: str) -> str:
    """An option in one spelling: its words, or its formula with every sign; yes and true as one."""
    text = plain(text)
    if text[:1] in _SIGNS or any(c.isdigit() or c in "\\+=<>^" for c in text):
        return "".join(text.lower().split())
    words = squad(text)
    return word_of(words) or words or "".join(text.lower().split())


def spelled_out(said: str, options: Mapping[str, str]) -> Choice:
    """The option that an answer is, word for word."""
    written = spelling(said)
    hits = frozenset(key for key, text in options.items() if text and spelling(text) == written)
    if len(hits) > 1:
        # Options that differ in case or in marks alone.
        hits = frozenset(key for key in hits if plain(options[key]) == plain(said))
    return Choice(hits, open=False) if len(hits) == 1 else NOTHING


def meant(said: str, options: Mapping[str, str], *, same: Same | None = None) -> Choice:
    """The option that an answer is, by its text or else by its value.

    Args:
        said: What an answer says.
        options: Their texts by key.
        same: Tells equal values; without it only texts are compared.
    """
    if (found := spelled_out(said, options)).keys:
        return found
    equal = frozenset(key for key, text in options.items() if text and same and same(text, said))
    return Choice(equal, open=False) if len(equal) == 1 else NOTHING


class Ending(NamedTuple):
    """The option that the end of a sentence spells out, and what is said before it."""

    choice: Choice
    before: str


def ending(text: str, options: Mapping[str, str], *, same: Same | None = None) -> Ending | None:
    """The option that the last sentence ends on, by its text or by its value; None for none.

    Args:
        text: What an answer says.
        options: Their texts by key.
        same: Tells equal values; without it only texts are compared.
    """
    said = firm(sentences(text))
    if not said or said[-1].endswith("?"):
        return None
    earlier = "\n".join(said[:-1])
    for start, part in _parts(said[-1]):
        # What is announced (`it is red`) may follow a look at every option; bare words may not.
        before = said[-1][:start] if start else earlier
        if (found := meant(part, options, same=same)).keys:
            return Ending(found, before)
    return None


def _parts(sentence: str) -> Iterator[tuple[int, str]]:
    """What a sentence says at its end: all of it, and what follows each `is` or colon."""
    for start in [0, *(link.end() for link in _LINKS.finditer(sentence))][-4:]:
        clause = sentence[breaks(sentence[:start])[-1] : start]
        open_ = is_background(clause) or is_conditional(sentence, start)
        if not open_ and not stance.denies(clause):
            yield start, sentence[start:].strip(" .,;!")


def in_sentence(text: str, options: Mapping[str, str], prompt: str) -> Choice:
    """The one option whose words the last sentence affirms; open for several.

    Args:
        text: What an answer says.
        options: Their texts by key.
        prompt: Words of it may stand beside the option's.
    """
    said = firm(sentences(text))
    return NOTHING if not said or said[-1].endswith("?") else _named(said[-1], options, prompt)


def _named(sentence: str, options: Mapping[str, str], prompt: str) -> Choice:
    """The one option whose words a sentence affirms; open for several."""
    words = {key: said for key, text in options.items() if len(said := squad(plain(text))) > 2}
    if len(words) < 2:
        # With one text known, it may stand beside others that are not.
        return NOTHING
    cuts = [*breaks(sentence), len(sentence)]
    seen: set[str] = set()
    affirmed: set[str] = set()
    for start, end in pairwise(cuts):
        clause = squad(sentence[start:end])
        for key, at in _places(clause, words):
            seen.add(key)
            if not is_conditional(sentence, start) and _affirms(clause, at, prompt):
                affirmed.add(key)
    # What a comma cuts in two is there as well: `July 4, 1776`.
    affirmed |= {key for key, _ in _places(squad(sentence), words)} - seen
    if len(affirmed) > 1:
        return Choice(frozenset(), open=True)
    return Choice(frozenset(affirmed), open=False)


def _affirms(clause: str, at: tuple[int, int], prompt: str) -> bool:
    """True where a clause says so, or says of the words nothing that the prompt has not asked."""
    left, right = clause[: at[0]].strip(), clause[at[1] :]
    said, asked = stance.before(left, bracketed=False), stems(prompt)
    if said is Stance.DENIED or stance.denied_after(right) or is_background(clause, asked):
        return False
    if said >= Stance.SAID or stance.confirmed_after(right):
        return True
    beside = [word for word in f"{left} {right}".split() if word not in LITTLE]
    return said is not Stance.POSSIBLE and all(word[:STEM_CHARS] in asked for word in beside)


def _places(clause: str, words: Mapping[str, str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where options' words stand in a clause, the longer of two that overlap."""
    padded = f" {clause} "
    taken: list[tuple[int, int]] = []
    for key in sorted(words, key=lambda each: -len(words[each])):
        at = padded.find(f" {words[key]} ")
        end = at + len(words[key])
        if at >= 0 and not any(start <= at and end <= stop for start, stop in taken):
            taken.append((at, end))
            yield key, (at, end)
