"""What trainers are paid that take nothing but numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import pytest

from harmo.app.engine import ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.samples import Received
from harmo.app.scored import ScoredMembers, ScoredRequest
from harmo.app.trainers.options import Options
from harmo.app.trainers.paid import (
    Paid,
    Unpaid,
    columns,
    contributions,
    each_paid,
    named,
    paid,
    stand_ins,
)
from harmo.rewards.combine import combine
from harmo.scorers.types import Reason
from tests.rewards.tables import group, plan, rows

GONE, LATE, LONG = Reason.NO_REFERENCE, Reason.DEADLINE, Reason.COMPLETION_TOO_LONG
MEAN, STOP = Options(), Options.model_validate({"on_unscored": "stop"})
VALUE = Options.model_validate({"on_unscored": "value", "value": "-1"})


def scored(
    *tables: Sequence[Sequence[Any]], mine: range | None = None, letters: str = "r", **fields: Any
) -> ScoredRequest:
    """A request of groups by their scores; of each these rows came with it, by default all."""
    recipe = plan(columns=letters, **fields)
    members = []
    for table in tables:
        asked = group(table)
        reward = combine(recipe, asked, rows(table))
        own = range(len(table)) if mine is None else mine
        received = Received(group=asked, ids=tuple(str(i) for i in own), faults=(None,) * len(own))
        whole = ScoredGroup(group=asked, scores=rows(table), reward=reward)
        members.append(ScoredMembers(received=received, group=whole, rows=own))
    return ScoredRequest(plan=recipe, scorer_version="", groups=members, seconds={})


@pytest.mark.parametrize(
    ("table", "options", "values", "flags", "why"),
    [
        ([[1.0], [0.0]], MEAN, [1.0, 0.0], [0, 0], "all have a reward"),
        ([[1.0], [0.0], [LONG]], MEAN, [1.0, 0.0, 0.5], [0, 0, 1], "the mean: advantage 0"),
        ([[1.0], [LONG]], VALUE, [1.0, -1.0], [0, 1], "the number asked for, whoever is there"),
        ([[GONE], [GONE]], VALUE, [-1.0, -1.0], [1, 1], "also where nobody is"),
        ([[1.0], [0.0]], STOP, [1.0, 0.0], [0, 0], "nothing to stop for"),
    ],
)
def test_every_completion_gets_a_number_and_what_is_made_up_is_flagged(
    table: Any, options: Options, values: list[float], flags: list[int], why: str
) -> None:
    asked = scored(table)
    numbers = paid(asked, options)
    assert [number.value for number in numbers] == values, why
    assert [number.stand_in for number in numbers] == flags
    assert stand_ins(asked, options) == sum(flags)


@pytest.mark.parametrize(
    ("table", "options", "kind", "status"),
    [
        ([[GONE], [GONE]], MEAN, ErrorType.UNSCORED, 422),
        ([[LONG]], MEAN, ErrorType.UNSCORED, 422),
        ([[1.0], [GONE]], STOP, ErrorType.UNSCORED, 422),
        ([[LATE], [LATE]], MEAN, ErrorType.FELL_SHORT, 503),
        ([[1.0], [LATE]], STOP, ErrorType.FELL_SHORT, 503),
        ([[GONE], [LATE]], MEAN, ErrorType.FELL_SHORT, 503),
    ],
)
def test_where_nothing_may_stand_for_a_reward_the_request_is_refused_by_whose_fault_it_is(
    table: Any, options: Options, kind: ErrorType, status: int
) -> None:
    asked = scored(table)
    with pytest.raises(ServiceError) as refused:
        paid(asked, options)
    assert (refused.value.type, refused.value.status) == (kind, status)
    assert ("Retry-After" in refused.value.headers) is (status == 503)
    assert stand_ins(asked, options) == 0


def test_one_group_without_any_reward_does_not_take_its_neighbours() -> None:
    asked = scored([[1.0], [LONG]], [[GONE], [GONE]])
    found = each_paid(asked, MEAN)
    assert [type(each) for each in found] == [Paid, Paid, Unpaid, Unpaid]
    assert stand_ins(asked, MEAN) == 1


def test_the_mean_is_of_the_whole_group_wherever_its_members_came_from() -> None:
    asked = scored([[1.0], [1.0], [LONG], [0.0]], mine=range(2, 3))
    [number] = paid(asked, MEAN)
    assert (number.value, number.accuracy) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert number.stand_in
    assert number.complete


@pytest.mark.parametrize(
    ("table", "letters", "fields", "accuracy"),
    [
        ([[1.0], [0.4], [0.5]], "r", {}, [1.0, 0.0, 1.0]),
        ([[1.0], [LONG]], "r", {}, [1.0, 1.0]),
        ([[GONE], [GONE]], "r", {}, [0.5, 0.5]),
        ([[0.9], [0.2]], "a", {}, [None, None]),
        ([[3.0], [0.2]], "m", {}, [None, None]),
        ([[0.9], [0.2]], "m", {"p_correct": True}, [1.0, 0.0]),
    ],
)
def test_accuracy_is_known_unknown_or_no_matter_of_the_recipe(
    table: Any, letters: str, fields: Any, accuracy: list[float | None]
) -> None:
    numbers = paid(scored(table, letters=letters, **fields), VALUE)
    assert [number.accuracy for number in numbers] == accuracy


@pytest.mark.parametrize("combiner", ["sum", "gate", "lexicographic", "geometric"])
@pytest.mark.parametrize("seed", range(10))
def test_names_are_fixed_numbers_finite_and_contributions_sum(combiner: str, seed: int) -> None:
    rng = random.Random(seed)
    cells = (0.0, 0.25, 1.0, LONG, LATE)
    table = [[rng.choice(cells), rng.choice(cells)] for _ in range(6)]
    asked = scored(table, letters="ra", combine=combiner, allow_inversion=True)
    numbers = paid(asked, VALUE)
    shown = [named(asked.plan, number) for number in numbers]
    assert len({tuple(each) for each in shown}) == 1
    assert all(math.isfinite(value) for each in shown for value in each.values())
    for number, row in zip(numbers, table, strict=True):
        given = contributions(asked.plan, number)
        total = 0.0 if number.stand_in else number.value
        assert math.fsum(given.values()) == pytest.approx(total, rel=1e-6, abs=1e-6)
        ok = [columns(asked.plan, number)[f"{name}_ok"] for name in ("r0", "a0")]
        assert ok == [float(not isinstance(cell, Reason)) for cell in row]
