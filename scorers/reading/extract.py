"""What a scorer reads of a completion, and the answer in it. The only answer parser.

Everything here is a bounded number of `str.find` and `str.rfind` passes: completions are hostile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from harmo.scorers.reading import prose, stated
from harmo.scorers.reading.around import words
from harmo.scorers.reading.around.boxes import placed, said, settled
from harmo.scorers.reading.around.document import document
from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.around.visible import visible, without_end_tokens
from harmo.scorers.reading.prose import MAX_ANSWERS, TAIL_CHARS
from harmo.scorers.types import THINK_TAGS, Part, Sample, ThinkTags

MAX_ANSWER_CHARS = 1024
"""A longer answer is no answer: it is read no further than this."""

How = Literal["box", "tag", "cue", "whole", "math", "number"]
"""Where an answer stood: the step of the policy that found it."""
Policy = tuple[How, ...]
"""The steps to try, in order."""

MATH: Policy = ("box", "tag", "cue", "whole", "math", "number")
NUMBER: Policy = ("box", "tag", "cue", "whole", "number")
PHRASE: Policy = ("box", "tag", "cue", "whole")

_ANSWER_TAGS = ("<answer>", "</answer>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One candidate answer of a completion."""

    text: str
    how: How
    distinct: tuple[str, ...] = ()
    """The different boxed or tagged answers: several conflict, or are the answer together."""
    after: str = ""
    """What follows a box on its line: a percent sign may stand there."""

    @property
    def conflicting(self) -> bool:
        """True if several different answers were given as the answer."""
        return len(self.distinct) > 1

    @property
    def each(self) -> tuple[str, ...]:
        """Every different answer that was given: the text, or what conflicts."""
        return self.distinct or (self.text,)


class Boxes(NamedTuple):
    """The boxes of a text."""

    contents: tuple[str, ...]
    """The different ones of closed boxes, in order; cut one character beyond `MAX_ANSWER_CHARS`."""
    after: str | None
    """What follows the last box on its line; None where there is no box at all."""


class Parts(NamedTuple):
    """A completion's think part and answer part."""

    think: str
    """Without its opening tag."""
    answer: str
    unanswered: str = ""
    """Why there is no answer part; "" where there is one, be it blank."""


class Cut(NamedTuple):
    """What a term reads of a text."""

    text: str
    delimited: bool = False
    """It is the content of an `<answer>` element."""
    unanswered: str = ""
    """Why there is no answer part, where that is what was to be read."""


def view(sample: Sample, *, part: Part, reference: str | None) -> Sample:
    """The sample as one term reads it: `text` is exactly the part, `reference` the named one.

    Args:
        sample: As it came; its prefix is put before the completion first.
        part: `full`; `think` and `answer` as `parts` tells them apart, of the answer part the
            content of its `<answer>` elements where they all hold the same (`delimited` is True
            then); `last_sentence`, the last of the think part.
        reference: Name in `sample.references`; None keeps `sample.reference`.
    """
    return cut_sample(sample, cut(sample.text, part, sample.think_tags), reference=reference)


def cut_sample(sample: Sample, cut: Cut, *, reference: str | None) -> Sample:
    """The sample with what was cut from its text; see `view`."""
    return replace(
        sample,
        completion=cut.text,
        prefix="",
        delimited=cut.delimited,
        unanswered=cut.unanswered,
        reference=named_reference(sample, reference),
    )


def named_reference(sample: Sample, name: str | None) -> object:
    """The reference a term names, from `references`; the sample's own for None."""
    return sample.reference if name is None else sample.references.get(name)


def parts(text: str, tags: ThinkTags = THINK_TAGS) -> Parts:
    """The think part and the answer part of a text.

    The think part is all before the last closing tag, the answer part the rest. Where a tag opens
    in that rest, what follows it is the think part and there is no answer part, not even what stood
    before it; nor is there one where an `<answer>` opens after the last `</answer>`. Without any
    tag everything answers. Tags are exact: `</THINK>` or `</think >` closes nothing.
    """
    start, why = answer_start(text, tags)
    opened = text.find(tags[0], start) if why else -1
    if opened >= 0:
        return Parts(text[opened + len(tags[0]) :].strip(), "", why)
    thought = text[: start - len(tags[1])].strip() if start else ""
    return Parts(thought.removeprefix(tags[0]).strip(), "" if why else text[start:], why)


def answer_start(text: str, tags: ThinkTags = THINK_TAGS) -> tuple[int, str]:
    """Where the answer part of a text starts, and why there is none ("" where there is one).

    Where all of it, or all after the first closing tag, is one JSON document, tags in it are text.
    """
    first, closed = text.find(tags[1]), text.rfind(tags[1])
    start = 0 if closed < 0 else closed + len(tags[1])
    if any(tag in text for tag in (*tags, *_ANSWER_TAGS)):
        for whole in (0, first + len(tags[1])) if first >= 0 else (0,):
            if document(text[whole:]) is not None:
                return whole, ""
    if text.find(tags[0], start) >= 0:
        return start, f"{tags[0]} never closes"
    begun = text.rfind(_ANSWER_TAGS[0], start)
    if begun >= 0 and text.find(_ANSWER_TAGS[1], begun) < 0:
        return start, f"{_ANSWER_TAGS[0]} never closes"
    return start, ""


def last_sentence(text: str) -> str:
    """The last sentence of a text: what follows the last full stop that has words after it."""
    text = text.rstrip()
    body = text.rstrip(".!?。！？")
    start = max(body.rfind(stop) + len(stop) for stop in (". ", "! ", "? ", "\n", "。", "！", "？"))
    return text[max(start, 0) :].strip() if start > 1 else text


def cut(text: str, part: Part, tags: ThinkTags = THINK_TAGS) -> Cut:
    """A part of a completion, as `view` defines them."""
    if part == "full":
        return Cut(text)
    text = without_end_tokens(text)
    if part == "think":
        return Cut(parts(text, tags).think)
    if part == "last_sentence":
        return Cut(last_sentence(parts(text, tags).think))
    start, why = answer_start(text, tags)
    if why:
        return Cut("", unanswered=why)
    answer = text[start:]
    if (whole := document(answer)) is not None:
        return Cut(whole, delimited=whole != answer.strip())
    tagged = elements(answer, "answer")
    return Cut(tagged[0], delimited=True) if len(tagged) == 1 else Cut(answer)


def elements(text: str, tag: str) -> tuple[str, ...]:
    """The different contents of a text's `<tag>` elements, in order; at most `MAX_ANSWERS`."""
    opening, closing = f"<{tag}>", f"</{tag}>"
    found: dict[str, None] = {}
    at = text.find(opening)
    while at >= 0 and len(found) < MAX_ANSWERS:
        start = at + len(opening)
        end = text.find(closing, start)
        if end < 0:
            break
        found.setdefault(text[start:end].rpartition(opening)[2].strip())
        at = text.find(opening, end)
    return tuple(found)


def boxes(text: str) -> Boxes:
    """A text's boxes; no contents and an empty `after` for one that was begun and never closed."""
    found = placed(text)
    if not found.boxes:
        return Boxes((), "" if found.begun else None)
    return Boxes(tuple(box.content for box in found.boxes), said(text, found.boxes[-1]).after)


def candidates(
    text: str, policy: Policy, *, delimited: bool = False, bounded: bool = False
) -> Iterator[Answer]:
    r"""The answers a text may be read as, best first; a caller takes the first that it can read.

    The steps: `box`, the last closed box; `tag`, an `<answer>` element; `cue`, what follows the
    last "final answer is" (in several languages); `whole`, the text itself where it is short;
    `math`, the last LaTeX formula unless a number follows it; `number`, the trailing number or
    enumeration. A box or tag is binding: the answer stands in it or nowhere; a tag that never
    closes holds nothing.

    Comments and what is struck out are not read. A box that the words around it deny is none, and
    where they leave one in doubt there is no answer: `maybe \boxed{7}`, `if the answer is 7`. A
    sign that stands before a box belongs to it.

    Args:
        text: The part a term reads.
        policy: The steps to try, in order.
        delimited: The text is the content of an answer element: no picking from prose.
        bounded: Take "at least" and the like for the answer: the prompt asks for a bound.
    """
    text = visible(text)
    if (binding := _binding(text, policy, bounded=bounded)) is not None:
        yield binding
        yield from _clauses(binding.text, how=binding.how)
        return
    text = text.strip()
    if "cue" in policy and (announced := prose.announced(text)).said:
        around = max(words.before(announced.before), words.after(announced.after, announced.bare))
        yield from _announced(announced.said if around <= Stance.BOUNDED else "", policy)
        return
    if "whole" in policy and len(text) <= MAX_ANSWER_CHARS:
        yield Answer(text=text, how="whole")
        yield from _clauses(text, how="whole") if delimited else ()
    if not delimited:
        yield from _stated(text, policy)
        yield from _last(text, policy)


def _announced(announced: str, policy: Policy) -> Iterator[Answer]:
    """What a cue announces; "The answer is not 5" answers nothing, "not prime" may be words."""
    if not announced or announced.startswith("not "):
        named = any(c.isdigit() or c in "$\\" for c in announced)
        yield Answer(text="" if named else announced, how="cue")
        return
    yield Answer(text=announced, how="cue")
    if announced[0] not in "<>≤≥≠":
        # A bound is no number, whatever number is in it.
        yield from _clauses(announced, how="cue")
        yield from _stated(announced, policy)
        yield from _last(announced, policy)


def _binding(text: str, policy: Policy, *, bounded: bool) -> Answer | None:
    """The last box or answer element of a text; None where there is none."""
    if "tag" in policy and _ANSWER_TAGS[0] in text.rpartition(_ANSWER_TAGS[1])[2]:
        # What has begun and not ended holds nothing, nor does any box beside it count.
        return Answer(text="", how="tag")
    if "box" in policy:
        found = placed(text)
        if found.boxes:
            distinct, after = settled(text, found.boxes, bounded=bounded)
            boxed = distinct[-1] if distinct else ""
            return Answer(text=boxed, how="box", distinct=distinct, after=after)
        if found.begun:
            # An unclosed box holds nothing: `\\boxed{5` may have become 53.
            return Answer(text="", how="box")
    if "tag" in policy and (tagged := elements(text, "answer")):
        return Answer(text=tagged[-1], how="tag", distinct=tagged)
    return None


def _clauses(text: str, how: How) -> Iterator[Answer]:
    return (Answer(text=each, how=how) for each in stated.clauses(text[:MAX_ANSWER_CHARS]))


def _stated(text: str, policy: Policy) -> Iterator[Answer]:
    """What the last sentence with a number states, whatever numbers follow it there."""
    sentence = last_sentence(stated.last_stating(text[-TAIL_CHARS:]))
    if "math" in policy and (found := stated.stated_formula(sentence)).text:
        yield Answer(text=stated.claimed(sentence, found), how="math")
    if "number" in policy and (found := stated.stated_number(sentence)).text:
        yield Answer(text=stated.claimed(sentence, found), how="number")


def _last(text: str, policy: Policy) -> Iterator[Answer]:
    formula = prose.last_formula(text) if "math" in policy else prose.NOWHERE
    skipped = max(len(text) - TAIL_CHARS, 0)
    number = prose.trailing_number(text[skipped:]) if "number" in policy else prose.NOWHERE
    if formula.text and formula.end >= skipped + number.end:
        yield Answer(text=stated.claimed(text, formula), how="math")
    if number.text:
        yield Answer(text=stated.claimed(text[skipped:], number), how="number")


def short_answer(sample: Sample) -> Answer:
    """The completion's answer as a phrase; an empty one where there is none."""
    found = candidates(sample.text, PHRASE, delimited=sample.delimited)
    return next(found, Answer(text="", how="whole"))
