"""What running text says: what follows a cue, the last formula, the trailing number. Linear."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_ANSWERS = 32
"""Different boxes or answer elements that are told apart; more are a conflict anyway."""
MAX_BETWEEN_CHARS = 40
"""Words between two numbers that are still alternatives."""
MAX_SENTENCE_CHARS = 240
"""Of a sentence that states a number."""
TAIL_CHARS = 4000
"""How much of the end of an answer part is searched for cues and trailing numbers."""

CUES = (
    "final answer is", "final answer:", "answer is", "answer:", "answers are", "answer =",
    "réponse est", "réponse :", "réponse:", "respuesta es", "respuesta:", "resposta é",
    "resposta:", "risposta è", "risposta:", "antwort ist", "antwort lautet", "antwort:", "ответ:",
    "ответ —", "答案是", "答案为", "答案為", "答案：", "答案:", "答えは", "答え：", "答え:",
    "정답은", "정답:", "답은", "الإجابة هي", "الجواب هو", "الإجابة:", "उत्तर है", "उत्तर:",
    "cevap:", "đáp án là", "đáp án:",
)  # fmt: skip
"""What announces an answer, in lower case."""
_SHORT_CUE = re.compile(r"(?<![a-z])(?:ans\.? ?[:=]|answer [-–] (?=[\d$\\])|result ?[:=])")
_CUE_ENDS = (
    "\n", "。", "; ", "! ", "? ", " because", " since ", " rather than", " instead of", "(not ",
    ", not", " which ", " where ", " as ", " but ", "，因为", "，不是",
)  # fmt: skip
_DENIES_ANOTHER = re.compile(r"(?<!\bdoes)(?<!\bdo)(?<!\bis)(?<!\bare)(?<!\bcan)(?<!\bdid) not ")
"""`5 not 6`, but `does not exist`."""
_DISPLAYS = (("$$", "$$"), ("\\[", "\\]"))
_MARKDOWN = " \t\r\n:：=*_`>\"'“”"
_BACKWARD = re.compile(
    r" (?:is|are|as|would be|must be|will be)(?: thus| therefore| then)? (?:the|my|our)"
    r"(?: final| correct| right| required| desired)?(?: numerical)? (?:answer|solution|result)s?"
    r"(?! to\b| of\b| for\b| is\b| are\b| in\b)(?=[ .,!:;*_$\n]|\Z)"
)
"""What follows an answer: `7 is the answer`."""
_LEADS = re.compile(
    r"(?i)(?:\A|(?<=[.!?:,;] )|(?<=\n))(?:(?:therefore|thus|so|hence|finally|accordingly|then|and so"
    r"|consequently|in conclusion|overall|as a result),? |we (?:conclude|see|find|have|get) (?:that )?"
    r"|i (?:conclude|find|think|believe|say) (?:that )?|this (?:means|shows) (?:that )?)+"
)
_SHORTENED = frozenset({"st", "dr", "mr", "mrs", "ms", "prof", "mt", "ft", "jr", "sr", "vs", "fig"})


def cued(text: str) -> str:
    """What follows the last cue of a text, up to the end of its clause; empty without one.

    Or what the last "is the answer" follows, from the beginning of its sentence.
    """
    tail = text[-TAIL_CHARS:]
    low = tail.lower()
    if len(low) != len(tail):
        low = tail
    ends = [low.rfind(cue) + len(cue) for cue in CUES if cue in low]
    ends.extend(cue.end() for cue in _SHORT_CUE.finditer(low))
    backward = max((cue.start() for cue in _BACKWARD.finditer(low)), default=-1)
    if backward > max(ends, default=-1):
        return _before_cue(tail[:backward])
    if not ends:
        return ""
    said = tail[max(ends) :].lstrip(_MARKDOWN)
    for opening, closing in _DISPLAYS:
        end = said.find(closing, len(opening))
        if said.startswith(opening) and end > 0:
            return said[: end + len(closing)]
    stops = [at for end in _CUE_ENDS if (at := said.find(end)) >= 0]
    if denied := _DENIES_ANOTHER.search(said):
        stops.append(denied.start())
    stop = min(stops, default=len(said))
    return said[: sentence_end(said[:stop])].rstrip(" \t*_`.,\"'”")


def _before_cue(text: str) -> str:
    """The end of a text, from the beginning of its last sentence on, without `therefore`."""
    start, end = 0, text.rfind("\n") + 1
    while (end := sentence_end(text, end)) < len(text):
        start = end = end + 1
    said = text[max(start, text.rfind("\n") + 1) :].strip()
    leads = list(_LEADS.finditer(said))
    return (said[leads[-1].end() :] if leads else said).strip(_MARKDOWN + ",.")


def sentence_end(text: str, start: int = 0) -> int:
    """Where the first sentence of a text ends: at a full stop before a blank, else with the text.

    The full stop of `St.` and `p.m.` ends none.
    """
    at = text.find(". ", start)
    while at >= 0:
        word = text[max(at - 24, start) : at].split(" ")[-1].lstrip("$(\"'*")
        if "." not in word.strip(".") and word.lower() not in _SHORTENED:
            return at
        at = text.find(". ", at + 1)
    return len(text)


class Excerpt(NamedTuple):
    """What was picked from a text."""

    text: str
    start: int
    """Where it starts in the text it was picked from."""
    end: int


NOWHERE = Excerpt("", -1, -1)
"""Nothing was picked."""


def last_formula(text: str) -> Excerpt:
    """A text's last closed formula, or run of formulas: "$1$, $2$ and $3$"."""
    if "$" not in text and "\\(" not in text and "\\[" not in text:
        return NOWHERE
    spans = _formula_spans(text)
    if not spans:
        return NOWHERE
    start, end = spans[-1]
    run = [text[slice(*spans[-1])].strip()]
    for before, after in zip(reversed(spans[:-1]), reversed(spans), strict=False):
        if (
            _STEP.match(text[slice(*before)].strip())
            or text[before[1] : after[0]].strip("$\\()[] ,;").lower() not in _JOINS
            or len(run) > MAX_ANSWERS
        ):
            break
        run.append(text[slice(*before)].strip())
        start = before[0]
    return Excerpt(", ".join(reversed(run)), start, end)


def _formula_spans(text: str) -> list[tuple[int, int]]:
    """Where a text's closed formulas start and end."""
    spans: list[tuple[int, int]] = []
    opening: str | None = None
    start = 0
    for token in _DELIMITERS.finditer(text):
        if opening is None and token[0] in _CLOSES:
            opening, start = token[0], token.end()
        elif opening is not None and token[0] == _CLOSES[opening]:
            # `cm$^2$` is no formula of its own.
            if text[start : token.start()].strip(" ,;") and text[start] != "^":
                spans.append((start, token.start()))
            opening = None
    return spans


def trailing_number(text: str) -> Excerpt:
    """The last number in a text, or the enumeration that it ends: "3, 4 or 5".

    A number that an operation still waits for (`10 - 3`) is none.
    """
    spans = [match.span() for match in _NUMBER.finditer(text)]
    if not spans or _OPERAND.search(text[max(spans[-1][0] - 8, 0) : spans[-1][0]]):
        return NOWHERE
    first = len(spans) - 1
    while first and _joined(text[spans[first - 1][1] : spans[first][0]]):
        first -= 1
    numbers = [text[start:end].strip() for start, end in spans[first:][:MAX_ANSWERS]]
    return Excerpt(", ".join(numbers), spans[first][0], spans[-1][1])


def stated_number(sentence: str) -> Excerpt:
    """The number that a plain sentence states: "The distance is 260 miles after 3 hours".

    Only where nothing before it and no word after it says that another may be meant.
    """
    if len(sentence) > MAX_SENTENCE_CHARS:
        return NOWHERE
    link = _LINK.search(sentence)
    number = link and _NUMBER.match(sentence, link.end())
    if not link or not number or any(c.isdigit() for c in sentence[: link.start()]):
        return NOWHERE
    rest = sentence[number.end() :]
    words = set(rest.lower().replace(",", " ").split())
    if rest[:1] not in {"", " ", ",", "."} or rest.lstrip()[:1] in set("+-*/^=×·÷√π:−<>\\$"):
        return NOWHERE
    return NOWHERE if _ONWARD & words else Excerpt(number[0].strip(), *number.span())


_LINK = re.compile(r"(?i)(?<!there )\b(?:is|equals|was|takes) (?:about |exactly )?(?=[-−\d])")
_ONWARD = frozenset(
    {
        "is", "are", "so", "thus", "hence", "therefore", "means", "gives", "but", "not", "or",
        "and", "x", "more", "less", "fewer", "times", "of", "plus", "minus", "out", "if", "to",
        "which", "then", "than",
    }
)  # fmt: skip


def _joined(between: str) -> bool:
    """True if two numbers are alternatives or one answer together: `3, 4`, `3 red or 4 blue`."""
    between = between.strip(" ,;、，$").lower()
    if between in _JOINS:
        return True
    words = between.split(" ")
    alternative = words[-1] in _ALTERNATIVES or bool(_OR & set(words))
    return alternative and len(between) <= MAX_BETWEEN_CHARS and ". " not in between


_CLOSES = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_DELIMITERS = re.compile(r"\$\$|\$|\\[\[\]()]|\\.", re.DOTALL)
_ALTERNATIVES = frozenset({"or", "或", "oder", "ou", "o"})
_OR = frozenset({"or", "oder"})
"""Those that count among other words, too: `o` and `ou` may be articles there."""
_JOINS = frozenset(
    {"", "and", "or", "and/or", "和", "或", "oder", "und", "ou", "et", "o", "y", "e"}
)
# `2x = 10` before `x = 5` is a step and does not belong to the answer.
_STEP = re.compile(r"\d+ ?[A-Za-z][^=]{0,40}=")
_OPERAND = re.compile(r"[\w)\]}] ?[-+*/^×÷−] ?\Z")
# What may have to be given up again is bounded; what has no bound cannot fail.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_^{.√])(?:(?<![\w)\]])[-+−])?"
    r"(?:\d{1,20}+ \d{1,20}+/\d+|\d{1,3}(?: \d{3}(?!\d))+(?:,\d+)?"
    r"|\d+(?:(?:\.\d{1,20}+)?(?:√\d{1,20}+|π)(?:/\d{1,20}+)?(?![\w√])"
    r"|(?:(?:[.,]|\{,\}|,\\!)\d+){0,40}(?:/\d+)?)"
    r"|(?:√\d{1,20}+|π)(?:/\d{1,20}+)?(?![\w√])|\.\d+)"
    r"(?:[eE][-+]?\d{1,4}+(?![A-Za-z0-9]))?"
    r"(?: ?(?:×|\*|\\times) ?10(?:\^\{?[-−]?\d{1,4}\}?|[⁻⁰¹²³⁴-⁹]{1,5}))?"
    r"(?: ?(?:\\?%|percent))?"
)
