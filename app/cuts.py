"""What of a sample a scorer reads, and what a rule's verdict is where there is nothing to read.

And, where time of workers is reserved for it, that they are done with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeAlias, TypeVar

from harmo.app.hosting import Lease
from harmo.app.isolation import Isolation
from harmo.scorers.confidence.verdict import unanswered
from harmo.scorers.reading import extract
from harmo.scorers.reading.extract import cut, cut_sample, named_reference, view
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Family, Group, Part, Reason, Sample, Score

Started: TypeAlias = list[Score] | Awaitable[list[Score]]
"""One score per sample, in order: now, or once awaited."""
Piece = TypeVar("Piece")
CUT_CHARS = 1 << 20
"""So much text is cut before the event loop looks at everything else: some milliseconds."""


class Runner(Protocol):
    """One scorer, ready to run."""

    def start(self, group: Group, lease: Lease) -> Started:
        """Score a group's samples.

        Args:
            group: Cut to what the scorer reads, unless the runner does that itself.
            lease: The models, and the deadline after which nothing more starts.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Cuts every sample to the part a scorer reads."""

    bound: BoundScorer
    part: Part
    reference: str | None
    runner: Runner

    def start(self, group: Group, lease: Lease) -> Started:
        return _once_cut(self._cut, group, partial(self._begun, group, lease))

    def _begun(self, group: Group, lease: Lease, samples: Sequence[Sample]) -> Started:
        started = self.runner.start(replace(group, samples=tuple(samples)), lease)
        return _answered(self.bound, samples, started)

    def _cut(self, sample: Sample) -> Sample:
        if self.part == "full":
            # A model reads all turns of a whole completion.
            return replace(sample, reference=named_reference(sample, self.reference))
        return view(sample, part=self.part, reference=self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class OncePerText:
    """Cuts samples likewise, and has every distinct text scored once."""

    bound: BoundScorer
    part: Part
    reference: str | None
    runner: Runner

    def start(self, group: Group, lease: Lease) -> Started:
        return _once_cut(self._cut, group, partial(self._begun, group, lease))

    def _cut(self, sample: Sample) -> extract.Cut:
        return cut(sample.text, self.part, sample.think_tags)

    def _begun(self, group: Group, lease: Lease, texts: Sequence[extract.Cut]) -> Started:
        # Members that came in several requests may each have brought metadata of their own.
        asked = [(text, id(s.metadata)) for text, s in zip(texts, group.samples, strict=True)]
        firsts = dict(zip(reversed(asked), reversed(group.samples), strict=True))
        samples = tuple(
            cut_sample(sample, text, reference=self.reference)
            for (text, _), sample in firsts.items()
        )
        started = self.runner.start(replace(group, samples=samples), lease)
        started = _answered(self.bound, samples, started)

        def dealt(scores: list[Score]) -> list[Score]:
            by_text = dict(zip(firsts, scores, strict=True))
            return [by_text[each] for each in asked]

        return then(started, dealt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Says when workers are done with a group: a model may still be at it for long."""

    isolation: Isolation
    runner: Runner

    def start(self, group: Group, lease: Lease) -> Started:
        return then(self.runner.start(group, lease), partial(self._done, lease))

    def _done(self, lease: Lease, scores: list[Score]) -> list[Score]:
        # What the deadline came before took none of the time that the others did.
        late = sum(score.reason in {Reason.OVERLOADED, Reason.DEADLINE} for score in scores)
        self.isolation.reserved.scored(lease.owner, len(scores) - late)
        return scores


def _once_cut(
    cut_one: Callable[[Sample], Piece], group: Group, begin: Callable[[Sequence[Piece]], Started]
) -> Started:
    """What begins with every sample cut; where that is much text, the event loop breathes."""
    chars = sum(length(sample) for sample in group.samples)
    if chars <= CUT_CHARS:
        return begin([cut_one(sample) for sample in group.samples])
    return _later_cut(cut_one, group, begin)


async def _later_cut(
    cut_one: Callable[[Sample], Piece], group: Group, begin: Callable[[Sequence[Piece]], Started]
) -> list[Score]:
    pieces, done = list[Piece](), 0
    for sample in group.samples:
        pieces.append(cut_one(sample))
        done += length(sample)
        if done > CUT_CHARS:
            await asyncio.sleep(0)
            done = 0
    started = begin(pieces)
    return started if isinstance(started, list) else await started


def length(sample: Sample) -> int:
    """Characters of the text that a scorer is given, or a few more."""
    if isinstance(sample.completion, str):
        return len(sample.prefix) + len(sample.completion)
    return len(sample.text)


def _answered(bound: BoundScorer, samples: Sequence[Sample], started: Started) -> Started:
    """The scores, but of a rule 0.0 for every sample that has no answer part for it to read."""
    whys = [sample.unanswered for sample in samples]
    if bound.spec.family is not Family.RULE or not any(whys):
        return started

    def settled(scores: list[Score]) -> list[Score]:
        pairs = zip(scores, whys, strict=True)
        return [unanswered(score, why) if why else score for score, why in pairs]

    return then(started, settled)


def then(started: Started, finish: Callable[[list[Score]], list[Score]]) -> Started:
    """What `finish` makes of the scores, now or once they are there."""
    return finish(started) if isinstance(started, list) else _then_later(started, finish)


async def _then_later(
    work: Awaitable[list[Score]], finish: Callable[[list[Score]], list[Score]]
) -> list[Score]:
    return finish(await work)
