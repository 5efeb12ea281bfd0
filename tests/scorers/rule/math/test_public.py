"""Labelled pairs of other projects' tests; where their label is not our contract, the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harmo.scorers.rule.choice import choice
from harmo.scorers.rule.math import inline, math
from harmo.scorers.types import Sample

DATA = Path(__file__).parents[5] / "shared" / "data"

CONTRADICTS = "the chain contradicts itself, so it answers nothing"
BLANK = "a line break inside the formula changes nothing"
TWO_DIGITS = "0.33 is too coarse for 1/3"
PARTS = "all boxes of a reference are its parts"
DIFFERENT = {
    ("math_verify", 28): BLANK,
    ("math_verify", 29): BLANK,
    ("math_verify", 32): "1/2 = 10/9 contradicts itself",
    ("math_verify", 94): CONTRADICTS,
    ("math_verify", 96): CONTRADICTS,
    ("math_verify", 104): "a chain with a command that nobody knows",
    ("math_verify", 109): CONTRADICTS,
    ("math_verify", 127): TWO_DIGITS,
    ("math_verify", 166): "intermediate results are boxed: different boxed answers are wrong",
    ("math_verify", 181): "an interval and its inequality are one set, either way round",
    ("math_verify", 242): PARTS,
    ("math_verify", 244): "f(x) is not f(y)",
    ("math_verify", 254): "1 - 1/e is not 1 + 1/e: the label is wrong",
    ("lighteval", 65): BLANK,
    ("lighteval", 66): BLANK,
    ("lighteval", 69): "1/2 = 10/9 contradicts itself",
    ("lighteval", 122): CONTRADICTS,
    ("lighteval", 124): CONTRADICTS,
    ("lighteval", 145): TWO_DIGITS,
    ("lighteval", 182): "intermediate results are boxed: different boxed answers are wrong",
    ("lighteval", 223): PARTS,
    ("lighteval", 224): PARTS,
}
"""(file, row) to why our verdict differs from the label."""


def _rows() -> list[tuple[str, int, dict[str, object]]]:
    found = []
    for name in ("math_verify", "lighteval"):
        path = DATA / f"{name}_tests.jsonl"
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [(name, i, json.loads(line)) for i, line in enumerate(lines)]
    return found


ROWS = _rows()


@pytest.mark.skipif(not ROWS, reason="../shared/data is not here")
@pytest.mark.parametrize("name", ["math_verify", "lighteval"])
def test_verdicts_differ_only_where_the_contract_does(name):
    differing = {
        (source, i) for source, i, row in ROWS if source == name and _value(row) != row["label"]
    }

    assert differing == {key for key in DIFFERENT if key[0] == name}


def _value(row):
    sample = Sample(reference=row["gold"], completion=row["pred"])
    if "NativeLetters" in (row["opts"].get("match_types") or []):
        return choice(sample).value
    return (inline(sample) or math(sample)).value
