"""What running text says: what follows a cue, the last formula, the trailing number. Linear."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_ANSWERS = 32
"""Different boxes or answer elements that are told apart; more are a conflict anyway."""
MAX_NAME_CHARS = 10
_NAMED = re.compile(r"([A-Za-z])(?:_\{?\d\}?)? ?= ?\Z")
"""A letter that is given a value."""
MAX_BETWEEN_CHARS = 40
"""Words between two numbers that are still alternatives."""
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
    "\n", "。", "! ", "? ", " because", " since ", " rather than", " instead of", "(not ",
    ", not", " which ", " where ", " as ", " but ", "，因为", "，不是",
)  # fmt: skip
_LISTS_ON = re.compile(r"; (?!\(?[ivx\d$\\+-]|[A-Za-z] ?=)")
"""`7; this is prime`, but `1; 2` and `x = 1; y = 2`."""
_DENIES_ANOTHER = re.compile(r"(?<!\bdoes)(?<!\bdo)(?<!\bis)(?<!\bare)(?<!\bcan)(?<!\bdid) not ")
"""`5 not 6`, but `does not exist`."""
_DISPLAYS = (("$$", "$$"), ("\\[", "\\]"))
_MARKDOWN = " \t\r\n:：=*_`>\"'“”"
_BACKWARD = (
    *(
        f" {verb} {whose}{kind} answer{'s' if verb == 'are' else ''}"
        for verb in ("is", "are", "must be", "is therefore", "is thus", "would be")
        for whose in ("the", "my", "our")
        for kind in ("", " final", " correct", " right")
    ),
    *(" is the solution", " are the solutions", " is the result", " is the final result"),
)
"""What follows an answer: `7 is the answer`."""
_BACKWARD_WORDS = ("answer", "solution", "result")
_ENDING = frozenset(" .,!:;*_$\n")
_OF_ANOTHER = (" to ", " of ", " for ", " is ", " are ", " in ", " if ")
_CLAUSES = (", so ", ", therefore ", ", thus ", ", hence ", "; ", ": ")
_LEADS = (
    "therefore", "thus", "so", "hence", "finally", "accordingly", "then", "and so", "consequently",
    "in conclusion", "overall", "as a result", "we conclude that", "we conclude", "we see that",
    "we find that", "i conclude that", "i think that", "i think", "i believe that", "i believe",
    "this means that", "this means", "this shows that",
)  # fmt: skip
"""What a sentence begins with before it says its answer."""
_SHORTENED = frozenset(
    {"st", "dr", "mr", "mrs", "ms", "prof", "mt", "ft", "jr", "sr", "vs", "fig", "rs"}
)


class Announced(NamedTuple):
    """What a cue announces."""

    said: str
    """Empty where there is no cue."""
    before: str
    """What stands before it, the cue included: `Suppose the answer is`."""
    after: str = ""
    """What follows it, where the cue stands before it: `. Or 9.`"""

    @property
    def bare(self) -> str:
        """What is announced, without the signs of a formula."""
        return self.said.strip("$ ")


def cued(text: str) -> str:
    """What a text announces as its answer; see `announced`."""
    return announced(text).said


def announced(text: str) -> Announced:
    """What follows the last cue of a text, up to the end of its clause; empty without one.

    Or what the last "is the answer" follows, from the beginning of its sentence.
    """
    tail = text[-TAIL_CHARS:]
    low = tail.lower()
    if len(low) != len(tail):
        low = tail
    ends = [end for cue in CUES if cue in low and (end := _said_end(low, cue))]
    ends.extend(cue.end() for cue in _SHORT_CUE.finditer(low))
    backward = -1
    if any(word in low for word in _BACKWARD_WORDS):
        backward = max(_ends_cue(low, cue) for cue in _BACKWARD)
    if backward > max(ends, default=-1):
        said = _before_cue(tail[:backward])
        return Announced(said, tail[:backward].rpartition(said)[0])
    if not ends:
        return Announced("", "")
    before = tail[: max(ends)]
    behind = tail[max(ends) :]
    said = behind.lstrip(_MARKDOWN)
    marks = behind[: len(behind) - len(said)]
    if marks.lstrip(" :*_`")[:1] == ">" and "\n" not in marks:
        # A bound, and no quotation, which begins its line.
        said = f"> {said}"
    for opening, closing in _DISPLAYS:
        end = said.find(closing, len(opening))
        if said.startswith(opening) and end > 0:
            return Announced(said[: end + len(closing)], before)
    stops = [at for end in _CUE_ENDS if (at := said.find(end)) >= 0]
    if listed := _LISTS_ON.search(said):
        stops.append(listed.start())
    if denied := _DENIES_ANOTHER.search(said):
        stops.append(denied.start())
    stop = min(stops, default=len(said))
    clause = said[: sentence_end(said[:stop])].rstrip(" \t*_`.,\"'”")
    line, _, below = said[len(clause) :].lstrip("*_`\"'”").partition("\n")
    return Announced(clause, before, f"{line.rstrip('. ')}. {below.lstrip()}" if below else line)


_WRONG = ("wrong", "incorrect", "false", "bad", "mistaken", "tempting")


def _said_end(low: str, cue: str) -> int:
    """Where the last cue of a kind ends; 0 where it announces a wrong answer."""
    at = low.rfind(cue)
    return 0 if low[max(at - 12, 0) : at].rstrip().endswith(_WRONG) else at + len(cue)


def _before_cue(text: str) -> str:
    """The end of a text, from the beginning of its last sentence on, without `therefore`."""
    start, end = 0, text.rfind("\n") + 1
    while (end := sentence_end(text, end)) < len(text):
        start = end = end + 1
    said = text[max(start, text.rfind("\n") + 1) :].strip()
    clause = max((at + len(each) for each in _CLAUSES if (at := said.rfind(each)) >= 0), default=0)
    said = said[clause:].lstrip()
    while lead := next((each for each in _LEADS if _begins(said, each)), ""):
        said = said[len(lead) :].lstrip(" ,:")
    return said.strip(_MARKDOWN).rstrip(",.")


def _ends_cue(low: str, cue: str) -> int:
    """Where a text has a cue that follows its answer, the last time; -1 where it has none."""
    at = low.rfind(cue)
    rest = low[at + len(cue) : at + len(cue) + 8]
    ends = at >= 0 and (not rest or rest[0] in _ENDING) and not rest.startswith(_OF_ANOTHER)
    return at if ends else -1


def _begins(text: str, lead: str) -> bool:
    return text[: len(lead)].lower() == lead and text[len(lead) : len(lead) + 1] in {" ", ",", ":"}


def sentence_end(text: str, start: int = 0) -> int:
    """Where the first sentence of a text ends: at a full stop before a blank, else with the text.

    The full stop of `St.` and `p.m.` ends none, that of `0.5.` does.
    """
    at = text.find(". ", start)
    while at >= 0:
        word = text[max(at - 24, start) : at].rsplit(" ", maxsplit=1)[-1].lstrip("$(\"'*-")
        whole = "." not in word.strip(".") or word.replace(".", "").replace(",", "").isdigit()
        if whole and word.lower() not in _SHORTENED:
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
    spans = formula_spans(text)
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


def formula_spans(text: str) -> list[tuple[int, int]]:
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
    spans = [match.span() for match in NUMBER.finditer(text)]
    if not spans or _OPERAND.search(text[max(spans[-1][0] - 8, 0) : spans[-1][0]]):
        return NOWHERE
    if text[spans[-1][1] : spans[-1][1] + 1] in _RAISING:
        return NOWHERE
    first = len(spans) - 1
    while first and _are_joined(text, spans[first - 1], spans[first]):
        first -= 1
    numbers = [text[start:end].strip() for start, end in spans[first:][:MAX_ANSWERS]]
    return Excerpt(", ".join(numbers), spans[first][0], spans[-1][1])


def _are_joined(text: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
    """True if two numbers are one answer together, by themselves or as `x = 3 and x = 5`."""
    between = text[left[1] : right[0]]
    own = _NAMED.search(between[-MAX_NAME_CHARS:])
    other = _NAMED.search(text[max(left[0] - MAX_NAME_CHARS, 0) : left[0]])
    if own and other and own[1] == other[1]:
        said = between[: len(between) - len(own[0])].strip(" ,;$")
        return said in _JOINS and said != ""
    return _joined(between)


def _joined(between: str) -> bool:
    """True if two numbers are alternatives or one answer together: `3, 4`, `3 red or 4 blue`."""
    between = between.strip(" ,;、，$*`").lower()
    if between in _JOINS:
        return True
    words = between.split(" ")
    alternative = words[-1] in _ALTERNATIVES or bool(_OR & set(words))
    return alternative and len(between) <= MAX_BETWEEN_CHARS and ". " not in between


_CLOSES = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_DELIMITERS = re.compile(r"\$\$|\$|\\[\[\]()]|\\.", re.DOTALL)
_ALTERNATIVES = frozenset({"or", "vs", "vs.", "versus", "或", "oder", "ou", "o"})
_OR = frozenset({"or", "oder"})
"""Those that count among other words, too: `o` and `ou` may be articles there."""
_JOINS = frozenset(
    {
        "", "and", "or", "and/or", ". or", "? or", ". or maybe", ". alternatively", "和", "或",
        "oder", "und", "ou", "et", "o", "y", "e",
    }
)  # fmt: skip
# `2x = 10` before `x = 5` is a step and does not belong to the answer.
_STEP = re.compile(r"\d+ ?[A-Za-z][^=]{0,40}=")
_OPERAND = re.compile(r"[\w)\]}] ?[-+*/^×÷−] ?\Z")
_RAISING = frozenset("^²³½")
"""Right behind a number, it is a part of another."""
# What may have to be given up again is bounded; what has no bound cannot fail.
NUMBER = re.compile(
    r"(?<![A-Za-z0-9_^{.√])(?:(?<![\w)\]])[-+−])?"
    r"(?:\d{1,20}+ \d{1,20}+/\d+|\d{1,3}(?: \d{3}(?!\d))+(?:,\d+)?"
    r"|\d+(?:(?:\.\d{1,20}+)?(?:√\d{1,20}+|π)(?:/\d{1,20}+)?(?![\w√])"
    r"|(?:(?:[.,]|\{,\}|,\\!)\d+){0,40}(?:/\d+)?)"
    r"|(?:√\d{1,20}+|π)(?:/\d{1,20}+)?(?![\w√])|\.\d+)"
    r"(?:[eE][-+]?\d{1,4}+(?![A-Za-z0-9]))?"
    r"(?: ?(?:×|\*|\\times) ?10(?:\^\{?[-−]?\d{1,4}\}?|[⁻⁰¹²³⁴-⁹]{1,5}))?"
    r"(?: ?(?:\\?%|percent))?"
)
