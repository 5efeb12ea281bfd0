"""Fits the table of `calibration` to labelled pairs. Pure: the caller runs the scorers.

Estimates are shrunk: a scorer's rate over all kinds of pair towards 1/2 by Jeffreys' prior (half a
right and half a wrong verdict), the rate of one kind towards the scorer's lower bound by
`PRIOR_PAIRS` verdicts. So ten out of ten is not certainty, and a rare kind starts from the bound.
A `different` starts lower: where several things settled a kind, each from the kind's lower bound;
of a rare kind from that of all rare ones; of a doubtful kind from a coin toss, with `DOUBT_PAIRS`
verdicts. What settled a kind fewer than `MIN_CELL` times is never surer than where it starts.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from math import sqrt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from harmo.models.documents import DocumentError, parse_json, said
from harmo.scorers.confidence.calibration import (
    ANY,
    UNKNOWN,
    CalibrationRow,
    Verdict,
    coarser,
    doubtful,
    kind_of,
    spoken,
)
from harmo.scorers.types import Sample, Score

PRIOR_PAIRS = 4.0
"""How many verdicts the scorer's lower bound counts as beside those of one kind of pair."""
DOUBT_PAIRS = 8.0
"""The same for a coin toss, where a verdict may mean that a form was not recognised."""
MIN_CELL = 8
"""What fewer verdicts of one kind, settled one way, say is no more than what the kind says."""
TOLERANCE = 0.005
"""A graded score this near its label is right."""
_Z = 1.959963984540054


class LabelledPairsError(ValueError):
    """A labelled file cannot be read; the message names the line and the fault."""


class LabelledPair(BaseModel):
    """One completion with the score it should get."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    scorer: str
    reference: JsonValue
    completion: str
    label: Annotated[float, Field(ge=0, le=1)] | Literal["abstain"]
    """The right score, or `abstain` where nothing can be compared."""
    params: dict[str, JsonValue] = Field(default_factory=dict)
    """The scorer's params, as in a recipe."""
    task: str | None = None
    prompt: str = ""
    split: Literal["development", "calibration", "test"] = "calibration"
    """Rules were written with development pairs in view; only calibration pairs are fitted."""
    hard: bool = False
    """A near miss, or the right answer in a form that is not obvious."""
    kind: str = ""
    """Family of the pair, for reading reports."""
    why: str = ""
    """The reason for the label."""

    @property
    def sample(self) -> Sample:
        """What the scorer is given."""
        return Sample(
            prompt=self.prompt,
            completion=self.completion,
            reference=self.reference,
            task=self.task,
        )

    def right(self, score: Score) -> bool:
        """True if the score is what the label says."""
        if score.value is None or self.label == "abstain":
            return score.value is None and self.label == "abstain"
        return abs(score.value - self.label) <= TOLERANCE


def parse_pairs(text: str, *, source: str) -> list[LabelledPair]:
    """The labelled pairs of a JSONL text, one a line; blank lines are skipped.

    Args:
        text: The JSONL.
        source: Where it came from, for messages.

    Raises:
        LabelledPairsError: If a line is no labelled pair.
    """
    pairs = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = parse_json(line)
            pairs.append(LabelledPair.model_validate(fields))
        except ValidationError as error:
            raise LabelledPairsError(f"{source}:{number}: {said(error, fields)}") from None
        except DocumentError as error:
            raise LabelledPairsError(f"{source}:{number}: {error}") from None
    return pairs


def verdict_of(score: Score) -> tuple[Verdict, str] | None:
    """What a score says and the kind of pair it says it of; None for an abstention."""
    if score.value is None:
        return None
    return spoken(score.value), kind_of(score.detail)


def calibrate(
    pairs: Iterable[LabelledPair], score: Callable[[LabelledPair], Score]
) -> list[CalibrationRow]:
    """The table of how often verdicts are right, fitted on the calibration pairs.

    Abstentions count nowhere, be they right or a failure of the service (a deadline, a crash); a
    verdict where the label says `abstain` is wrong.

    Args:
        pairs: Labelled pairs; those of other splits than calibration are left out.
        score: Runs one pair's scorer, as the service would.
    """
    verdicts: dict[tuple[str, Verdict], dict[str, list[bool]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for pair in pairs:
        if pair.split != "calibration":
            continue
        scored = score(pair)
        if (found := verdict_of(scored)) is not None:
            verdict, kind = found
            name = str(scored.detail.get("scorer", pair.scorer))
            verdicts[name, verdict][kind].append(pair.right(scored))
    return [
        row
        for (scorer, verdict), kinds in sorted(verdicts.items())
        for row in _rows(scorer, verdict, kinds)
    ]


def merged(
    fitted: Sequence[CalibrationRow], shipped: Sequence[CalibrationRow]
) -> list[CalibrationRow]:
    """The fitted rows, and the shipped rows of scorers that no labelled pair was run through."""
    scorers = {row.scorer for row in fitted}
    kept = [row for row in shipped if row.scorer not in scorers]
    return sorted([*fitted, *kept], key=lambda row: (row.scorer, row.verdict, row.pair))


def to_json(table: Sequence[CalibrationRow]) -> str:
    """The table as the file that `calibration` reads."""
    lines = ",\n".join(json.dumps(asdict(row)) for row in table)
    return f'{{"rows": [\n{lines}\n]}}\n'


def wilson_lower(right: int, n: int) -> float:
    """Lower end of the two-sided 95% Wilson interval of right / n, in [0, 1] (Wilson 1927)."""
    rate = right / n
    centre = rate + _Z**2 / (2 * n)
    half = _Z * sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    return max(0.0, (centre - half) / (1 + _Z**2 / n))


def _rows(
    scorer: str, verdict: Verdict, kinds: Mapping[str, Sequence[bool]]
) -> Iterable[CalibrationRow]:
    pools: dict[str, list[bool]] = defaultdict(list)
    for kind, outcomes in kinds.items():
        for pool in dict.fromkeys((kind, *coarser(kind), ANY)):
            pools[pool] += outcomes
    settled = Counter(kind.partition(":")[0] for kind in kinds if ":" in kind)
    rare = [right for read in settled for right in pools[read] if len(pools[read]) < MIN_CELL]
    for kind, outcomes in sorted(pools.items()):
        read, _, settled_by = kind.partition(":")
        doubt = doubtful(verdict, kind)
        bounds = [_bound(pools[ANY])]
        split = settled_by and (settled[read] > 1 or doubt != doubtful(verdict, read))
        if verdict == "different" and split:
            bounds.append(_bound(pools[read]))
        elif verdict == "different" and rare and len(outcomes) < MIN_CELL:
            bounds.append(_bound(rare))
        estimate = _shrunk(outcomes, min(bounds), doubt=doubt)
        if kind == ANY:
            estimate = (sum(outcomes) + 0.5) / (len(outcomes) + 1)
        elif split and len(outcomes) < MIN_CELL:
            estimate = min(estimate, *bounds)
        yield _row(scorer, verdict, kind, outcomes, estimate)


def _shrunk(outcomes: Sequence[bool], bound: float, *, doubt: bool) -> float:
    start, weight = (UNKNOWN, DOUBT_PAIRS) if doubt else (bound, PRIOR_PAIRS)
    return (sum(outcomes) + weight * start) / (len(outcomes) + weight)


def _bound(outcomes: Sequence[bool]) -> float:
    return wilson_lower(sum(outcomes), len(outcomes))


def _row(
    scorer: str, verdict: Verdict, pair: str, outcomes: Sequence[bool], estimate: float
) -> CalibrationRow:
    n, right = len(outcomes), sum(outcomes)
    return CalibrationRow(
        scorer=scorer,
        verdict=verdict,
        pair=pair,
        n=n,
        right=right,
        confidence=round(estimate, 4),
        lower=round(wilson_lower(right, n), 4),
    )
