"""Spellings that do not matter: case, articles, punctuation, LaTeX around words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from harmo.scorers.reading.fold import fold
from harmo.scorers.reading.numbers import unwrap

MAX_SQUAD_CHARS = 4096
MAX_KNOWN_CHARS = 128
"""Shorter texts are remembered: a verdict looks at one several times."""
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_COMMAND = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt|normal)?|math(?:rm|bf|it|sf|tt)|mbox|operatorname\*?|ce|boxed"
    r"|fbox|displaystyle)\b ?"
)
_SPACING = re.compile(r"\\[,!;: ]|\\q?quad\b|~")


def squad(text: str) -> str:
    """SQuAD's normal form: lower case, without punctuation and English articles, single-spaced."""
    text = text[:MAX_SQUAD_CHARS]
    if text.isascii():
        text = text.lower().translate(_ASCII_PUNCTUATION)
    else:
        # One character may stand for eighteen.
        text = unicodedata.normalize("NFKC", text)[: 2 * MAX_SQUAD_CHARS].lower()
        text = "".join(" " if _punctuation(c) else c for c in text)
    return " ".join(_ARTICLES.sub(" ", text).split())


def signs(text: str) -> list[str]:
    """The signs of a text that say something else: a minus before a number, `>`, `≠`."""
    return [_SIGN_NAMES.get(sign, sign) for sign in _SIGNS.findall(text[:MAX_SQUAD_CHARS])]


_SIGNS = re.compile(r"[<>≤≥≠]|\\(?:leq?|geq?|lt|gt|neq?)(?![A-Za-z])|(?<![\w.)])[-−](?=[\d.(])")
_SIGN_NAMES = {
    "−": "-", "≤": "\\le", "≥": "\\ge", "≠": "\\ne", "\\leq": "\\le", "\\geq": "\\ge",
    "\\neq": "\\ne", "\\lt": "<", "\\gt": ">",
}  # fmt: skip


def _punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] == "P" or character in "$+<=>^`|~"


_ASCII_PUNCTUATION = {code: " " for code in range(128) if _punctuation(chr(code))}


def plain(text: str) -> str:
    """A short answer without LaTeX text commands, delimiters, emphasis and outer punctuation."""
    return _known_plain(text) if len(text) <= MAX_KNOWN_CHARS else _plain(text)


@lru_cache(maxsize=2048)
def _known_plain(text: str) -> str:
    return _plain(text)


def _plain(text: str) -> str:
    text = _SPACING.sub(" ", _COMMAND.sub("", unwrap(fold(text[:2048]))))
    text = text.replace("{", "").replace("}", "").replace("$", "").replace("*", "")
    return " ".join(text.split()).rstrip(".,;:!")
