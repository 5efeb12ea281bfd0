"""What a verdict is worth: the shipped table of how often verdicts were right on labelled pairs.

A rule looks its confidence up by (scorer, verdict, kind of pair). A kind is what was compared, how
it was read and what settled it, `expr-expr/prose/unread:symbolic`; the detail has the parts, where
the fit in `calibrate` finds them again. docs/verification.md says how the table was made.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from harmo.models.documents import DocumentError, read_text

Verdict = Literal["equal", "different", "graded"]
"""What a rule said: 1.0, 0.0 or a value between."""

ANY = "*"
"""The kind of pair of the row that pools all of a scorer's pairs with one verdict."""
DOUBTFUL = frozenset(
    {"phrase", "num-word", "symbolic", "unsettled", "struct-other", "wrong_kind", "fault"}
)
"""Pairs whose `different` may only mean an unrecognised form."""
DOUBTFUL_WAYS = frozenset({"prose", "unread"})
"""The same of how a pair was read: picked from running text, or with words that nothing read."""
DOUBTFUL_SETTLED = frozenset({"symbolic", "undecided"})
"""The same of what settled it: the symbolic verifier alone, or nothing."""
UNKNOWN = 0.5
"""For scorers that no labelled pair was run through: worth a coin toss, below `min_confidence`."""
PATH_VARIABLE = "HARMO_CALIBRATION"
"""Environment variable naming a table that replaces the shipped one; workers inherit it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """How often one kind of verdict was right on labelled pairs."""

    scorer: str
    verdict: Verdict
    pair: str
    """Kind of pair, such as `num-num`, `num-num/prose` or `expr-expr:symbolic`; `*` for all."""
    n: int
    """Labelled pairs that got this verdict."""
    right: int
    confidence: float
    """Shrunk estimate of right / n, in [0, 1]: what a verdict of this kind carries."""
    lower: float
    """Lower end of the two-sided 95% Wilson interval of right / n."""


def kind_of(detail: Mapping[str, object]) -> str:
    """The kind of pair that a detail tells of; `*` where it tells nothing."""
    pair, settled_by = str(detail.get("pair", ANY)), detail.get("settled_by")
    read = f"{pair}/unread" if detail.get("unread") else pair
    return f"{read}:{settled_by}" if settled_by else read


def confidence(scorer: str, verdict: str, kind: str) -> float:
    """How often such a verdict was right on labelled pairs, in [0, 1].

    The row's shrunk estimate; for a kind that the table has not seen, the lower bound of the
    nearest coarser one it has, since what is new is rarely easier: without what settled it, then
    all pairs read this way, then all. 0.5 for an unknown scorer or verdict, and for a `different`
    that is doubtful and of no coarser kind as doubtful.
    """
    table, detailed = _table()
    kind = kind if scorer in detailed else coarse(kind)
    row = table.get((scorer, verdict, kind))
    if row is not None:
        return row.confidence
    doubt = doubtful(verdict, kind)
    for each in coarser(kind):
        if doubt and not doubtful(verdict, each):
            return UNKNOWN
        if (row := table.get((scorer, verdict, each))) is not None:
            return row.lower
    return UNKNOWN


def coarser(kind: str) -> tuple[str, ...]:
    """The kinds that pool a kind with others, the nearest first."""
    read, _, _ = kind.partition(":")
    _, way, ways = read.partition("/")
    nearest = (read, f"{ANY}/{ways}", ANY) if way else (read, ANY)
    return tuple(each for each in nearest if each != kind)


def coarse(kind: str) -> str:
    """The kind as tables had it before they told words unread and what settled a verdict."""
    return kind.partition(":")[0].removesuffix("/unread")


def spoken(value: float) -> Verdict:
    """What a value in [0, 1] says."""
    if value == 1.0:
        return "equal"
    return "graded" if value else "different"


def doubtful(verdict: str, kind: str) -> bool:
    """True for a verdict whose confidence starts from a coin toss, not from its scorer's bound."""
    read, _, settled_by = kind.partition(":")
    pair, *ways = read.split("/")
    by_chance = pair in DOUBTFUL or settled_by in DOUBTFUL_SETTLED
    return verdict == "different" and (by_chance or not DOUBTFUL_WAYS.isdisjoint(ways))


def rows() -> list[CalibrationRow]:
    """The table in use, by scorer, verdict and kind of pair."""
    return list(_table().rows.values())


@cache
def version() -> str:
    """sha256 of the table in use; part of every `scorer_version`."""
    return "sha256:" + hashlib.sha256(_path().read_bytes()).hexdigest()


class _Table(NamedTuple):
    rows: Mapping[tuple[str, str, str], CalibrationRow]
    detailed: frozenset[str]
    """The scorers whose rows tell what settled a verdict."""


@cache
def _table() -> _Table:
    path = _path()
    try:
        document = json.loads(read_text(path))
        table = [CalibrationRow(**row) for row in document["rows"]]
    except (json.JSONDecodeError, LookupError, TypeError):
        fix = f"write one with `harmo scorers calibrate` and name it with {PATH_VARIABLE}"
        raise DocumentError(f"{path}: not a table of confidences; {fix}") from None
    return _Table(
        rows={(row.scorer, row.verdict, row.pair): row for row in table},
        detailed=frozenset(row.scorer for row in table if ":" in row.pair),
    )


def _path() -> Path:
    return Path(os.environ.get(PATH_VARIABLE) or Path(__file__).with_name("calibration.json"))
