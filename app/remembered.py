"""What workers said before: a text that costs a worker a second costs it once.

A batch that found no worker in time is sent again, and then only what is left of it costs anything:
hard texts delay a batch, they never keep it from its rewards.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from dataclasses import dataclass

from harmo.app.workers.jobs import UNPICKLABLE
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Cause, Sample, Score

KEPT_BYTES = 1000
"""What a score takes besides what is in its detail."""
CHAR_BYTES = 2
"""What a character of a detail takes, as a rule; it may be four."""


class Remembered:
    """Scores by what they depend on, as many as fit; the oldest make room.

    Args:
        max_bytes: Of all scores with their details; 0 to keep none.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._scores: OrderedDict[bytes, tuple[Score, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._scores)

    def keys(self, bound: BoundScorer) -> Keys:
        """Names the scores of one scorer."""
        spec = bound.spec
        says_all = spec.by_text and spec.carries is not None
        return Keys(bound, named=says_all and self._max_bytes > 0)

    def score(self, key: bytes) -> Score | None:
        """The score kept under a key."""
        kept = self._scores.get(key)
        if kept is None:
            return None
        self._scores.move_to_end(key)
        return kept[0]

    def keep(self, key: bytes, score: Score) -> None:
        """Keep what would come out again: a value, or what is wrong with the request."""
        if score.reason is not None and score.reason.cause is not Cause.REQUEST:
            return
        taken = KEPT_BYTES + CHAR_BYTES * len(repr(score.detail))
        self._forget(key)
        self._scores[key] = score, taken
        self._bytes += taken
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._scores)))

    def _forget(self, key: bytes) -> None:
        _, taken = self._scores.pop(key, (None, 0))
        self._bytes -= taken


@dataclass(slots=True)
class Keys:
    """Names scores by what they depend on; what siblings share is looked at once."""

    bound: BoundScorer
    named: bool
    _shared: tuple[object, ...] = ()
    _digest: bytes | None = None

    def key(self, sample: Sample) -> bytes | None:
        """What a sample's score depends on; None where nobody can tell, or a picture has a say."""
        if not self.named or any(image.content for image in sample.images):
            return None
        shared = (
            *(sample.prompt, sample.images, sample.reference, sample.references, sample.task),
            *(sample.constraints, sample.metadata, sample.think_tags),
        )
        if len(shared) != len(self._shared) or any(map(_differs, shared, self._shared)):
            self._shared, self._digest = shared, self._digest_of(shared)
        if self._digest is None:
            return None
        own = f"{sample.delimited} {sample.unanswered!r} {sample.text}"
        digest = hashlib.blake2b(self._digest, digest_size=20)
        digest.update(own.encode("utf-8", "surrogatepass"))
        return digest.digest()

    def _digest_of(self, shared: tuple[object, ...]) -> bytes | None:
        named = (self.bound.spec.name, sorted(self.bound.params.items()), shared)
        try:
            # It knows 1 from True from "1", and goes over long texts at the speed of memory.
            return hashlib.blake2b(pickle.dumps(named)).digest()
        except UNPICKLABLE:
            return None


def _differs(one: object, other: object) -> bool:
    return one is not other
