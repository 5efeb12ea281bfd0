"""Text as IFBench cuts it: its sentence splitter, its bare words, its emoji."""

from __future__ import annotations

import re
import string

from harmo.scorers.aspect.remember import once

NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
EDGE = string.punctuation + " "

# A full stop that ends nothing, and the end of a sentence: characters no text may bring.
_KEPT, _END = "\ue000", "\ue001"
_STARTERS = (
    r"(Mr|Mrs|Ms|Dr|Prof|Capt|Cpt|Lt|He\s|She\s|It\s|They\s|Their\s|Our\s|We\s|But\s|However\s"
    r"|That\s|This\s|Wherever)"
)
_SENTENCE_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(Mr|St|Mrs|Ms|Dr)\.", rf"\1{_KEPT}"),
        (r"\.(com|net|org|io|gov|edu|me)", rf"{_KEPT}\1"),
        (r"([0-9])\.([0-9])", rf"\1{_KEPT}\2"),
        (r"\.{2,}", lambda dots: _KEPT * len(dots[0]) + _END),
        (r"Ph\.D\.", f"Ph{_KEPT}D{_KEPT}"),
        (r"\s([A-Za-z])\. ", rf" \1{_KEPT} "),
        (rf"([A-Z]\.[A-Z]\.(?:[A-Z]\.)?) {_STARTERS}", rf"\1{_END} \2"),
        (r"([A-Za-z])\.([A-Za-z])\.([A-Za-z])\.", rf"\1{_KEPT}\2{_KEPT}\3{_KEPT}"),
        (r"([A-Za-z])\.([A-Za-z])\.", rf"\1{_KEPT}\2{_KEPT}"),
        (rf" (Inc|Ltd|Jr|Sr|Co)\. {_STARTERS}", rf" \1{_END} \2"),
        (r" (Inc|Ltd|Jr|Sr|Co)\.", rf" \1{_KEPT}"),
        (r" ([A-Za-z])\.", rf" \1{_KEPT}"),
        (r"\.([”\"])", r"\1."),
        (r"([!?])\"", r'"\1'),
        (r"[.?!]", rf"\g<0>{_END}"),
    )
)

# Pictographs by block; flags are pairs of regional indicators.
_EMOJI = re.compile(
    "[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f004-\U0001faff]"
)


def is_emoji(char: str) -> bool:
    """True if a character is an emoji or a part of one that can be seen."""
    return _EMOJI.fullmatch(char) is not None


@once
def split_sentences(text: str) -> list[str]:
    """A text's sentences by IFBench's rules, stripped; a line break ends none."""
    text = text.replace(_KEPT, " ").replace(_END, " ").replace("\n", " ")
    text = f" {text}  "
    for pattern, replacement in _SENTENCE_RULES:
        text = pattern.sub(replacement, text)
    found = [sentence.strip() for sentence in text.replace(_KEPT, ".").split(_END)]
    return found if found[-1] else found[:-1]


@once
def bare_words(text: str) -> list[str]:
    """The words of a text in lower case, ASCII punctuation removed."""
    return text.lower().translate(NO_PUNCTUATION).split()
