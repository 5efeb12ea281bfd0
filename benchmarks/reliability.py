"""What a table says of a grader: how often its verdicts are right, and how far to trust them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from harmo.scorers.confidence.reliability import Judged, by_settled, mean, report, share

BANDS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 0.98), (0.98, 1.01))


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
            confidence = _three(mean([each.score.confidence for each in band]))
            right = _three(share([each.right for each in band]))
            print(f"| {low:.2f} to {min(high, 1):.2f} | {len(band)} | {confidence} | {right} |")
    print()


def print_settled(title: str, judged: Sequence[Judged]) -> None:
    """A markdown table of how often verdicts are right, by what settled them and how read."""
    print(f"### {title}\n")
    print("| settled by | verdict | n | right | share | mean confidence | lower bound |")
    print("|" + " --- |" * 7)
    for row in by_settled(judged):
        how = f"*{row.how}*" if " " in row.how else f"`{row.how}`"
        cells = [how, row.verdict, str(row.n), str(row.right), _three(row.right / row.n)]
        print("| " + " | ".join([*cells, _three(row.confidence), _three(row.lower)]) + " |")
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


def _three(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
