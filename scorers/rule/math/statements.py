"""What a short text states that is no one value: a label, lines of values, one value again."""

from __future__ import annotations

import re
from typing import NamedTuple

from harmo.scorers.reading.around import words as stance
from harmo.scorers.reading.around.lexicon import vocabulary
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.extract import last_sentence
from harmo.scorers.reading.text import plain
from harmo.scorers.reading.words import read_word, read_words
from harmo.scorers.rule.math.forms.dates import read_time
from harmo.scorers.rule.math.side import read
from harmo.scorers.rule.math.syntax.tree import Rel, Sym, scalar

MAX_VALUES = 12
MAX_SENTENCE_CHARS = 240
MAX_SPELLED_WORDS = 8
"""Of a number or a time of day."""

_LABELS = {
    "p.": "page", "pp.": "page", "page": "page", "pages": "page", "seite": "seite",
    "página": "página", "fig.": "figure", "figure": "figure", "eq.": "equation",
    "equation": "equation", "no.": "number", **{
        name: name
        for name in (
            "section", "step", "question", "chapter", "problem", "line", "table", "theorem",
            "exercise", "lemma", "corollary", "proposition", "definition", "part", "case",
            "version", "level", "row", "example", "note", "item", "hint", "volume", "appendix",
            "footnote", "paragraph", "claim", "remark",
        )
    },
}  # fmt: skip
"""Words that number a thing, and what a prompt calls it."""
_HINT = re.compile("|".join((*map(re.escape, _LABELS), "第")))
_LABELLED = re.compile(r"(\S{1,12}+) ?#? ?\(?(\d{1,6}+)\)?:?\Z|第(\d{1,6}+)[页題题章节步行图表]\Z")


class Label(NamedTuple):
    """What a text ends with that numbers a thing: `page 7`."""

    thing: str
    number: str


def label(text: str) -> Label | None:
    """The label that a text ends with; None where it ends with none."""
    tail = text[-60:]
    match = _HINT.search(tail.lower()) and _LABELLED.search(plain(tail).rstrip(")"))
    if not match:
        return None
    if match[3]:
        return Label("第", match[3])
    thing = _LABELS.get(match[1].lower().lstrip("(*#"))
    return None if thing is None else Label(thing, match[2])


def without_label(text: str, named: str) -> str:
    """A text without the reference to a label that it ends with: "So it is 7 (see Table 2)".

    Args:
        text: A text that goes on before the label; one that is nothing else stays as it is.
        named: What names the things that may be numbered: the prompt.
    """
    tail = text[-MAX_LABEL_CHARS:].rstrip(" .)\n")
    said = label(tail)
    match = _LABELLED.search(tail) if said else None
    if match is None or said is None or said.thing in named.lower():
        return text
    words = tail[: match.start()].rstrip(" (").split(" ")
    while words and words[-1].lower().strip(",(") in _REFERRING:
        del words[-1]
    rest = text[: max(len(text) - MAX_LABEL_CHARS, 0)] + " ".join(words)
    return rest.rstrip(" (,") if rest.strip() else text


MAX_LABEL_CHARS = 80
_REFERRING = vocabulary("see by from using in as shown stated per on cf. and of the")
"""What leads to a label."""
_SEPARATORS = re.compile(r"[\n\t|]|<br ?/?>")
_MARK = re.compile(r"(?:[-*•]|\d{1,2}[.)]|\(?[a-z]\)) ")


def lines(text: str) -> tuple[str, ...]:
    """The different values of a text that is nothing but lines of them; empty for any other.

    Equations count where all of them name the same letter: `x = 8` and `x = 7`, not `y = 7`.
    """
    if not _SEPARATORS.search(text):
        return ()
    pieces = [piece.strip() for piece in _SEPARATORS.split(text.strip())]
    rows = [_MARK.sub("", piece, count=1).strip("`* ") for piece in pieces if piece.strip("-=|: ")]
    if not 1 < len(rows) <= MAX_VALUES:
        return ()
    names = {_name(row) for row in rows}
    if None in names or len(names - {""}) > 1:
        return ()
    found = tuple(dict.fromkeys(rows))
    return found if len(found) > 1 else ()


def _name(row: str) -> str | None:
    """The letter that a line gives a value, "" for a bare value; None for what is neither."""
    side = read(row[:MAX_SENTENCE_CHARS])
    if side.number is not None:
        return ""
    named = isinstance(side.tree, Rel) and set(side.tree.ops) == {"="} and side.tree.terms[0]
    return named.name.partition("_")[0] if isinstance(named, Sym) else None


_TEXT = re.compile(r"\\(?:text(?:bf|it|rm|normal)?|mathrm|mbox) ?\{([^{}]{0,80}+)\}")
_JOINTS = ("or", "is", "equivalently", "i.e", "text", "mathrm", "mbox")
_BRACKETS = re.compile(r"\\(?:text|mathrm|mbox) ?\{ ?\( ?\}")
"""One of prose: nothing is multiplied."""
_AGAIN = re.compile(
    r"[ ,;(]{0,4}+(?:(?<=[ ,;(])|(?<=\\[,;: ]))"
    r"(?:or equivalently|or|equivalently|that is|which is|which equals|i\.e\.)(?![A-Za-z])[ ,:]*+"
)


def restated(text: str) -> tuple[str, ...]:
    """The values of `1/2 or 0.5`, one or several, each by itself; empty where there is one only."""
    if len(text) > MAX_SENTENCE_CHARS or not any(mark in text for mark in _JOINTS):
        return ()
    plainly = _TEXT.sub(r" \1 ", _BRACKETS.sub(" i.e. ", text))
    parts = [_unbracketed(part) for part in _AGAIN.split(plainly)]
    if not 1 < len(parts) <= MAX_VALUES:
        return ()
    sides = [read(part) for part in parts]
    valued = all(
        side.number is not None or (side.tree is not None and scalar(side.tree)) for side in sides
    )
    return tuple(parts) if valued else ()


def _unbracketed(part: str) -> str:
    """A part without the bracket that it closes for all of them: `0.5)`."""
    part = part.strip(" ,;").removesuffix("\\").strip()
    return part[:-1].strip() if part.endswith(")") and part.count("(") < part.count(")") else part


_LINKS = frozenset({"is", "are", "was", "were", "equals", "be", "get", "at", "becomes", "leaves"})
_ROUNDLY = frozenset({"exactly", "only", "just", "about", "approximately", "simply"})


def told(text: str) -> str:
    """The number or time of day in words that a sentence ends with: `It is half past ten`."""
    sentence = plain(last_sentence(text))
    words = sentence.split()
    if len(sentence) > MAX_SENTENCE_CHARS or text.rstrip().endswith("?"):
        return ""
    for count in range(min(MAX_SPELLED_WORDS, len(words) - 1), 0, -1):
        said, before = " ".join(words[-count:]), words[:-count]
        if read_words(said) is None and read_time(said) is None:
            continue
        while before and before[-1].lower() in _ROUNDLY:
            before = before[:-1]
        linked = bool(before) and before[-1].lower() in _LINKS
        claimed = linked and stance.before(" ".join(before), said) is Stance.CLAIMED
        return said if claimed else ""
    return ""


def spelled(text: str) -> str:
    """The one number that a text without digits spells: "exactly three components"; or ""."""
    words = plain(text).split()
    if any(c.isdigit() for c in text):
        return ""
    found = {at: str(number.value) for at, word in enumerate(words) if (number := read_word(word))}
    if len(set(found.values())) != 1:
        return ""
    at, said = found.popitem()
    before, after = " ".join(words[:at]), " ".join(words[at + 1 :])
    claimed = max(stance.before(before, said), stance.after(after, said)) is Stance.CLAIMED
    return said if claimed else ""
