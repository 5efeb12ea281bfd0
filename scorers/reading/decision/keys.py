"""The options' keys that a text names, and which of them it decides for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harmo.scorers.reading.around.lexicon import vocabulary
from harmo.scorers.reading.decision import stance, turning
from harmo.scorers.reading.decision.clauses import is_background, is_conditional
from harmo.scorers.reading.decision.sentences import breaks, masked, plain_text, sentences
from harmo.scorers.reading.decision.stance import Stance

_TOKEN = re.compile(
    r"(?<![0-9A-Za-z_\u00c0-\u024f'^°\\%&@+<>~-])(?<![0-9A-Za-z]\.)"
    r"(?:[(\[] ?([A-Za-z]{1,5}|\d{1,2}) ?[)\]]"
    r"|([A-Za-z]|[IVX]{2,5}|[ivx]{2,5}|\d{1,2}))"
    r"(?![0-9A-Za-z_\u00c0-\u024f'^°%#+*<>]|-\w|\.[A-Za-z](?![A-Za-z])|[.,:/]\d|=)"
)
_PIECE = re.compile(r"[a-z]+|[^\sa-z]")
_JOINS = vocabulary(
    ", ; / & + | : ( ) and or nor through to et ou und oder y o e plus vs . 和 或 者 还 是 与 及 "
    "и л ∨ maybe perhaps possibly probably also else even both option choice answer then la le el "
    "il die der das"
)
MAX_JOINTS = 5
MAX_BETWEEN_CHARS = 40
_NOT_BUT = {"不是", "而不是", "而非", "非"}
"""After a key and before another: `B不是A` is B."""
_SINGULAR = re.compile(r"\)? (?:is|was|isn't|wasn't|doesn't|does|fails|has|seems|looks|can't)\b")
_OPEN = re.compile(
    r"\b(?:or|nor|ou|oder|o|to|through|vs|maybe|perhaps|possibly|или)\b|[/|:∨]|或|还"
)


class Group(NamedTuple):
    """Keys that a text names together: `A, B and C`."""

    keys: tuple[str, ...]
    start: int
    end: int
    stop: int
    """Where the last one's text ends, if it follows; else `end`."""
    bracketed: bool
    small: bool
    """Written in a small letter, as articles are."""
    open: bool = False
    """They are alternatives: `A or B`."""
    listed: bool = False
    """Nothing but commas stands between them."""


class Decision(NamedTuple):
    """What a text says of some keys."""

    keys: frozenset[str]
    stance: Stance
    start: int
    """Where it stands among the sentences, joined by line ends."""
    end: int
    open: bool = False
    whole: bool = False
    """The keys are all of a sentence."""


class Choice(NamedTuple):
    """The keys that a text decides for."""

    keys: frozenset[str]
    open: bool
    """It names several and leaves open which, or takes its choice back."""


NOTHING = Choice(frozenset(), open=False)


def decide(text: str, keys: Mapping[str, str], *, multi_select: bool = False) -> Choice:
    """The keys that a text decides for.

    Args:
        text: An answer, or running text.
        keys: The texts of options by key; empty where they are not known.
        multi_select: Several keys may be chosen together.
    """
    said = sentences(text)
    decisions: list[Decision] = []
    start = 0
    alone = sum(len(_groups(sentence, keys)) for sentence in said) == 1
    for sentence in said:
        decisions += [
            each._replace(start=start + each.start, end=start + each.end)
            for each in _decisions(sentence, keys, alone=alone)
        ]
        start += len(sentence) + 1
    return _settled("\n".join(said), decisions, multi_select=multi_select)


def _decisions(sentence: str, keys: Mapping[str, str], *, alone: bool) -> Iterator[Decision]:
    """What one sentence says of each group of keys; a question says nothing."""
    if sentence.endswith("?"):
        return
    cuts = breaks(sentence)
    groups = _groups(sentence, keys)
    starts = [*(group.start for group in groups), len(sentence)]
    read = 0
    for group, end in zip(groups, starts[1:], strict=True):
        left = sentence[max(read, *(cut for cut in cuts if cut <= group.start)) : group.start]
        right = sentence[group.end : min([cut for cut in cuts if cut >= group.stop] + [end])]
        read = group.stop
        if is_conditional(sentence, group.start):
            continue
        if end < len(sentence) and right.strip() in _NOT_BUT:
            right = ""
        for part, stood in _stood(group, left, right, keys, alone=alone):
            whole = stood is Stance.SAID and not left.strip() and not right.strip(" )].:")
            yield Decision(frozenset(part), stood, group.start, group.end, group.open, whole)


def _spelled(right: str, key: str, keys: Mapping[str, str]) -> int:
    """How many characters after a key repeat its option's text; 0 where they do not."""
    option = plain_text(keys[key]).lower()
    for marks in (")].: ", ")].: -\"'"):
        bare = right.lstrip(marks)
        if option and bare[: len(option)].lower() == option:
            return len(right) - len(bare) + len(option)
    return 0


def _stood(
    group: Group, left: str, right: str, keys: Mapping[str, str], *, alone: bool
) -> Iterator[tuple[tuple[str, ...], Stance]]:
    """How a clause stands to a group: of `B, C is wrong` the last alone is denied."""
    if group.listed and _SINGULAR.match(right):
        first, last = group._replace(keys=group.keys[:-1]), group._replace(keys=group.keys[-1:])
        for each, before, after in ((first, left, ""), (last, "", right)):
            yield from _stood(each._replace(listed=False), before, after, keys, alone=alone)
        return
    spelled = _spelled(right, group.keys[-1], keys)
    if spelled:
        right = " " + right[spelled:]
    earlier = stance.before(left, bracketed=group.bracketed)
    if stance.denied_after(right) or (not spelled and not alone and stance.brushed_off(right)):
        yield group.keys, Stance.DENIED
        return
    if earlier is Stance.DENIED:
        yield group.keys, earlier
        return
    background = is_background(left)
    if stance.possible_after(right) or (background and stance.bettered(right)):
        yield group.keys, Stance.POSSIBLE
    elif stance.confirmed_after(right) and not background and not _is_named(left, group):
        yield group.keys, max(earlier, Stance.SAID)
    elif _complete(group, earlier, right, spelled=spelled > 0):
        whole = earlier is Stance.LEADS and not right.strip(" )].:\"'")
        yield group.keys, Stance.SAID if whole and not spelled else earlier


def _is_named(left: str, group: Group) -> bool:
    """True where a noun stands before a bare letter: the `C` of `vitamin C`."""
    mentioned = stance.before(left, bracketed=False) is Stance.MENTIONED
    return not group.bracketed and mentioned and stance.names(left)


def _complete(group: Group, earlier: Stance, right: str, *, spelled: bool) -> bool:
    """True if a group stands for itself: not the first word of something else (`A dog`, `I am`)."""
    if spelled or group.bracketed:
        return True
    word = right[:1] == " " and right[1:2].isalpha()
    if group.small:
        return earlier is not Stance.SAID and not word
    if group.keys[-1] in "AI" and word and len(group.keys) == 1:
        leads = earlier is Stance.LEADS
        reason = right.lower().startswith((" because", " since", " as ", " due"))
        return group.keys[-1] == "A" and (reason if leads else stance.closed(right, after=earlier))
    if group.keys == ("I",):
        return right[:1] in {"", ".", ")", ":"}
    return stance.closed(right, after=earlier)


def _groups(sentence: str, keys: Mapping[str, str]) -> list[Group]:
    """The keys of a sentence in order; what stands in an option's own text is none."""
    found: list[Group] = []
    for token in _TOKEN.finditer(masked(sentence)):
        written = token[1] or token[2]
        key = written if written in keys else written.upper()
        if key not in keys or (found and token.start() < found[-1].stop):
            continue
        stop = token.end() + _spelled(sentence[token.end() :], key, keys)
        small = token[1] is None and written != key
        this = Group((key,), token.start(), token.end(), stop, token[1] is not None, small)
        between = sentence[found[-1].stop : this.start] if found else ""
        # `Between A and B, B`: what is named again is said for itself.
        again = bool(found) and key in found[-1].keys and len(found[-1].keys) > 1
        near = bool(found) and not again and len(between) < MAX_BETWEEN_CHARS
        if near and found[-1].small > small and between == " ":
            # The article of `a resposta é a B`.
            found[-1] = this
        elif near and _joins(between, found[-1], this):
            found[-1] = _joined(found[-1], between, this)
        else:
            found.append(this)
    return found


def _joined(last: Group, between: str, this: Group) -> Group:
    return last._replace(
        keys=tuple(dict.fromkeys((*last.keys, *this.keys))),
        end=this.end,
        stop=this.stop,
        open=last.open or _OPEN.search(between.lower()) is not None,
        listed=between.strip() == "," and (last.listed or len(last.keys) == 1),
    )


def _joins(between: str, last: Group, this: Group) -> bool:
    """True for what may stand between keys that are named together."""
    pieces = _PIECE.findall(between.lower())
    return this.small <= last.small and len(pieces) <= MAX_JOINTS and _JOINS.issuperset(pieces)


def _settled(text: str, decisions: Sequence[Decision], *, multi_select: bool) -> Choice:
    """What decisions come to: the last firm one that nothing contradicts."""
    firm = [each for each in decisions if each.stance >= Stance.LEADS]
    if not firm:
        return NOTHING._replace(open=any(each.stance is Stance.POSSIBLE for each in decisions))
    strong = [each for each in firm if each.stance >= Stance.SAID]
    last = (strong or firm)[-1]
    later = [each for each in decisions if each.start > last.start]
    if last.open or any(
        each.keys & last.keys if each.stance is Stance.DENIED else each.keys - last.keys
        for each in later
        if each.stance in {Stance.DENIED, Stance.POSSIBLE}
    ):
        return Choice(frozenset(), open=True)
    if multi_select:
        return _together(strong or firm, last)
    if len(last.keys) > 1 or not _alone(text, strong or firm, last):
        return Choice(frozenset(), open=True)
    return Choice(last.keys, open=False)


def _alone(text: str, firm: Sequence[Decision], last: Decision) -> bool:
    """True if no earlier decision stands beside the last one."""
    for earlier in firm:
        if earlier.keys == last.keys or earlier.stance < min(last.stance, Stance.ANSWERED):
            continue
        between = text[earlier.end : last.start]
        if last.stance is Stance.LEADS or turning.adds(text[earlier.end : last.end + 10]):
            return False
        if not turning.turns(between, concluding=earlier.whole):
            return False
    return not turning.retracts(re.split(r"[.!?\n]", text[last.end :], maxsplit=1)[0])


def _together(firm: Sequence[Decision], last: Decision) -> Choice:
    if last.stance is Stance.ANSWERED:
        return Choice(last.keys, open=False)
    return Choice(frozenset().union(*(each.keys for each in firm)), open=False)
