"""Details as they are kept: whatever a policy had a scorer put there."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from harmo.audit.read import Query
from harmo.audit.rows import evidence
from harmo.audit.rows.evidence import MAX_CHARS, MAX_GROUP_CHARS, MAX_ITEMS, Room
from harmo.scorers.types import Sample
from tests.audit.test_round_trip import deep, kept, stored

KEPT: dict[str, tuple[object, object]] = {
    "a text": ("a", "a"),
    "a number": (1.5, 1.5),
    "minus nought": (-0.0, -0.0),
    "nothing": (None, None),
    "a lone surrogate": ("\ud83d", "\ud83d"),
    "NUL": ("\x00", "\x00"),
    "a list": ([1, "a", None], [1, "a", None]),
    "a tuple is a list": ((1, 2), [1, 2]),
    "instructions": ([{"id": "a", "followed": True}], [{"id": "a", "followed": True}]),
    "an integer of many digits": (2**900, 2**900),
    "an integer of too many": (2**1000, "an integer of 1001 bits"),
    "no number": (math.nan, "nan"),
    "infinity": (-math.inf, "-inf"),
    "infinity within": ([math.inf], ["inf"]),
    "a picture": (b"1234", "4 bytes"),
    "a set": ({1}, "set of 1"),
    "an object": (Path("x"), "x"),
    "a long text": ("x" * (MAX_CHARS + 1), "x" * MAX_CHARS),
    "a long list": ([0] * 1000, [0] * MAX_ITEMS),
    "eight lists deep": (deep(7), deep(7)),
    "words that are no words": ({1: "a", None: 2}, {"an integer of 1 bits": "a", "None": 2}),
}


@pytest.mark.parametrize(("value", "expected"), KEPT.values(), ids=KEPT.keys())
def test_evidence_is_kept_as_json_can_say_it(
    tmp_path: Path, value: object, expected: object
) -> None:
    reader = stored(tmp_path, kept(Sample(), details={"answer": value, "why": [1]}))
    (back,) = reader.groups(Query())
    detail = back.rewards[0].scores[0].detail
    assert repr(detail["answer"]) == repr(expected)


def test_no_depth_is_too_deep(tmp_path: Path) -> None:
    reader = stored(tmp_path, kept(Sample(), details={"said": deep(100_000), "x": {"y": {}}}))
    (back,) = reader.groups(Query())
    said = json.dumps(back.rewards[0].scores[0].detail)
    assert "list of 1" in said
    assert len(said) < 200


def test_what_a_group_shows_is_bounded_over_all_its_scores(tmp_path: Path) -> None:
    shown = {f"k{i}": "x" * 10_000 for i in range(100)}
    reader = stored(tmp_path, kept(*[Sample()] * 16, details=shown))
    (back,) = reader.groups(Query())
    details = [reward.scores[0].detail for reward in back.rewards]
    assert sum(len(json.dumps(detail)) for detail in details) < 1.2 * MAX_GROUP_CHARS
    assert details[0] == shown
    assert "left_out" in details[-1]


def test_work_on_a_detail_is_bounded_before_it_costs() -> None:
    class Endless(dict[str, object]):
        def items(self):  # type: ignore[override]
            while True:
                yield "key", "value"

    assert Room().detail(Endless()) == {"key": "value"}


def test_flat_details_are_told_from_others() -> None:
    assert evidence.is_flat({"a": 1, "b": "c", "d": None, "e": True, "f": 0.5})
    assert not evidence.is_flat({"a": [1]})
    assert not evidence.is_flat({1: "a"})  # type: ignore[dict-item]
