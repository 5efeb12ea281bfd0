"""What a verdict is worth: the shipped table of how often verdicts were right on labelled pairs.

A rule looks its confidence up by (scorer, verdict, kind of pair) and leaves the kind in
`detail["pair"]`, where the fit in `calibrate` finds it again. docs/verification.md says
how the table was made and how to read it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from harmo.models.documents import DocumentError, read_text

Verdict = Literal["equal", "different", "graded"]
"""What a rule said: 1.0, 0.0 or a value between."""

ANY = "*"
"""The kind of pair of the row that pools all of a scorer's pairs with one verdict."""
DOUBTFUL = frozenset(
    {"phrase", "num-word", "symbolic", "unsettled", "struct-other", "wrong_kind", "fault"}
)
"""Kinds whose `different` may only mean an unrecognised form; so it may in every `/prose` kind."""
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
    """Kind of pair, such as `num-num`; `*` for all of them."""
    n: int
    """Labelled pairs that got this verdict."""
    right: int
    confidence: float
    """Shrunk estimate of right / n, in [0, 1]: what a verdict of this kind carries."""
    lower: float
    """Lower end of the two-sided 95% Wilson interval of right / n."""


def confidence(scorer: str, verdict: str, pair: str) -> float:
    """How often such a verdict was right on labelled pairs, in [0, 1].

    The row's shrunk estimate; for a kind of pair that the table has not seen, the scorer's lower
    bound over all kinds, since what is new is rarely easier; 0.5 for an unknown scorer or verdict,
    and for a `different` of a doubtful kind.
    """
    table = _table()
    row = table.get((scorer, verdict, pair))
    if row is not None:
        return row.confidence
    if doubtful(verdict, pair):
        return UNKNOWN
    pooled = table.get((scorer, verdict, ANY))
    return UNKNOWN if pooled is None else pooled.lower


def spoken(value: float) -> Verdict:
    """What a value in [0, 1] says."""
    if value == 1.0:
        return "equal"
    return "graded" if value else "different"


def doubtful(verdict: str, pair: str) -> bool:
    """True for a verdict whose confidence starts from a coin toss, not from its scorer's bound."""
    return verdict == "different" and (pair in DOUBTFUL or pair.endswith("/prose"))


def rows() -> list[CalibrationRow]:
    """The table in use, by scorer, verdict and kind of pair."""
    return list(_table().values())


@cache
def version() -> str:
    """sha256 of the table in use; part of every `scorer_version`."""
    return "sha256:" + hashlib.sha256(_path().read_bytes()).hexdigest()


@cache
def _table() -> Mapping[tuple[str, str, str], CalibrationRow]:
    path = _path()
    try:
        document = json.loads(read_text(path))
        table = [CalibrationRow(**row) for row in document["rows"]]
    except (json.JSONDecodeError, LookupError, TypeError):
        fix = f"write one with `harmo scorers calibrate` and name it with {PATH_VARIABLE}"
        raise DocumentError(f"{path}: not a table of confidences; {fix}") from None
    return {(row.scorer, row.verdict, row.pair): row for row in table}


def _path() -> Path:
    return Path(os.environ.get(PATH_VARIABLE) or Path(__file__).with_name("calibration.json"))
