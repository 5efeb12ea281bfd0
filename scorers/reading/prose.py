"""What running text says: what follows a cue, the last formula, the trailing number. Linear."""

from __future__ import annotations

import itertools
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
    return (said[leads[-1].end() :] if leads else said).strip(_MARKDOWN).rstrip(",.")


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
    """The number that a plain sentence states: "There are 3 bars with values below 40".

    Only where nothing before it and no word after it says that another may be meant: others may
    follow in phrases of their own (`in 2 hours`, `, 5 more than Ann`) and behind a colon.
    """
    if len(sentence) > MAX_SENTENCE_CHARS:
        return NOWHERE
    link = _LINK.search(sentence)
    led = link is not None and not any(c.isdigit() for c in sentence[: link.start()])
    number = _NUMBER.match(sentence, link.end() if link and led else 0)
    if not number:
        return NOWHERE
    rest = sentence[number.end() :]
    if rest[:1] not in {"", " ", ",", "."} or rest.lstrip()[:1] in set("+-*/^=×·÷√π:−<>\\"):
        return NOWHERE
    if not is_aside(rest, exact=number[0].strip().isdigit()):
        return NOWHERE
    return Excerpt(number[0].strip(), *number.span())


def stated_formula(sentence: str) -> Excerpt:
    """The formula that a plain sentence states: "We get $x+1$ when we divide by $x-1$"."""
    if len(sentence) > MAX_SENTENCE_CHARS:
        return NOWHERE
    spans = _formula_spans(sentence)
    if len(spans) < 2 or not _STATING.search(sentence[: spans[0][0]]):
        return NOWHERE
    for before, after in itertools.pairwise(spans):
        words = sentence[before[1] : after[0]].lower().strip("$\\()[] ").split()
        if not words or words[-1] not in _ASIDES or set(words) & _ONWARD:
            return NOWHERE
    start, end = spans[0]
    return Excerpt(sentence[start:end].strip(), start, end)


_STATING = re.compile(
    r"(?i)\b(?:is|are|get|obtain|have|gives?|yields?|equals?|becomes?)(?: the)?:? ?(?:\$\$?|\\[(\[])\Z"
)


def is_aside(rest: str, *, exact: bool) -> bool:
    """True if no number after the stated one may be meant instead of it."""
    said = _BRACKETED.sub("", _LISTED.split(rest, maxsplit=1)[0]).lower()
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
        if word[:1].isdigit() and not phrase and not compared:
            return False
    return True


_LINK = re.compile(
    r"(?i)(?:(?<!there )\b(?:is|equals|was)|\bthere (?:are|were)|\b(?:takes?|took|has|have|had|sees?"
    r"|count(?:s|ed)?|shows?|contains?|costs?|pays?|paid|needs?|gets?|got|earn(?:s|ed)|makes?|paie"
    r"|hay|gibt es|remains?|spent|spends|saw|found|sold|bought|made|owns?|holds?|travels?|travel(?:l)?ed"
    r"|aura|tiene|hat|il y a|left with)) (?:(?:about|exactly|only|approximately|just|still|now|in all"
    r"|a total of|en tout|encore|en total|insgesamt|noch|around|roughly|all|together) ){0,2}"
    r"(?=\$?[-−\d])\$?"
)
_ONWARD = frozenset(
    {
        "so", "thus", "hence", "therefore", "means", "meaning", "gives", "giving", "but", "not",
        "or", "if", "then", "answer", "leaving", "making", "total", "altogether", "plus", "minus",
        "times", "equals", "x", "donc", "also", "or", "instead", "actually", "maybe", "perhaps",
    }
)  # fmt: skip
"""What may lead on to the number that is meant."""
_OPERATING = frozenset({"more", "less", "fewer", "to", "than"})
_PARTITIVE = frozenset({"the", "them", "these", "those", "all", "which"})
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
