"""What a table says of a grader: how often its verdicts are right, and how far to trust them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harmo.scorers.confidence.calibrate import LabelledPair, verdict_of
from harmo.scorers.types import Score

TRUSTED = 0.9
"""Confidence from which a verdict stands without a model: the recipes' default `min_confidence`."""
BANDS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 0.98), (0.98, 1.01))


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
        right=_share([each.right for each in judged]),
        precision=_share(equal),
        recall=_share(positive),
        different_right=_share([each.right for each in different]),
        trusted=(sum(trusted), len(trusted)),
        brier=_mean([(each.score.confidence - each.right) ** 2 for each in said]),
        coverage_99=coverage(judged, 0.99),
        coverage_97=coverage(judged, 0.97),
    )


def coverage(judged: Sequence[Judged], accuracy: float) -> float:
    """Largest share of pairs, surest verdicts first, that are right this often; in [0, 1]."""
    levels = sorted({each.score.confidence for each in judged if each.verdict is not None})
    for level in levels:
        kept = [each.right for each in judged if each.verdict and each.score.confidence >= level]
        if sum(kept) >= accuracy * len(kept):
            return len(kept) / len(judged)
    return 0.0


def print_reports(title: str, groups: Mapping[str, Sequence[Judged]]) -> None:
    """A markdown table, one grader a row."""
    print(f"### {title}\n")
    print(
        "| grader | n | hard | right | precision | recall | different right | at >= 0.9 | Brier |"
        " coverage at 99% | at 97% | abstained |"
    )
    print("|" + " --- |" * 12)
    for name, judged in groups.items():
        row = report(judged)
        hard = sum(each.pair.hard for each in judged)
        cells = [
            f"`{name}`",
            str(row.n),
            str(hard),
            _three(row.right),
            _three(row.precision),
            _three(row.recall),
            _three(row.different_right),
            f"{row.trusted[0]}/{row.trusted[1]}",
            _three(row.brier),
            _three(row.coverage_99),
            _three(row.coverage_97),
            str(row.abstained),
        ]
        print("| " + " | ".join(cells) + " |")
    print()


def print_confidences(title: str, judged: Sequence[Judged]) -> None:
    """A markdown table of how often verdicts of a confidence are right."""
    print(f"### {title}\n\n| confidence | verdicts | mean confidence | right |\n|" + " --- |" * 4)
    for low, high in BANDS:
        band = [e for e in judged if e.verdict and low <= e.score.confidence < high]
        if band:
            mean = _three(_mean([each.score.confidence for each in band]))
            share = _three(_share([each.right for each in band]))
            print(f"| {low:.2f} to {min(high, 1):.2f} | {len(band)} | {mean} | {share} |")
    print()


def print_wrong(judged: Iterable[Judged]) -> None:
    """Every pair that did not get what its label says, one JSON object a line."""
    for each in judged:
        if not each.right:
            pair, score = each.pair, each.score
            got = score.reason if score.value is None else round(score.value, 4)
            print(
                json.dumps(
                    {
                        "scorer": pair.scorer,
                        "label": pair.label,
                        "got": got,
                        "confidence": score.confidence,
                        "reference": pair.reference,
                        "completion": pair.completion,
                        "kind": pair.kind,
                        "why": pair.why,
                        "detail": score.detail,
                    },
                    ensure_ascii=False,
                    default=str,
                )
            )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _share(outcomes: Sequence[bool]) -> float | None:
    return _mean([float(right) for right in outcomes])


def _three(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
