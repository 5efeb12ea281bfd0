"""What a clause makes of the answer that it ends with."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.clauses import assumed, framed, negated
from harmo.scorers.reading.around.stance import Stance

CLAIMED, _, DOUBTED, DENIED = Stance


@pytest.mark.parametrize(
    ("clause", "stance", "why"),
    [
        ("let x =", DOUBTED, "a value is tried out"),
        ("suppose that the answer is", DOUBTED, "with words that say nothing"),
        ("so let us assume n1 =", DOUBTED, "with an opening"),
        ("now, suppose x =", DOUBTED, "behind a comma"),
        ("if x =", DOUBTED, "a condition and no more"),
        ("it holds only if x =", CLAIMED, "the case that is asked for"),
        ("given that, it is", CLAIMED, "the clause before says so"),
        ("try again:", CLAIMED, "a colon announces"),
        ("assume that 3 divides it, so x =", CLAIMED, "more is said"),
        ("x =", CLAIMED, "a plain claim"),
    ],
)
def test_assumed(clause, stance, why):
    assert assumed(clause.split()) is stance, why


@pytest.mark.parametrize(
    ("clause", "stance", "why"),
    [
        ("i doubt that it is", DENIED, "a doubt of it"),
        ("it is not wrong to say", CLAIMED, "a denial denied"),
        ("hypothetically, x =", DOUBTED, "no claim"),
        ("perhaps surprisingly it is", CLAIMED, "a doubt of something else"),
    ],
)
def test_framed(clause, stance, why):
    assert framed(clause.split()) is stance, why


def test_negated():
    assert negated(["it", "isn't"])
    assert not negated(["it", "is"])
