"""Whether a text says yes or no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from harmo.scorers.reading.around.lexicon import vocabulary
from harmo.scorers.reading.decision import stance
from harmo.scorers.reading.decision.clauses import is_background, is_conditional, is_reported
from harmo.scorers.reading.decision.sentences import breaks, sentences
from harmo.scorers.reading.prose import CUES

_YES = vocabulary(
    "yes true correct yeah yep yup affirmative oui vrai sí si verdadero ja richtig wahr sim да "
    "верно 是 是的 对 對 正确 正確 はい 예 네 نعم हाँ evet đúng tak"
)
_NO = vocabulary(
    "no false incorrect wrong nope negative untrue non faux falso nein falsch não нет неверно 否 "
    "不 不是 不对 不對 错误 錯誤 错 いいえ 아니요 아니오 لا नहीं hayır nie"
)
_PAIR = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
_PHRASES = {
    **dict.fromkeys(
        ("of course", "i think so", "i believe so", "indeed", "absolutely", "certainly",
         "definitely", "it is", "it does", "right"), True),
    **dict.fromkeys(
        ("of course not", "not really", "certainly not", "definitely not", "absolutely not",
         "probably not", "i don't think so", "i do not think so", "not at all", "it is not",
         "it isn't", "it does not", "it doesn't"), False),
}  # fmt: skip
_NOTHING_SAID = (
    r"no (?:of|idea|clue|way|one|comments?|answer|information|data|opinion|matter|wonder|longer"
    r"|more|thanks|sense|guess|thoughts?|context|reason|response|preference|luck|body|such|certainty"
    r"|conclusion|judge?ment|knowledge|clear|definitive|single|simple|use|telling|need|evidence"
    r"|options?|choices?)\b"
)
_DOUBTLESS = re.compile(r"\bno (?:doubt|question|problem)s?\b(?: about it)?[:,]?")
_SAYS_NOTHING = re.compile(_NOTHING_SAID + r"|\bno\.(?: ?\d| of\b)")
_ABSENT = re.compile(r"\bthere(?:'s| is| are| was| were) no (?=[a-z])")
_FILLER = re.compile(
    r"\A(?:(?:so|thus|therefore|hence|actually|no,? wait|wait|well|hmm|but|final answer|finally"
    r"|sorry|oh|and|then|in conclusion|overall)[,:]? )+"
)
_LEAD = re.compile(
    r"\A[\"'(\[]{0,2}([^\W\d_]{1,12})[\"')\]]{0,2}(?= ?[,;:!]| ?\.(?! ?\d)| - | ?\Z)"
)
_UNSAID = re.compile(
    r"[ ,;]{1,3}(?:which (?:is|was) (?:wrong|incorrect|false|untrue)|maybe|perhaps|possibly)"
    r"[ .!]{0,8}+\Z"
)
"""Behind a yes or no it takes that back."""
_SOFT_NO = re.compile(r"[ ,;]{1,3}(?:probably|perhaps|maybe) not[ .!]{0,8}+\Z")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_FLIPS = frozenset({"not", "isn't", "isnt", "wasn't", "aren't", "hardly", "never"})
_UNDECIDED = re.compile(
    r"\b(?:or|maybe|perhaps|possibly|neither|both|depends|either|unclear|unsure|whether|if|between"
    r"|might|could|may)\b|/"
)
_JOINS = vocabulary("and or oder ou o y et und e или")
_MAX_BETWEEN_CHARS = 6
_ADVERBS = vocabulary("indeed also clearly actually definitely probably certainly likely")
_CONTRASTS = vocabulary("but yet still and")
_ASSERTS = vocabulary(
    "is was be are it's that's being seems so say answer therefore thus hence think absolutely "
    "est ist es é è"
)


class _Said(NamedTuple):
    """What a sentence says."""

    yes: bool | None
    """None for both."""
    leads: bool
    turns: bool


def word_of(text: str) -> str | None:
    """`yes` for yes and true, `no` for no and false, None for any other text."""
    return _PAIR.get(text.strip().lower())


def polarity(text: str) -> bool | None:
    """True for a text that says yes, False for one that says no, None for neither or both.

    Words that lead a sentence, or follow a cue, count before those in it. `No idea`, `no one` and
    what stands inside a question say nothing.
    """
    spelled = sentences(text)
    whole = " ".join(spelled).lower().strip(" .,!")
    if whole in _PHRASES:
        return _PHRASES[whole]
    if any(_is_alternative(sentence.lower()) for sentence in spelled[1:]):
        return None
    said = [found for sentence in spelled if (found := _of_sentence(sentence.lower()))]
    firm = [each for each in said if each.leads] or said
    if not firm:
        return None
    alike = len({each.yes for each in firm}) == 1
    return firm[-1].yes if alike or firm[-1].turns else None


def _is_alternative(sentence: str) -> bool:
    """True for `or no` as a sentence of its own."""
    words = _WORD.findall(sentence)
    return words[:1] == ["or"] and any(_is_yes(word) is not None for word in words[1:3])


def _of_sentence(sentence: str) -> _Said | None:
    if sentence.endswith("?"):
        return None
    at = max((sentence.rfind(cue) + len(cue) for cue in CUES if cue in sentence), default=0)
    clause = sentence[:at]
    led = clause[breaks(clause)[-1] :]
    if at and (stance.denies(led) or is_reported(led) or is_conditional(sentence, at - 1)):
        return None
    rest = _DOUBTLESS.sub(" ", sentence[at:]).strip(" ,:*")
    filler = _FILLER.match(rest)
    rest = rest[filler.end() :] if filler else rest
    turns = filler is not None or at > 0
    if _SAYS_NOTHING.match(rest):
        return None
    if _is_open(rest) or _turns_round(rest):
        return _Said(None, leads=True, turns=False)
    if (lead := _LEAD.match(rest)) and (yes := _is_yes(lead[1])) is not None:
        if _UNSAID.match(rest, lead.end()) or (yes and _SOFT_NO.match(rest, lead.end())):
            return _Said(None, leads=True, turns=False)
        return None if is_conditional(rest, 0) else _Said(yes, leads=True, turns=turns)
    hits = set(_hits(rest))
    if not hits:
        return None
    return _Said(hits.pop() if len(hits) == 1 else None, leads=turns, turns=turns)


def _is_open(sentence: str) -> bool:
    """True for both in one breath: `yes and no`, `true/false`, `no, yes`."""
    words = list(_WORD.finditer(sentence))
    said = [(_is_yes(word[0]), word) for word in words if word[0] not in _JOINS]
    return any(
        yes is not None
        and other is (not yes)
        and len(sentence[word.end() : after.start()].replace("and", "")) <= _MAX_BETWEEN_CHARS
        and stance.closed(sentence[after.end() :])
        for (yes, word), (other, after) in pairwise(said)
    )


def _turns_round(sentence: str) -> bool:
    """True for a yes that ends on a no, or the other way: `yes, or rather no`."""
    words = _WORD.findall(sentence)
    if len(words) < 2 or (first := _PAIR.get(words[0])) is None:
        return False
    clause = sentence[breaks(sentence)[-1] :]
    if is_background(clause) or words[-1] not in _PAIR:
        return False
    return _PAIR[words[-1]] != first and not stance.denies(clause[: -len(words[-1]) - 1])


def _is_yes(word: str) -> bool | None:
    if word in _YES:
        return True
    return False if word in _NO else None


def _hits(sentence: str) -> Iterator[bool | None]:
    """What the words of a sentence say where they answer; None for a word that is left open."""
    cuts = [*breaks(sentence), len(sentence)]
    for start, end in pairwise(cuts):
        clause = sentence[start:end]
        if is_reported(clause) or is_conditional(sentence, start):
            continue
        if _ABSENT.search(clause) and not _SAYS_NOTHING.search(clause):
            yield False
        words = list(_WORD.finditer(clause))
        for i, word in enumerate(words):
            yes = _is_yes(word[0])
            if yes is not None:
                before = [each[0] for each in words[:i]]
                yield from _hit(clause, before, word, yes=yes)


def _hit(
    clause: str, before: list[str], word: re.Match[str], *, yes: bool
) -> Iterator[bool | None]:
    """What one yes or no is in its clause: an answer, a denied one, an open one, or a mere word."""
    if _UNDECIDED.search(clause):
        yield None
        return
    right = clause[word.end() :]
    if not (stance.closed(right) or right.startswith(" that")) and (before or word[0] in {"si"}):
        return
    if before[:1] and before[0] in _CONTRASTS:
        before = before[1:]
    while before and before[-1] in _ADVERBS:
        before = before[:-1]
    flipped = bool(before) and before[-1] in _FLIPS
    rest = before[:-1] if flipped else before
    if stance.denies(" ".join(rest)):
        return
    if flipped or not rest or rest[-1] in _ASSERTS:
        yield yes is not flipped
