"""What one sentence states, whatever other numbers and formulas follow it there. Linear."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from harmo.scorers.reading.around.lexicon import PRECISIONS
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.around.within import bracketed, cored, cored_stance, stance_of, within
from harmo.scorers.reading.prose import NOWHERE, NUMBER, Excerpt, formula_spans, sentence_end
from harmo.scorers.reading.words import read_word

MAX_SENTENCE_CHARS = 240
"""Of a sentence that states a number."""


def clauses(text: str) -> Iterator[str]:
    """What a short sentence names, from its first number or formula on: "The side is 12 cm"."""
    before, core, after = cored(text)
    claimed = bool(core) and cored_stance(before, core, after) is Stance.CLAIMED
    if claimed:
        told = before or text[:1] == "\\"
        yield f"{core} {after}".strip(" .,") if told else text.strip()
    subject, linked, rest = text.rpartition(" is ")
    rest = rest.strip(" .")
    if linked and not any(c.isdigit() for c in subject):
        if max(stance_of(f"{subject} is", rest, ""), within(rest)) is Stance.CLAIMED:
            yield rest
    elif claimed and after.partition(" ")[0] not in _LINKING and is_aside(f" {after}", exact=True):
        yield core.strip(" .,;:")


_LINKING = frozenset({"", "or", "and", "to", "by", "if", "plus", "minus", "times", "over"})
"""What makes a part of an answer of the number or formula before it."""


def claimed(text: str, excerpt: Excerpt) -> str:
    """What was picked from a text, or nothing where the words around it leave it in doubt."""
    before, after = text[: excerpt.start], text[excerpt.end :]
    if _is_marked(before[-1:], after):
        return ""
    return excerpt.text if stance_of(before, excerpt.text, after) is Stance.CLAIMED else ""


def _is_marked(before: str, after: str) -> bool:
    """True for what a sign beside it makes another thing: `!7`, `7+`, `7-`, `7...9`."""
    if before in _DENYING:
        return True
    if after.startswith(("...", "…")):
        return after.lstrip(".… ")[:1].isdigit()
    return after[:1] in _SIGNS and after[1:2] in _ENDS


_DENYING = frozenset("!¬≠")
_SIGNS = frozenset("+-−")
_ENDS = frozenset(["", *" .,;:!?)]*$\n"])


def stated_number(sentence: str) -> Excerpt:
    """The number that a plain sentence states: "There are 3 bars with values below 40".

    Only where nothing before it and no word after it says that another may be meant: others may
    follow in phrases of their own (`in 2 hours`, `, 5 more than Ann`) and behind a colon.
    """
    if len(sentence) > MAX_SENTENCE_CHARS:
        return NOWHERE
    number = NUMBER.search(sentence)
    if not number or not _is_led(sentence[: number.start()].lower()):
        return NOWHERE
    rest = sentence[number.end() :]
    if rest[:1] not in {"", " ", ",", "."} or rest.lstrip()[:1] in set("+-*/^=×·÷√π:−<>\\"):
        return NOWHERE
    if rest[:1] == "." and rest[1:2].strip():
        # `0.\\overline{3}`
        return NOWHERE
    if not is_aside(rest, exact=number[0].strip().isdigit()):
        return NOWHERE
    if bracketed(number[0].strip(), rest.lstrip()) is not Stance.CLAIMED:
        return NOWHERE
    return Excerpt(number[0].strip(), *number.span())


def stated_formula(sentence: str) -> Excerpt:
    """The formula that a plain sentence states: "We get $x+1$ when we divide by $x-1$"."""
    if len(sentence) > MAX_SENTENCE_CHARS:
        return NOWHERE
    spans = formula_spans(sentence)
    if len(spans) < 2 or not _STATING.search(sentence[: spans[0][0]]):
        return NOWHERE
    for before, after in itertools.pairwise(spans):
        words = sentence[before[1] : after[0]].lower().strip("$\\()[] ").split()
        if not words or words[-1] not in _ASIDES or set(words) & _ONWARD:
            return NOWHERE
    start, end = spans[0]
    return Excerpt(sentence[start:end].strip(), start, end)


_STATING = re.compile(
    r"(?i)\b(?:is|are|get|obtain|have|gives?|yields?|equals?|becomes?)(?: the)?:? ?"
    r"(?:\$\$?|\\[(\[])\Z"
)


def is_aside(rest: str, *, exact: bool) -> bool:
    """True if no number after the stated one may be meant instead of it."""
    listed = _LISTED.split(rest[:MAX_SENTENCE_CHARS], maxsplit=1)[0]
    said = _BRACKETED.sub("", listed).lower()
    raw = said.split()
    words = [word.strip(",.;$€£()'\"*") for word in raw]
    if set(words) & _ONWARD or (words and words[0] in _OPERATING) or "=" in said:
        return False
    if words[:1] == ["of"] and not (exact and words[1:2] and words[1] in _PARTITIVE):
        return False
    for at, word in enumerate(words):
        compared = words[at + 1 : at + 2] and words[at + 1] in {"more", "less", "fewer"}
        start = max((i + 1 for i in range(at) if raw[i][-1] == ","), default=0)
        phrase = set(words[max(at - 3, start) : at]) & _ASIDES
        rival = word[:1].isdigit() or read_word(word) is not None
        measured = words[at + 1 : at + 2] and words[at + 1] in PRECISIONS
        parted = words[at + 1 : at + 2] == ["of"] and {*words[at + 2 : at + 3]} & _PARTITIVE
        if rival and not phrase and not (compared or measured or parted):
            return False
        if word == "per" and words[at + 1 : at + 2] and read_word(words[at + 1]):
            return False
    return True


def _is_led(before: str) -> bool:
    """True if a sentence begins with the number, or what stands before it says that it is so."""
    words = before.rstrip(" $").split()
    while words and words[-1].strip(",") in _ROUNDLY:
        del words[-1]
    return not words or (words[-1] in _LINKS and words[-2:] != ["there", "is"])


_LINKS = frozenset(
    {
        "is", "equals", "was", "are", "were", "takes", "take", "took", "has", "have", "had", "see",
        "sees", "saw", "count", "counts", "counted", "show", "shows", "contain", "contains",
        "cost", "costs", "pay", "pays", "paid", "need", "needs", "get", "gets", "got", "earn",
        "earns", "earned", "make", "makes", "made", "remain", "remains", "spend", "spends",
        "spent", "find", "found", "sell", "sold", "buy", "bought", "own", "owns", "hold", "holds",
        "travel", "travels", "traveled", "travelled", "paie", "aura", "hay", "es", "tiene", "hat",
    }
)  # fmt: skip
_ROUNDLY = frozenset(
    {
        "about", "exactly", "only", "approximately", "just", "still", "now", "around", "roughly",
        "all", "together", "encore", "tout", "en", "noch", "insgesamt", "of", "total", "a",
    }
)  # fmt: skip
_ONWARD = frozenset(
    {
        "so", "thus", "hence", "therefore", "means", "meaning", "gives", "giving", "but", "not",
        "or", "if", "then", "answer", "leaving", "making", "total", "altogether", "plus", "minus",
        "times", "equals", "x", "donc", "also", "instead", "actually", "maybe", "perhaps",
    }
)  # fmt: skip
"""What may lead on to the number that is meant."""
_OPERATING = frozenset({"more", "less", "fewer", "to", "than"})
_PARTITIVE = frozenset({"the", "whom", "them", "these", "those", "all", "which"})
_ASIDES = frozenset(
    {
        "in", "of", "on", "at", "with", "around", "for", "from", "below", "above", "under", "over",
        "than", "by", "per", "after", "before", "within", "each", "every", "between", "during",
        "until", "since", "near", "through", "among", "exceed", "exceeds", "exceeding", "reaching",
        "pour", "dans", "de", "en", "avec", "d'ici", "para", "con", "mit", "pro", "für", "von",
        "out", "across", "into", "beyond", "against", "sur", "dividing",
    }
)  # fmt: skip
"""What leads a phrase with a number of its own."""
_BRACKETED = re.compile(r"\([^()]{0,120}+\)")
_LISTED = re.compile(
    r" ?:|,? (?:namely|because|since|as|weil|car|parce que) |, (?:including|like|such as) "
)


def last_stating(text: str) -> str:
    """The last sentence of a text that has a digit, the lines of a list after it aside."""
    text = without_list(text)
    digit = next((at for at in range(len(text) - 1, -1, -1) if text[at].isdigit()), -1)
    if digit < 0:
        return text
    end = digit + sentence_end(text[digit + 1 :]) + 1
    for stop in ("! ", "? ", "\n"):
        end = found if digit <= (found := text.find(stop, digit + 1)) < end else end
    return text[: end + 1]


def without_list(text: str) -> str:
    """A text without the bulleted or numbered lines that it ends with."""
    lines = text.rstrip().split("\n")
    end = len(lines)
    while end and (not lines[end - 1].strip() or _BULLET.match(lines[end - 1])):
        end -= 1
    return "\n".join(lines[:end]) if end else text


_BULLET = re.compile(r"\s{0,8}(?:[-*•]|\d{1,2}[.)]) ")
