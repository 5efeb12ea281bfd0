"""What words before and after an answer make of it: a claim, a denial, a doubt, a bound.

Words close to the answer count, and set phrases of its clause: "the number that is not prime is 7"
says 7, "it is not 7" and "I doubt that it is 7" do not. All of it is bounded by `WINDOW_CHARS`.
"""

from __future__ import annotations

import re

from harmo.scorers.reading.around import lexicon as lex
from harmo.scorers.reading.around.clauses import assumed, framed, negated
from harmo.scorers.reading.around.rivals import is_rival, near, numeral
from harmo.scorers.reading.around.stance import WINDOW_CHARS, Stance
from harmo.scorers.reading.numbers import read_number
from harmo.scorers.reading.words import read_word

MAX_FILLERS = 8


_MARKS = str.maketrans(
    dict.fromkeys('$*_"“”‘()[]{}\\~`>|—–', " ") | dict.fromkeys("✗✘❌", " wrong ") | {"’": "'"}
)
_TYPESET = re.compile(r"\\(?:text(?:bf|it|rm|normal)?|mathrm|mbox)(?![A-Za-z])")
_COMPARED = re.compile(r"(?:more|less|fewer|[a-z]{2,12}er)\Z")
_PARENTHESIS = re.compile(r", (?:in fact|of course|however|therefore|indeed|i think),(?= |\Z)")


def worded(text: str) -> list[str]:
    """The words of a text in lower case, without emphasis, brackets and quotation marks."""
    text = _TYPESET.sub(" ", text) if "\\" in text else text
    return _PARENTHESIS.sub("", text.translate(_MARKS).lower()).split()


def before(text: str, answer: str = "") -> Stance:
    """What the words in front of an answer make of it.

    Args:
        text: What stands before it; only the end is looked at.
        answer: The answer, which a number before it may contradict: `8 or 7`.
    """
    text = text[-WINDOW_CHARS:]
    if not text or text.isspace():
        return Stance.CLAIMED
    if not text.isascii():
        tail = text.rstrip(" $:：(\\[")
        if tail.endswith(lex.CJK_DENIED):
            return Stance.DENIED
        named = _CJK_NAMED.sub("", _NAMED.sub("", tail))
        if tail.endswith(lex.CJK_DOUBTED) or named.endswith(lex.CJK_ASSUMED):
            return Stance.DOUBTED
    clause = _clause(worded(text))
    if not clause:
        return Stance.CLAIMED
    return max(_adjacent(clause, answer), framed(clause), assumed(clause))


_NAMED = re.compile(r" ?[A-Za-z](?:_\d)? ?=?\Z")
_CJK_NAMED = re.compile(r"(?:答案|结果|結果|它)[是为為]?\Z")


def _clause(words: list[str]) -> list[str]:
    """The words of the last sentence, from the last `so`, `but` or the like after a comma on."""
    start = 0
    for at, word in enumerate(words):
        led = word in lex.LEADS and at and (words[at - 1][-1] == "," or words[at - 1] == "and")
        if word[-1] in ".!?;。" or led:
            start = at + 1
    return words[start:]


def _adjacent(words: list[str], answer: str) -> Stance:
    """What the last words say, those without a meaning of their own aside."""
    last = words[-1].rstrip(":")
    if last.rstrip(",") == "then" and {"if", "wenn"} & set(words):
        return Stance.DOUBTED
    if last.endswith(","):
        return Stance.CLAIMED
    if words[-3:-1] == ["or", "equal"] or words[-2:] == ["or", "equal"]:
        return Stance.BOUNDED
    at = len(words) - 1
    while at >= 0 and len(words) - at <= MAX_FILLERS and _at(words, at) in lex.FILLERS:
        if _pair(words, at) in lex.PAIRS:
            break
        at -= 1
    if at < 0 or (at < len(words) - 1 and words[at][-1] in ",:"):
        return Stance.CLAIMED
    return _of_word(words, at, answer)


def _at(words: list[str], at: int) -> str:
    return words[at].rstrip(":") if at == len(words) - 1 else words[at]


def _pair(words: list[str], at: int) -> tuple[str, str]:
    return (words[at - 1] if at else "", _at(words, at))


def _of_word(words: list[str], at: int, answer: str) -> Stance:
    word, pair, earlier = _at(words, at), _pair(words, at), words[:at]
    last = at == len(words) - 1
    if word in lex.DENYING or pair in lex.DENYING_PAIRS or word.endswith("n't"):
        # "No solution other than 7" says 7.
        exception = word in lex.EXCEPTING and negated(earlier)
        return Stance.CLAIMED if exception else Stance.DENIED
    if (last or words[at + 1 :] == ["="]) and word in lex.WRONG and not negated(earlier[-2:]):
        return Stance.DENIED
    if word == "than" and at and _COMPARED.match(words[at - 1]):
        return Stance.BOUNDED if negated(words[max(at - 3, 0) : at - 1]) else Stance.DOUBTED
    if pair in lex.BOUND_PAIRS or word in lex.BOUNDS:
        return Stance.BOUNDED
    if word in lex.DOUBTING or pair in lex.DOUBTING_PAIRS:
        # "Equality holds if x = 7" names the case that is asked for.
        named = words[-1] == "=" and word in lex.IFS
        named = named or (word == "between" and (" and " in answer or "," in answer))
        return Stance.CLAIMED if named else Stance.DOUBTED
    return _after_number(words, at, answer) if last and at else Stance.CLAIMED


def _after_number(words: list[str], at: int, answer: str) -> Stance:
    """`between 6 and`, `8 or`, `3 to`, `8 over` before an answer."""
    word, earlier = words[at], words[at - 1]
    if word in lex.AND and {"between", "zwischen", "entre"} & set(words[-6:-1]):
        return Stance.DOUBTED
    if word in lex.TIMES or (word == "of" and earlier in lex.PARTS):
        return Stance.DOUBTED
    if word in lex.OR and earlier in lex.NEGATIONS:
        return Stance.DOUBTED
    if word == "of" and earlier == "out" and at > 1:
        earlier = words[at - 2]
    number = numeral(earlier) if word in lex.CALCULATING else read_word(earlier)
    if number is None or (word == "to" and "from" in words[-4:]):
        return Stance.CLAIMED
    if word in lex.OR:
        return Stance.CLAIMED if near(number, read_number(answer)) else Stance.DOUBTED
    return Stance.DOUBTED if word in lex.OPERATING else Stance.CLAIMED


def after(text: str, answer: str = "") -> Stance:
    """What the words behind an answer make of it.

    Args:
        text: What stands behind it; only the beginning is looked at.
        answer: The answer, which a number behind it may contradict: `7 or 8`.
    """
    text = text[:WINDOW_CHARS]
    if not text or text.isspace():
        return Stance.CLAIMED
    if not text.isascii() and text.lstrip(" $)\\]}").startswith(lex.CJK_AFTER):
        return Stance.DENIED
    words = worded(text)
    if not words:
        return Stance.CLAIMED
    if words[0][0] in "?？":
        return Stance.DOUBTED
    end = next((at for at, word in enumerate(words) if word[-1] in ".!?;" and word != "..."), -1)
    sentence, rest = (words[: end + 1], words[end + 1 :]) if end >= 0 else (words, [])
    said = [bare for word in sentence if (bare := word.strip(",.;:!?-"))]
    found = _behind(said, answer, comma=words[0][0] == ",") if said else Stance.CLAIMED
    if sentence[-1][-1] == "?" and (len(said) <= 4 or lex.OR & set(said)):
        found = max(found, Stance.DOUBTED)
    if rest and _corrects(rest, answer):
        return Stance.DENIED
    but = said.index("but") if "but" in said else len(said)
    return max(found, _retracted(rest), _retracted(said[but + 1 :]))


def _corrects(words: list[str], answer: str) -> bool:
    """True for a sentence that puts another number in the answer's place: "Or 9.", "No, 9."."""
    # "No other number below 10 works."
    remarks = words[0] == "no" and not (
        words[1:2] and (words[1][0].isdigit() or words[1] in lex.POINTING)
    )
    corrects = words[0].strip(",.") in lex.CORRECTING | lex.OR and not remarks
    return corrects and _rivalled(words[1:9], answer)


def _rivalled(words: list[str], answer: str) -> bool:
    """True if words name another number than the answer."""
    return any(is_rival(["", *words], at, answer) for at in range(1, len(words) + 1))


def _behind(words: list[str], answer: str, *, comma: bool) -> Stance:
    first, second = words[0], words[1] if len(words) > 1 else ""
    if first in lex.VERBS or first.endswith("n't"):
        if words[1:3] == ["the", "answer"]:
            return _alternatives(words, answer)
        if set(words[:4]) & lex.TAKEN_BACK or any(word.endswith("n't") for word in words[:3]):
            return Stance.DENIED
        return Stance.BOUNDED if "bound" in words[:5] else _alternatives(words, answer)
    if first == "which" and second in lex.VERBS and set(words[2:3]) & lex.WRONG:
        return Stance.DENIED
    if first == "no" and second in {"other", "further", "additional"}:
        # "no other value works"
        return Stance.CLAIMED
    lone = first == "not" and not comma and len(words) == 1
    if lone or first in lex.REVOKING or (first in lex.WRONG and len(words) <= 2):
        return Stance.DENIED
    hedged = {first, second} & lex.MAYBE and len(words) <= 4
    unsure = (first, second) in {("not", "sure"), ("not", "certain"), ("give", "or")}
    conditional = lex.IFS & set(words) and lex.ELSE & set(words)
    # "7 if we round it" is a step, "7 if n is even" a case.
    named = first == "if" and len(second) == 1 and words[2:3] == ["="] and not lex.ELSE & set(words)
    case = first in lex.IFS and second not in {"we", "you", "one", "i"} and not named
    if hedged or unsure or conditional or case:
        return Stance.DOUBTED
    if (first, second) in lex.BOUND_PAIRS | {("and", "up"), ("and", "above"), ("or", "above")}:
        return Stance.BOUNDED
    counted = _counted(words, first, second)
    return max(counted, _shared(words, answer), _alternatives(words, answer))


def _counted(words: list[str], first: str, second: str) -> Stance:
    """Words that make another number of it: `squared`, `less than 10`, `and a half`."""
    if first in lex.PARTS | lex.SCALES or words in (["plus"], ["minus"]):
        return Stance.DOUBTED
    joined = first in lex.AND and second[:1].isalpha() and len(words) <= 3
    if joined and read_word(second) is not None:
        # Digits may be a list's second item, and are read with it.
        return Stance.DOUBTED
    other = words[2] if second in {"than", "from", "by", "the", "of"} and len(words) > 2 else second
    if first not in lex.BINARY or numeral(other) is None:
        return Stance.CLAIMED
    # "7 to 9" is a range, "7 over 6 rolls" a phrase.
    third = words[2] if len(words) > 2 else ""
    phrase = first in {"over", "to", "below", "above"} and third.isalpha()
    return Stance.CLAIMED if phrase or third in lex.PRECISIONS else Stance.DOUBTED


def _shared(words: list[str], answer: str) -> Stance:
    """`and a half` behind a number, be it behind its unit."""
    said = " ".join(words[:6])
    shared = any(f"and {one} {part}" in said for one in ("a", "one") for part in _SHARES)
    return Stance.DOUBTED if shared and read_number(answer) is not None else Stance.CLAIMED


_SHARES = ("half", "third", "quarter", "fourth", "fifth", "tenth")


def _alternatives(words: list[str], answer: str) -> Stance:
    """`or 8`, `or so`, `otherwise 8`, `for even n, 8 for odd n` behind an answer."""
    if words[0] in lex.OR and words[1:2] and words[1] in lex.LOOSE:
        return Stance.DOUBTED
    if 1 < len(words) <= 5 and words[-2] in lex.OR | lex.AND | lex.MAYBE and words[-1] in lex.LOOSE:
        return Stance.DOUBTED
    for at, word in enumerate(words[:12]):
        if word in lex.REASONS:
            break
        if words[at + 2 : at + 3] == ["="]:
            # "attained when x = 2 or x = -2"
            continue
        unsettled = word == "be" and at and words[at - 1] in {"might", "could", "may"}
        if word in lex.ALTERNATIVES or unsettled:
            places = range(at + 1, min(at + 4, len(words)))
            number = next((place for place in places if read_word(words[place])), None)
            if number is not None and is_rival(words, number, answer):
                return Stance.DOUBTED
        again = at and word == words[0] and words[0] in {"when", "for", "where"}
        if again and any(read_number(each) is not None for each in words[max(at - 2, 1) : at]):
            return Stance.DOUBTED
    return Stance.CLAIMED


def _retracted(words: list[str]) -> Stance:
    """A short sentence behind it that takes it back: "No.", "That is wrong."."""
    end = next((at for at, word in enumerate(words) if word[-1] in ".!?;"), len(words) - 1)
    sentence = {word.strip(",.;:!") for word in words[: end + 1]}
    if not 0 < len(sentence) <= 5 or any(c.isdigit() for word in sentence for c in word):
        return Stance.CLAIMED
    about = sentence & lex.POINTING or len(sentence) <= 2
    against = sentence & lex.NO_SENTENCE
    # "It is not." takes it back, "It is not prime." says more of it.
    more = against == {"not"} and sentence - lex.BARE_DENIAL
    return Stance.DENIED if about and against and not more else Stance.CLAIMED
