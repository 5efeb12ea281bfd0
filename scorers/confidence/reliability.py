"""How far a grader's verdicts can be trusted: the figures of docs/verification.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmo.scorers.confidence.calibrate import LabelledPair, verdict_of, wilson_lower
from harmo.scorers.types import Score

TRUSTED = 0.9
"""Confidence from which a verdict stands without a model: the recipes' default `min_confidence`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A labelled pair and what a grader said of it."""

    pair: LabelledPair
    score: Score

    @property
    def right(self) -> bool:
        """True if the grader said what the label says."""
        return self.pair.right(self.score)

    @property
    def verdict(self) -> str | None:
        """equal, different or graded; None for an abstention."""
        said = verdict_of(self.score)
        return None if said is None else said[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a table row says of one grader."""

    n: int
    abstained: int
    """Abstentions where the label wanted a score."""
    right: float | None
    """Share of all pairs that got what the label says, wanted abstentions included."""
    precision: float | None
    """Share of `equal` verdicts that are right."""
    recall: float | None
    """Share of the pairs labelled 1 that are called equal."""
    different_right: float | None
    """Share of `different` verdicts that are right."""
    trusted: tuple[int, int]
    """`different` verdicts of confidence 0.9 or more: right ones and all."""
    brier: float | None
    """Mean squared difference of confidence and rightness, over the verdicts."""
    coverage_99: float
    """Largest share of pairs whose most confident verdicts are right 99% of the time."""
    coverage_97: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a table row says of the verdicts that were settled, or read, one way."""

    how: str
    verdict: str
    n: int
    right: int
    confidence: float
    """Mean of what they carried."""
    lower: float
    """Lower end of the two-sided 95% Wilson interval of right / n."""


def report(judged: Sequence[Judged]) -> Report:
    """The table row of one grader on some pairs."""
    said = [each for each in judged if each.verdict is not None]
    equal = [each.right for each in said if each.verdict == "equal"]
    different = [each for each in said if each.verdict == "different"]
    trusted = [each.right for each in different if each.score.confidence >= TRUSTED]
    positive = [each.right for each in judged if each.pair.label == 1]
    return Report(
        n=len(judged),
        abstained=sum(each.verdict is None and not each.right for each in judged),
        right=share([each.right for each in judged]),
        precision=share(equal),
        recall=share(positive),
        different_right=share([each.right for each in different]),
        trusted=(sum(trusted), len(trusted)),
        brier=mean([(each.score.confidence - each.right) ** 2 for each in said]),
        coverage_99=coverage(judged, 0.99),
        coverage_97=coverage(judged, 0.97),
    )


def by_settled(judged: Sequence[Judged]) -> list[Settled]:
    """A row for what settled each verdict, then for each way of reading that puts it in doubt."""
    cells: dict[tuple[bool, str, str], list[Judged]] = defaultdict(list)
    for each in judged:
        if each.verdict is not None:
            detail = each.score.detail
            cells[False, str(detail.get("settled_by", "-")), each.verdict].append(each)
            for way in _ways(detail):
                cells[True, way, each.verdict].append(each)
    return [_settled(how, verdict, cell) for (_, how, verdict), cell in sorted(cells.items())]


def _ways(detail: Mapping[str, object]) -> list[str]:
    ways = {"from prose": "/prose" in str(detail.get("pair")), "unread words": "unread" in detail}
    return [way for way, holds in ways.items() if holds]


def _settled(how: str, verdict: str, cell: Sequence[Judged]) -> Settled:
    right = sum(each.right for each in cell)
    return Settled(
        how=how,
        verdict=verdict,
        n=len(cell),
        right=right,
        confidence=sum(each.score.confidence for each in cell) / len(cell),
        lower=wilson_lower(right, len(cell)),
    )


def coverage(judged: Sequence[Judged], accuracy: float) -> float:
    """Largest share of pairs, surest verdicts first, that are right this often; in [0, 1]."""
    levels = sorted({each.score.confidence for each in judged if each.verdict is not None})
    for level in levels:
        kept = [each.right for each in judged if each.verdict and each.score.confidence >= level]
        if sum(kept) >= accuracy * len(kept):
            return len(kept) / len(judged)
    return 0.0


def share(outcomes: Sequence[bool]) -> float | None:
    """How many of the outcomes are true, in [0, 1]; None of none."""
    return mean([float(right) for right in outcomes])


def mean(values: Sequence[float]) -> float | None:
    """Their mean; None of none."""
    return sum(values) / len(values) if values else None
