"""What a group's scores came to, as numbers: a row per sample, weights, and who abstained why."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harmo.audit.records import KeptGroup
from harmo.scorers.types import MAX_SCORE, Reason, Reward, Score

Floats = NDArray[np.float64]
Digests = NDArray[np.uint64]

REWARD, CORRECT, TOKENS, TRUNCATED = range(4)
OWN = 4
"""Numbers of a sample before its columns' scores, confidences and contributions."""
OF_REWARD, OF_FAULT = -1, -2
"""In place of a column: why there is no reward, and why no scorer was asked."""
DIGEST_BYTES = 8
"""Of a digest, for telling equal texts of one store; a policy would have to hash for years."""
_LITTLE = np.dtype("<f8")
_NAN = math.nan
_UNSETTLED = -1.0
"""Correctness that is known to be unknown; NaN stands where nobody settled it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """How many scores and contributions a sample of some recipe has."""

    columns: int
    interaction: bool

    @property
    def paid(self) -> int:
        """Contributions of a sample, and weights of a group."""
        return self.columns + self.interaction

    @property
    def row(self) -> int:
        """Numbers of a sample."""
        return OWN + 2 * self.columns + self.paid


def packed(kept: KeptGroup) -> bytes:
    """A row per sample; what is not known is NaN.

    Args:
        kept: The group.

    Raises:
        ValueError: If its rewards are not of its recipe: other numbers of samples or columns.
    """
    group, numbers = kept.group, list[float]()
    widths = Widths(columns=len(kept.recipe.columns), interaction=kept.interaction)
    correctness = group.correctness or (_NAN,) * len(group.samples)
    for sample, right, reward in zip(group.samples, correctness, kept.rewards, strict=True):
        tokens = sample.num_tokens
        numbers += (
            _NAN if reward.value is None else reward.value,
            _UNSETTLED if right is None else right,
            _NAN if tokens is None else tokens,
            sample.truncated,
        )
        numbers += [_NAN if (value := s.value) is None else value for s in reward.scores]
        numbers += [s.confidence for s in reward.scores]
        numbers += reward.contributions
    if len(numbers) != len(group.samples) * widths.row or len(kept.weights) != widths.paid:
        raise ValueError(
            f"group {group.id!r} has {len(numbers)} numbers and {len(kept.weights)} weights for "
            f"{len(group.samples)} samples of {widths.columns} columns"
        )
    return np.array(numbers, dtype=_LITTLE).tobytes()


def packed_weights(kept: KeptGroup) -> bytes:
    """What multiplied the columns."""
    return np.array(kept.weights, dtype=_LITTLE).tobytes()


def packed_digests(kept: KeptGroup) -> bytes:
    """The first bytes of each completion's digest; empty where none is kept."""
    if kept.texts == "none":
        return b""
    return b"".join(bytes.fromhex(digest[: 2 * DIGEST_BYTES]) for digest in kept.digests)


def unpacked_digests(blobs: Sequence[bytes], counts: Sequence[int]) -> Digests:
    """By sample, over the blobs of several groups; 0 where none is kept."""
    whole = [blob or bytes(DIGEST_BYTES * count) for blob, count in zip(blobs, counts, strict=True)]
    if [len(blob) for blob in whole] != [DIGEST_BYTES * count for count in counts]:
        raise ValueError("a group has not as many digests as samples")
    return np.frombuffer(b"".join(whole), dtype=np.dtype("<u8"))


def unpacked(blobs: Sequence[bytes], width: int) -> Floats:
    """By sample its row, over the blobs of several groups; by group, if they are weights."""
    return np.frombuffer(b"".join(blobs), dtype=_LITTLE).reshape(-1, width)


def reasons(kept: KeptGroup) -> str:
    """JSON: by reason and column the samples that abstained for it; empty where none did."""
    found: dict[str, dict[int, list[int]]] = {}

    def add(reason: Reason | None, column: int, sample: int) -> None:
        if reason is not None:
            found.setdefault(reason.value, {}).setdefault(column, []).append(sample)

    for i, (reward, fault) in enumerate(zip(kept.rewards, kept.faults, strict=True)):
        add(fault, OF_FAULT, i)
        add(reward.reason, OF_REWARD, i)
        for k, score in enumerate(reward.scores):
            add(score.reason, k, i)
    return json.dumps(found, separators=(",", ":")) if found else ""


def abstentions(reasons: str) -> Iterator[tuple[int, int, Reason]]:
    """Sample, column and reason of every abstention."""
    if not reasons:
        return
    for reason, columns in json.loads(reasons).items():
        known = Reason(reason)
        for column, samples in columns.items():
            k = int(column)
            for i in samples:
                yield i, k, known


Details = Mapping[tuple[int, int], Mapping[str, object]]
"""By sample and column, where there is any."""


def rewards(
    rows: Floats, widths: Widths, reasons: Mapping[tuple[int, int], Reason], details: Details
) -> list[Reward]:
    """One per sample.

    Args:
        rows: By sample.
        widths: Of its recipe.
        reasons: By sample and column.
        details: By sample and column.
    """
    confidences, paid = OWN + widths.columns, OWN + 2 * widths.columns
    _check(rows[:, OWN:confidences], rows[:, confidences:paid])
    made = []
    for i, row in enumerate(rows.tolist()):
        pairs = enumerate(zip(row[OWN:confidences], row[confidences:paid], strict=True))
        # What is not a number is not equal to itself.
        scores = [
            _checked(value, confidence, details.get((i, k)) or {})
            if value == value
            else Score(
                confidence=confidence,
                reason=reasons.get((i, k)),
                detail=details.get((i, k)) or {},
            )
            for k, (value, confidence) in pairs
        ]
        made.append(
            Reward(
                value=None if math.isnan(row[REWARD]) else row[REWARD],
                reason=reasons.get((i, OF_REWARD)),
                scores=tuple(scores),
                contributions=tuple(row[paid:]),
            )
        )
    return made


def _check(values: Floats, confidences: Floats) -> None:
    """What each Score would check, of all scores of a group at once."""
    if (np.abs(values) > MAX_SCORE).any():
        raise ValueError(f"a score is beyond {MAX_SCORE:g}")
    if not ((confidences >= 0) & (confidences <= 1)).all():
        raise ValueError("a confidence is not in [0, 1]")


_set_value, _set_confidence, _set_reason, _set_detail = (
    Score.__dict__[name].__set__ for name in ("value", "confidence", "reason", "detail")
)


def _checked(value: float, confidence: float, detail: Mapping[str, object]) -> Score:
    """A score of numbers that were checked: at less than half of what it costs to check each."""
    score = object.__new__(Score)
    _set_value(score, value)
    _set_confidence(score, confidence)
    _set_reason(score, None)
    _set_detail(score, detail)
    return score
