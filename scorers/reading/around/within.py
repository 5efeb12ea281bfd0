"""How the words inside a short answer stand to what it names: `not 7`, `7 or so`."""

from __future__ import annotations

import re

from harmo.scorers.reading.around import words
from harmo.scorers.reading.around.lexicon import DENYING, PRECISIONS, SCALES
from harmo.scorers.reading.around.rivals import is_rival, numeral
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.around.words import worded
from harmo.scorers.reading.fold import fold
from harmo.scorers.reading.numbers import unwrap
from harmo.scorers.reading.words import read_word, read_words

MAX_CHARS = 1024

_TEXT = re.compile(r"\\(?:text(?:bf|it|rm|normal)?|mathrm|mbox) ?\{([^{}]{0,150}+)\}")

_CROSSES = str.maketrans(dict.fromkeys("✗✘❌", " wrong "))
_SUBJECTLESS = re.compile(
    r"[ $({]{0,9}+(?:[<>≤≥≠]|\\(?:[lg]eq?|[lg]eqslant|neq?|[lg]t)(?![A-Za-z]))"
)
"""An inequality of nothing: `> 7`."""

_STRAY = re.compile(r"\d(?: ?(?:[-+*/×']|\\(?:times|cdot))|\^ ?\{?[-+*]\}?)\Z")
_RANGE = re.compile(r"\d ?(?:\.{2,9}+|…|~|\|) ?\d")
"""A sign behind a number that leads to nothing, a range of two: `7+`, `7..9`."""

_GAP = re.compile(
    r"[ $({\[]{0,6}+(?:[A-Za-z]\w{0,3}+ ?= ?)?[-+]?\d{1,20}+(?>(?:[.,]\d{1,20}+){0,5})"
    r"(?>(?: |\\[,;: ]|\\q?quad(?![A-Za-z])|~){1,4})"
    r"(?=\d)(?!\d{3}(?!\d))(?!\d{1,20}+ ?/ ?\d)"
)
"""Between digits, unless three follow, as in `1 234`, or a fraction: `1 2` is two numbers."""


class Cored(tuple[str, str, str]):
    """What stands before the first number or formula of a text, it, and what stands behind it."""

    __slots__ = ()


def cored(text: str) -> Cored:
    """A short text in three: words, the first run of what is no words, the rest."""
    plain = _TEXT.sub(r" \1 ", text[:MAX_CHARS]).translate(_CROSSES)
    if not plain.isascii():
        # Where words are written without blanks, digits and signs end them.
        plain = _UNSPACED.sub(" ", plain)
    tokens = plain.split()
    at = next((i for i, token in enumerate(tokens) if not is_word(token)), len(tokens))
    end = next((i for i in range(at, len(tokens)) if is_word(tokens[i])), len(tokens))
    # "9 (3 times 3)": a bracket with words in it explains.
    opened = next((i for i in range(at + 1, end) if tokens[i][0] == "("), end)
    end = opened if end < len(tokens) else end
    return Cored((" ".join(tokens[:at]), " ".join(tokens[at:end]), " ".join(tokens[end:])))


_CJK = "[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
_UNSPACED = re.compile(rf"(?<={_CJK})(?=[-+\d$\\A-Za-z])|(?<=[\d$}}A-Za-z])(?={_CJK})")


def is_word(text: str) -> bool:
    """True for a word of prose, `a`, `A` and `I` included; other letters alone are variables."""
    word = text.strip(".,:;!?'\"()*").translate(_WITHIN_WORDS)
    return word.isalpha() and (len(word) > 1 or word in "aAI")


_WITHIN_WORDS = str.maketrans("", "", "'’-.")
"""Marks inside words: `isn't`, `well-known`, `s.f.`"""


def within(text: str) -> Stance:
    """How the words of a short answer stand to the first number or formula in it."""
    text = text[:MAX_CHARS]
    stray = (
        _SUBJECTLESS.match(text)
        or _STRAY.search(text.rstrip()[-12:])
        or _RANGE.search(text)
        or _GAP.match(fold(text))
    )
    if stray or text.rstrip(" $.*").endswith(("?", "？")):
        return Stance.DOUBTED
    spelled = _TEXT.sub(r" \1 ", unwrap(text[:MAX_CHARS]))
    if read_words(" ".join(spelled.split())) is not None:
        return Stance.CLAIMED
    return cored_stance(*cored(text))


def cored_stance(before: str, core: str, after: str) -> Stance:
    r"""How the words of a short answer stand to its first number or formula; see `cored`.

    Another number or formula beside words is an operand or another answer: right before it
    (`twenty 4`, `five and 4`), behind it (`4 people \pi`) or in brackets (`4 people (5)`).
    """
    if not core or not (before or after):
        return Stance.CLAIMED
    words, behind = before.lower().split(), after.lower().split()
    counted = words[-2:-1] if words[-1:] and words[-1] in _BESIDE else words[-1:]
    if any(word[-1] != ":" and (numeral(word) or word in SCALES) for word in counted):
        return Stance.DOUBTED
    if any(word[0] == "_" for word in behind):
        return Stance.DOUBTED
    formula = next((at for at, word in enumerate(after.split()) if _is_formula(word)), 0)
    spoken = any(len(word) > 1 and word.isalpha() for word in behind[:formula])
    if spoken and not _LEADING.intersection(behind[:formula]):
        return Stance.DOUBTED
    return max(bracketed(core, after), stance_of(before, core, after))


def bracketed(answer: str, after: str) -> Stance:
    """What brackets behind an answer make of it: `(5)` is another, `(3 times 3)` explains it."""
    number, _, unit = answer.partition(" ")
    number, found = (number if unit.isalpha() else answer), Stance.CLAIMED
    unit = unit if unit.isalpha() else after.lower().partition(" ")[0]
    for bracket in _BRACKET.finditer(after):
        said = [word for word in worded(bracket[1]) if word.strip(",.:") not in _AGAIN]
        denied = bool(said) and said[0] in DENYING
        place = next((at for at, word in enumerate(said, 1) if read_word(word)), 0)
        rival = bool(place) and is_rival([unit, *said], place, number)
        if denied and place and not rival:
            return Stance.DENIED
        if said and said[-1].strip(".") not in PRECISIONS and not denied:
            alone = len(said) == 1 or (len(said) == 2 and numeral(said[1]) is None)
            alone = alone or said[1] in _CASES
            none = said[-1] in _NONE and len(said) == 1
            found = Stance.DOUBTED if none or (alone and place == 1 and rival) else found
    return found


_CASES = frozenset({"if", "when", "for", "unless", "otherwise", "where"})
_NONE = frozenset({"none", "nothing", "neither", "more", "less", "fewer"})
"""What a bracket may hold in place of another number: `(or none)`."""


_BOUND = re.compile(r"(?:\A|[\s(\w$])(?:[<≤≥≠]=?|!=|(?<![\w/\"'])>=?) ?\$?\Z")
_BESIDE = frozenset({"and", "und", "et", "y", "-", "+", ";", "/"})
_LEADING = frozenset(
    {
        "in", "of", "on", "at", "with", "for", "from", "when", "where", "if", "is", "because",
        "since", "as", "or", "that", "i.e.", "equivalently", "=",
    }
)  # fmt: skip
"""What may lead to a formula that is no operand: `4 when x = 2`."""
_BRACKET = re.compile(r"[(\[]([^()\[\]]{1,60}+)[)\]]")
_AGAIN = frozenset({"or", "about", "approx", "approximately", "roughly", "i.e", "exactly", "="})
"""What a bracket may begin with that says the answer again: `(or 300 seconds)`."""
_UNIT_LETTERS = frozenset("msgKAVNJWCLlhTFdt")


def _is_formula(word: str) -> bool:
    r"""True for a letter that is no unit, and for what is typeset: `x`, `\pi`."""
    bare = word.strip("(),.;:[]$")
    lone = len(bare) == 1 and bare.isalpha() and bare not in _UNIT_LETTERS and bare not in "aI"
    return lone or _OPERAND.match(bare) is not None


_OPERAND = re.compile(
    r"\\(?:pi|sqrt|[dtc]?frac|infty|log|ln|sin|cos|tan|pm|theta|alpha)(?![A-Za-z])"
)


def stance_of(before: str, answer: str, after: str) -> Stance:
    """How the words before and after an answer stand to it, and a bound right before it."""
    if _BOUND.search(before[-8:]):
        return Stance.DOUBTED
    comma = ", " if answer.endswith(",") else ""
    return max(words.before(before, answer), words.after(comma + after, answer))
