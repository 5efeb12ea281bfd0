"""What words before and after an answer make of it: a claim, a denial, a doubt, a bound.

Words close to the answer count, and set phrases of its clause: "the number that is not prime is 7"
says 7, "it is not 7" and "I doubt that it is 7" do not. All are bounded by `WINDOW_CHARS`.
"""

from __future__ import annotations

import re
from enum import IntEnum

from harmo.scorers.reading.numbers import Number, read_number

WINDOW_CHARS = 160
"""So much before and after an answer is looked at."""
MAX_FILLERS = 8


class Stance(IntEnum):
    """How a text stands to an answer in it."""

    CLAIMED = 0
    """It is the answer."""
    BOUNDED = 1
    """At least, at most or up to this: the answer where the prompt asks for a bound."""
    DOUBTED = 2
    """Perhaps, either, between, if, about what is twice this: nothing is settled."""
    DENIED = 3
    """It is not the answer."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILLERS = _words(
    "a an the be been being is are was were am it its it's this that these equal equals to exactly "
    "precisely necessarily really actually simply just only even always in fact as of so get gets "
    "give gives yield yields have has had become becomes come comes answer answers result value "
    "number solution option final correct right true total sum because by any all do does give "
    "es est ist é è sind sont son igual egal gleich la le el il die der das den o réponse antwort "
    "respuesta resposta risposta valeur wert valor text mathrm textbf left displaystyle "
    "это ответ"
) - {"so", "because", "do", "does", "by", "sum", "of", "as"}
"""What may stand between a word that denies or doubts and the answer."""
_DENYING = _words(
    "not no never cannot cant isnt dont doesnt wasnt wont arent neither nor without except besides "
    "excluding exclude excludes excluded unlike reject rejects rejected discard discards discarded "
    "avoid avoids non pas nicht kein keine keinen nie jamais nunca jamás não mai не нет niet geen "
    "değil không ليس ليست नहीं"
)
_DENYING_PAIRS = frozenset(
    {
        ("other", "than"), ("rather", "than"), ("instead", "of"), ("opposed", "to"),
        ("different", "from"), ("differs", "from"), ("differ", "from"), ("distinct", "from"),
        ("far", "from"), ("apart", "from"), ("aside", "from"), ("place", "of"), ("except", "for"),
        ("anything", "but"), ("everything", "but"), ("all", "but"), ("any", "but"),
        ("ruled", "out"), ("rule", "out"), ("rules", "out"), ("ruling", "out"),
        ("opposite", "of"), ("no", "means"), ("no", "way"), ("no", "longer"), ("un", "like"),
    }
)  # fmt: skip
_DOUBTING = _words(
    "maybe perhaps possibly conceivably presumably supposedly allegedly hypothetically might may "
    "could either whether if unless suppose supposing assume assuming imagine pretend nearly almost "
    "between above below under beyond exceed exceeds exceeding twice thrice double triple half "
    "minus plus negative mod modulo peut-être vielleicht quizás quizá talvez forse возможно может"
)
_DOUBTING_PAIRS = frozenset(
    {
        ("tal", "vez"), ("close", "to"), ("just", "over"), ("just", "under"), ("shy", "of"),
        ("short", "of"), ("zwischen", "und"),
        *((word, "of") for word in (
            "square", "root", "cube", "factorial", "half", "double", "negative", "reciprocal",
            "inverse", "power", "log", "logarithm", "complement", "multiple", "factor", "divisor",
            "third", "quarter", "negation", "percent", "triple",
        )),
    }
)  # fmt: skip
_BOUND_PAIRS = frozenset(
    {("at", "least"), ("at", "most"), ("up", "to"), ("minimum", "of"), ("maximum", "of"),
     ("au", "moins"), ("au", "plus"), ("al", "menos"), ("bound", "of")}
)  # fmt: skip
_BOUNDS = _words("mindestens höchstens")
_MAYBE = _words("maybe perhaps possibly conceivably unsure uncertain peut-être vielleicht talvez")
_NEVER = _words("doubt doubtful unlikely")
_WRONG = _words("wrong incorrect false untrue mistaken inaccurate absurd mistake error erroneous")
_WRONG_WHAT = _words("to that if is be would answer result value solution option conclusion guess")
_RIGHT = _words("true correct right case possible certain sure")
_SAYING = _words(
    "think believe say claim accept choose pick write answer trust agree guess argue expect "
    "suppose conclude tempted call consider"
)
_UNSETTLED = _words("might could may")
_LEAD_BREAKS = _words("so thus hence therefore but however then yet")
_COMPARED = re.compile(r"(?:more|less|fewer|[a-z]{2,12}er)\Z")
_MARKS = str.maketrans(dict.fromkeys("$*_\"“”‘()[]{}\\~`>|", " ") | {"’": "'"})

_CJK_DENIED = ("不是", "并非", "不等于", "不为", "不會是", "不会是", "不可能是", "而非", "没有")
_CJK_DOUBTED = ("可能是", "也许是", "或许是", "或者是", "大概是", "可能为", "也许", "或许", "多分")
_CJK_AFTER = (
    "ではない", "ではありません", "じゃない", "이 아니", "가 아니", "은 아니", "不对", "是错",
    "不正确", "かもしれ", "아니",
)  # fmt: skip


def before(text: str, answer: str = "") -> Stance:
    """What the words in front of an answer make of it.

    Args:
        text: What stands before it; only the end is looked at.
        answer: The answer, which a number before it may contradict: `8 or 7`.
    """
    text = text[-WINDOW_CHARS:]
    if not text.isascii():
        tail = text.rstrip(" $:：(\\[")
        if tail.endswith(_CJK_DENIED):
            return Stance.DENIED
        if tail.endswith(_CJK_DOUBTED):
            return Stance.DOUBTED
    clause = _clause(text)
    if not clause:
        return Stance.CLAIMED
    return max(_adjacent(clause, answer), _framed(clause))


def _clause(text: str) -> list[str]:
    """The words of the last sentence, from the last `so`, `but` or the like after a comma on."""
    words = text.translate(_MARKS).lower().split()
    start = 0
    for at, word in enumerate(words):
        if word[-1] in ".!?;。" and at + 1 < len(words) or word in {"."}:
            start = at + 1
        elif word in _LEAD_BREAKS and at and words[at - 1][-1] == "," and word != "then":
            start = at + 1
    if start < len(words) or not words:
        return words[start:]
    return [] if words[-1][-1] in ".!?;。" else words


def _adjacent(words: list[str], answer: str) -> Stance:
    """What the last words say, those without a meaning of their own aside."""
    last = words[-1].rstrip(":")
    if words[-1][-1] in ".!?;":
        return Stance.CLAIMED
    if last.rstrip(",") == "then" and ("if" in words or "wenn" in words):
        return Stance.DOUBTED
    if last.endswith(","):
        return Stance.CLAIMED
    at = len(words) - 1
    while at >= 0 and len(words) - at <= MAX_FILLERS and _core(words, at) in _FILLERS:
        if _pair(words, at) in _DENYING_PAIRS | _BOUND_PAIRS | _DOUBTING_PAIRS:
            break
        at -= 1
    if at < 0 or (at < len(words) - 1 and words[at][-1] in ",:"):
        return Stance.CLAIMED
    return _of_word(words, at, answer)


def _core(words: list[str], at: int) -> str:
    return words[at].rstrip(":") if at == len(words) - 1 else words[at]


def _pair(words: list[str], at: int) -> tuple[str, str]:
    return (words[at - 1] if at else "", _core(words, at))


def _of_word(words: list[str], at: int, answer: str) -> Stance:
    word, pair, earlier = _core(words, at), _pair(words, at), words[:at]
    adjacent = at == len(words) - 1
    if adjacent and word in _WRONG and not _negated(earlier[-2:]):
        return Stance.DENIED
    if word in _DENYING or pair in _DENYING_PAIRS or word.endswith("n't"):
        exception = word in {"except", "besides", "than", "but", "for", "excluding", "from"}
        return Stance.CLAIMED if exception and _negated(earlier[:-1]) else Stance.DENIED
    if word == "than" and at and _COMPARED.match(words[at - 1]):
        return Stance.BOUNDED if _negated(words[max(at - 3, 0) : at - 1]) else Stance.DOUBTED
    if word == "to" and words[max(at - 2, 0) : at] == ["or", "equal"]:
        return Stance.BOUNDED
    if pair in _BOUND_PAIRS or word in _BOUNDS:
        return Stance.BOUNDED
    if word in _DOUBTING or pair in _DOUBTING_PAIRS:
        return Stance.DOUBTED
    if not adjacent or not at:
        return Stance.CLAIMED
    return _after_number(words, at, answer)


def _after_number(words: list[str], at: int, answer: str) -> Stance:
    """`between 6 and`, `8 or`, `3 to`, `8 over` before an answer."""
    word, number = words[at], read_number(words[at - 1])
    if word in {"and", "und", "et", "y"} and {"between", "zwischen", "entre"} & set(words[-6:-1]):
        return Stance.DOUBTED
    if number is None or ("from" in words[-4:] and word == "to"):
        return Stance.CLAIMED
    if word in {"or", "oder", "ou", "o"}:
        return Stance.CLAIMED if _near(number, read_number(answer)) else Stance.DOUBTED
    return Stance.DOUBTED if word in {"to", "over", "times", "by", "of"} else Stance.CLAIMED


def _near(left: Number, right: Number | None) -> bool:
    """True if two numbers may be one, be it rounded."""
    if right is None:
        return bool(left.places)
    return abs(left.value - right.value) * 50 <= abs(right.value)


def _negated(words: list[str]) -> bool:
    return any(
        word in {"no", "not", "none", "nothing", "never", "cannot", "nobody", "only"}
        or word.endswith("n't")
        for word in words
    )


def _framed(words: list[str]) -> Stance:
    """What set phrases in the clause say: "I doubt that", "it is wrong to say", "one might think"."""
    found = Stance.CLAIMED
    words = [word.strip(",:;") for word in words]
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else ""
        nearby = words[max(at - 2, 0) : at]
        if word in _NEVER or (word in _WRONG and after in _WRONG_WHAT and not _negated(nearby)):
            return Stance.DENIED
        if word in _RIGHT and after in {"that", "to"} and _negated(nearby):
            return Stance.DENIED
        if word in _SAYING and _negated(nearby):
            return Stance.DENIED
        own = {"i", "we", "i'd"} & set(words[max(at - 3, 0) : at])
        said = word in _SAYING and _UNSETTLED & set(nearby) and not own
        sure = word in {"sure", "certain", "idea", "clear"} and _negated(nearby)
        if word in _MAYBE or said or (sure and after in {"if", "whether", "but", ""}):
            found = Stance.DOUBTED
    return found


_TAKEN_BACK = _words(
    "not wrong incorrect false impossible untrue never excluded ruled mistaken out cannot no absurd "
    "nonsense"
)
_VERBS = _words("is was are were would could can cannot should must seems looks will has does may might")
_IFS = _words("if unless wenn si")
SCALES = _words("hundred thousand million billion trillion dozen")
_PARTS = _words(
    "squared cubed factorial halves thirds quarters fourths fifths sixths sevenths eighths ninths "
    "tenths hundredths thousandths percentile ish half"
)
_BINARY = _words("plus minus times over to less more fewer greater below above squared divided multiplied")
_NO_SENTENCE = _words("no nope not wrong incorrect false kidding untrue")


def after(text: str, answer: str = "") -> Stance:
    """What the words behind an answer make of it.

    Args:
        text: What stands behind it; only the beginning is looked at.
        answer: The answer, which a number behind it may contradict: `7 or 8`.
    """
    text = text[:WINDOW_CHARS]
    if not text.isascii() and text.lstrip(" $)\\]}").startswith(_CJK_AFTER):
        return Stance.DENIED
    words = text.translate(_MARKS).lower().split()
    if not words:
        return Stance.CLAIMED
    if words[0][0] in "?？":
        return Stance.DOUBTED
    end = next((at for at, word in enumerate(words) if word[-1] in ".!?;"), len(words) - 1)
    sentence = [word.strip(",.;:!") for word in words[: end + 1]]
    while sentence and not sentence[0]:
        del sentence[0]
    found = _behind(sentence, answer, comma=words[0][0] == ",") if sentence else Stance.CLAIMED
    if found is Stance.CLAIMED and words[end][-1] == "?" and len(sentence) <= 4:
        return Stance.DOUBTED
    return max(found, _retracted(words[end + 1 :]))


def _behind(words: list[str], answer: str, *, comma: bool) -> Stance:
    first, second = words[0], words[1] if len(words) > 1 else ""
    if first in _VERBS or first.endswith("n't"):
        taken = set(words[: 4]) & _TAKEN_BACK or any(w.endswith("n't") for w in words[:3])
        return Stance.DENIED if taken else Stance.CLAIMED
    if first == "not" and not comma and len(words) == 1:
        return Stance.DENIED
    if {first, second} & _MAYBE and len(words) <= 4:
        return Stance.DOUBTED
    if first in _IFS or (_IFS & set(words) and {"else", "otherwise", "sinon", "sonst"} & set(words)):
        return Stance.DOUBTED
    if (first, second) in _BOUND_PAIRS or (first, second) in {("and", "up"), ("or", "above")}:
        return Stance.BOUNDED
    return _counted(words, first, second, answer)


def _counted(words: list[str], first: str, second: str, answer: str) -> Stance:
    """Words that make another number of it: `squared`, `less than 10`, `or 8`, `or so`."""
    if first in _PARTS | SCALES or (first, second) in {("and", "a"), ("and", "one")} and "half" in words[:4]:
        return Stance.DOUBTED
    number = read_number(second) or (read_number(words[2]) if len(words) > 2 and second in {"than", "from", "by", "the"} else None)
    if first in _BINARY and number is not None:
        # "7 to 9" is a range, "7 over 6 rolls" a phrase.
        phrase = first in {"over", "to", "below", "above"} and words[2:3] and words[2].isalpha()
        return Stance.CLAIMED if phrase else Stance.DOUBTED
    if first in {"or", "oder", "ou"}:
        if number is not None:
            return Stance.CLAIMED if _near(number, read_number(answer)) else Stance.DOUBTED
        loose = {"so", "thereabouts", "perhaps", "maybe"}
        bounds = {"more", "less", "fewer", "higher", "lower", "greater", "above"}
        return Stance.DOUBTED if second in loose | bounds else Stance.CLAIMED
    return Stance.CLAIMED


def _retracted(words: list[str]) -> Stance:
    """A short sentence behind it that takes it back: "No.", "That is wrong."."""
    end = next((at for at, word in enumerate(words) if word[-1] in ".!?;"), len(words) - 1)
    sentence = {word.strip(",.;:!") for word in words[: end + 1]}
    short = 0 < len(sentence) <= 5
    whole = sentence & {"that", "that's", "this", "it", "it's", "which"} or len(sentence) <= 2
    return Stance.DENIED if short and whole and sentence & _NO_SENTENCE else Stance.CLAIMED
