"""The sentences of an answer, and where the clauses of one begin."""

from __future__ import annotations

import re
from functools import lru_cache

from harmo.scorers.reading.text import plain

MAX_HEAD_CHARS = 240
MAX_TAIL_CHARS = 2400
"""Of a longer text, its beginning and its end: what leads an answer and what closes it."""
MAX_SENTENCES = 80

_END = re.compile(r"[.!?](?=\s|[^\x00-\x7f]|\Z)|\n")
_INITIALS = re.compile(
    r"(?<![A-Za-z])[A-Za-z](?:\.[A-Za-z](?![A-Za-z]))+\.?"
    r"|(?<![A-Za-z])[A-Za-z]\.(?: [A-Za-z]\.)+"
    r"|(?<![A-Za-z])[A-Z]\. (?:coli|elegans|subtilis|cereus|anthracis|melanogaster|thaliana|pylori"
    r"|difficile|albicans|aureus|cerevisiae|sapiens|erectus|rerio|musculus|lamblia|histolytica"
    r"|falciparum|tuberculosis|botulinum|cholerae|rex)\b"
    r"|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Fig|Eq|Sec"
    r"|[Nn]o(?=\. ?\d|\. of\b(?! course)))\.(?: [A-Z]\.)*"
)
_BULLET = re.compile(r"\A\s{0,12}[#>•*-]{1,6}\s+")
_BREAK = re.compile(
    r"[,;](?=\s|[^\x00-\x7f])| (?=but\b)"
    r"| (?=(?:because|since|although|though|while|whereas|unlike|so|therefore|thus|hence"
    r"|which|yet|however|if|unless|provided|assuming|as long as|when|whether|even)\b)"
)
_BUT = re.compile(r" (?:but|save)\b")
_ALL = frozenset(
    {"everything", "anything", "everyone", "anyone", "everybody", "anybody", "all", "any", "each"}
)
_EACH = frozenset({"every", "each", "any"})
_PARTITIVE = frozenset({"of", "the", "these", "those", "other", "single", "else"})
MAX_QUANTIFIED_CHARS = 80


def sentences(text: str) -> list[str]:
    """A text's sentences in order, plainly spelled, each with the mark that ends it."""
    lines = _ends(text).split("\n")[-MAX_SENTENCES:]
    return [each for line in lines for each in _split(plain_line(line))][-MAX_SENTENCES:]


def masked(sentence: str) -> str:
    """A sentence with its initials (`A.M.`, `J. B. Smith`) masked: no letter of theirs is a key."""
    return _INITIALS.sub(lambda initials: "_" * len(initials[0]), sentence)


def plain_line(line: str) -> str:
    """A line without LaTeX, emphasis, bullet and quotation marks; its question mark stays."""
    return plain_text(_BULLET.sub("", line, count=1))


def plain_text(text: str) -> str:
    """A text of one line, without LaTeX, emphasis and quotation marks."""
    for mark in ("\\(", "\\)", "\\[", "\\]", '"', "`"):
        text = text.replace(mark, "")
    text = plain(text).strip()
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == "'" else text


def _ends(text: str) -> str:
    """The text, or its first and last sentences where it is long."""
    text = text.strip()
    if len(text) <= MAX_HEAD_CHARS + MAX_TAIL_CHARS:
        return text
    head, tail = text[:MAX_HEAD_CHARS], text[-MAX_TAIL_CHARS:]
    ends = [end.end() for end in _END.finditer(head)]
    begun = _END.search(tail)
    first = head[: ends[-1]] if ends else ""
    return f"{first}\n{tail[begun.end() :] if begun else ''}"


def _split(line: str) -> list[str]:
    found, start = [], 0
    for end in _END.finditer(masked(line)):
        found.append(line[start : end.end()].strip())
        start = end.end()
    found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def breaks(sentence: str) -> tuple[int, ...]:
    """Where the clauses of a sentence begin: after a comma, before `but`, `because` or `so`."""
    return _breaks(sentence)


# A sentence is asked once for each key in it.
@lru_cache(maxsize=64)
def _breaks(sentence: str) -> tuple[int, ...]:
    cuts = [0]
    for found in _BREAK.finditer(sentence):
        if sentence.startswith("but", found.end()) and _quantified(sentence, found.start()):
            continue
        if len(cuts) > 1 and not sentence[cuts[-1] : found.start()].strip():
            # A comma before `but` is one break.
            cuts.pop()
        cuts.append(found.end())
    return tuple(cuts)


def excepts(clause: str) -> bool:
    """True for a clause that names what is no exception: `every animal but the`.

    `All animals bark but the cat` says something of each.
    """
    return any(_quantified(clause, found.start()) for found in _BUT.finditer(clause))


def _quantified(text: str, end: int) -> bool:
    """True where all of a kind stands before a place: `every big animal`, `all of the animals`."""
    words = text[max(end - MAX_QUANTIFIED_CHARS, 0) : end].lower().split()[-6:]
    of_several = "of" in words
    words = [word for word in words if word not in _PARTITIVE]
    if words[-1:] and words[-1] in _ALL:
        return True
    several = bool(words) and (words[-1] == "people" or words[-1].endswith("s"))
    quantifiers = words[-3:-1]
    each = not _EACH.isdisjoint(quantifiers)
    return ("all" in quantifiers or (of_several and each)) if several else each
