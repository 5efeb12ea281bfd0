"""What workers said before: a text that costs a worker a second costs it once.

A batch that found no worker in time is sent again, and then only what is left of it costs anything:
hard texts delay a batch, they never keep it from its rewards.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from harmo.scorers.spec import BoundScorer, ScorerSpec
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
        self._shared: tuple[object, ...] = ()
        self._shared_digest = b""

    def __len__(self) -> int:
        return len(self._scores)

    def key(self, bound: BoundScorer, sample: Sample) -> bytes | None:
        """What a score depends on; None where its scorer does not say that text is all.

        Args:
            bound: An isolated scorer.
            sample: What travels to its worker.
        """
        if not self._max_bytes or not says_all(bound.spec) or sample.images:
            return None
        own = f"{sample.delimited} {sample.unanswered!r} {sample.text}"
        digest = hashlib.blake2b(self._of_siblings(bound, sample), digest_size=20)
        digest.update(own.encode("utf-8", "surrogatepass"))
        return digest.digest()

    def _of_siblings(self, bound: BoundScorer, sample: Sample) -> bytes:
        """Digest of what siblings share, who come one after the other with the same objects."""
        shared = (
            *(bound, sample.prompt, sample.reference, sample.references, sample.task),
            *(sample.constraints, sample.metadata, sample.think_tags),
        )
        known = len(shared) == len(self._shared)
        if not known or any(a is not b for a, b in zip(shared, self._shared, strict=True)):
            named = (bound.spec.name, sorted(bound.params.items()), *shared[1:])
            written = repr(named).encode("utf-8", "surrogatepass")
            self._shared, self._shared_digest = shared, hashlib.blake2b(written).digest()
        return self._shared_digest

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


def says_all(spec: ScorerSpec) -> bool:
    """True if a scorer says all that its score depends on."""
    return spec.by_text and spec.carries is not None
