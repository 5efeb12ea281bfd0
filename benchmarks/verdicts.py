"""How far verdicts may be trusted: every rule on labelled pairs, beside math-verify on the same.

    python -m benchmarks.verdicts                 # the tables of docs/verification.md
    python -m benchmarks.verdicts --fit           # also refits scorers/confidence/calibration.json
    python -m benchmarks.verdicts --wrong         # also lists every wrong verdict

Rules run as in the service: quick path in-process, the rest in worker processes killed at their
deadline. math-verify runs in such a worker too, with its own timeouts off.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.peer_math_verify import peer_scores
from benchmarks.reliability import print_confidences, print_reports, print_settled, print_wrong
from harmo.app.engine import Engine
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.scorers import registry
from harmo.scorers.confidence import calibration
from harmo.scorers.confidence.calibrate import LabelledPair, calibrate, merged, parse_pairs, to_json
from harmo.scorers.confidence.calibration import ANY, CalibrationRow
from harmo.scorers.confidence.reliability import Judged

ROOT = Path(__file__).parents[1]
LABELLED = ROOT / "tests" / "data" / "verdicts"
SHARED = ROOT.parent / "shared" / "data"
SPLITS = ("development", "calibration", "test")
PUBLIC = ("math_verify_tests", "lighteval_tests")
TABLE = ROOT / "scorers" / "confidence" / "calibration.json"
WORKERS = 2
WORKER_BYTES = 2 << 30
DEADLINE_S = 600.0


def main() -> None:
    arguments = _arguments()
    registry.load()
    judged = asyncio.run(judge(labelled()))
    if arguments.fit:
        TABLE.write_text(to_json(merged(fitted(judged), calibration.rows())), encoding="utf-8")
        print(f"{TABLE.name} fitted to the calibration split; run again without --fit to report")
        return
    print(f"calibration table {calibration.version()}\n")
    earned = print_own(judged)
    shared = [each for name in PUBLIC for each in print_public(name, earned)]
    print_confidences("Confidence and rightness, test split", of_split(judged, "test"))
    if arguments.wrong:
        print_wrong([*judged, *shared])


def print_own(judged: Sequence[Judged]) -> dict[str, float]:
    """Print the tables of the labelled set; what each of math-verify's verdicts earned there."""
    math = [each for each in judged if each.pair.scorer == "rule.math"]
    peer = judge_peer([each.pair for each in math if each.pair.split != "development"])
    earned: dict[str, float] = {
        row.verdict: row.confidence for row in fitted(peer) if row.pair == ANY
    }
    print_reports("Test split", by_scorer(of_split(judged, "test")))
    print_reports("rule.math by split", {split: of_split(math, split) for split in SPLITS})
    sides = {
        "rule.math": of_split(math, "test"),
        "math-verify": with_confidence(of_split(peer, "test"), earned),
    }
    print_reports("rule.math and math-verify, test split", sides)
    print_settled("rule.math by what settled the verdict, test split", sides["rule.math"])
    return earned


def print_public(name: str, earned: Mapping[str, float]) -> list[Judged]:
    """Print the table of another grader's own tests; our verdicts on them."""
    public = public_pairs(name)
    if not public:
        print(f"{name}: absent, skipped\n")
        return []
    ours = asyncio.run(judge(public))
    theirs = with_confidence(judge_peer(public), earned)
    print_reports(f"rule.math and math-verify, {name}", {"rule.math": ours, "math-verify": theirs})
    print_settled(f"rule.math by what settled the verdict, {name}", ours)
    return ours


def labelled() -> list[LabelledPair]:
    """The labelled set, all scorers."""
    return [
        pair
        for path in sorted(LABELLED.glob("*.jsonl"))
        for pair in parse_pairs(path.read_text(encoding="utf-8"), source=path.name)
    ]


def public_pairs(name: str) -> list[LabelledPair]:
    """Another grader's own tests as labelled pairs; none where the file is absent."""
    path = SHARED / f"{name}.jsonl"
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    return [
        LabelledPair(
            scorer="rule.math",
            reference=row["gold"],
            completion=row["pred"],
            label=row["label"],
            split="test",
            kind=name,
        )
        for row in rows
    ]


async def judge(pairs: Sequence[LabelledPair]) -> list[Judged]:
    """What the service's engine says of every pair."""
    isolation = Isolation(workers=WORKERS, memory_bytes=WORKER_BYTES)
    engine = Engine(isolation)
    gate = asyncio.Semaphore(4 * WORKERS)

    async def one(pair: LabelledPair) -> Judged:
        async with gate:
            lease = Hosting().lease(time.monotonic() + DEADLINE_S)
            bound = registry.bind(pair.scorer, pair.params)
            return Judged(pair=pair, score=await engine.verdict(bound, pair.sample, lease))

    try:
        return await asyncio.gather(*(one(pair) for pair in pairs))
    finally:
        await isolation.close()


def judge_peer(pairs: Sequence[LabelledPair]) -> list[Judged]:
    """math-verify's verdicts; it has no confidences of its own."""
    scores = asyncio.run(peer_scores(pairs))
    return [Judged(pair=pair, score=score) for pair, score in zip(pairs, scores, strict=True)]


def with_confidence(judged: Sequence[Judged], earned: Mapping[str, float]) -> list[Judged]:
    """The same verdicts with the confidence that each kind of verdict earned."""
    return [
        replace(each, score=replace(each.score, confidence=earned.get(each.verdict or "", 0.0)))
        for each in judged
    ]


def fitted(judged: Sequence[Judged]) -> list[CalibrationRow]:
    """The calibration table of the verdicts on the calibration split."""
    scores = {id(each.pair): each.score for each in judged}
    return calibrate([each.pair for each in judged], lambda pair: scores[id(pair)])


def by_scorer(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The verdicts by the scorer that was asked."""
    groups: dict[str, list[Judged]] = {}
    for each in judged:
        groups.setdefault(each.pair.scorer, []).append(each)
    return dict(sorted(groups.items()))


def of_split(judged: Iterable[Judged], split: str) -> list[Judged]:
    """The verdicts on one split."""
    return [each for each in judged if each.pair.split == split]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How far verdicts may be trusted.")
    parser.add_argument("--fit", action="store_true", help="refit the shipped table")
    parser.add_argument("--wrong", action="store_true", help="list every wrong verdict")
    return parser.parse_args()


if __name__ == "__main__":
    main()
