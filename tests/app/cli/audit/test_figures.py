"""What a run comes to, from numbers that can be checked by hand."""

from __future__ import annotations

import pytest

from harmo.app.cli.audit.figures import (
    MODEL_FOOLED,
    OUTRANKED,
    UNSCORED,
    WRONG_PAID,
    figures,
    means,
)
from harmo.rewards.plan import INTERACTION
from harmo.scorers.types import Reason
from tests.app.cli.audit.tabled import NAN, Sample, table

RIGHT, WRONG = (1.0, 1.0, 0.0), (0.0, 0.0, 0.0)
LIKED = (0.6, 0.0, 0.6)
LOUD = (1.4, 0.0, 1.4)
NONE = (NAN, NAN, NAN)


def test_means_are_over_what_was_scored_and_shares_over_all_that_was_paid() -> None:
    found = figures([table([RIGHT, WRONG], [LIKED, NONE])])
    assert (found.groups, found.completions, found.scored) == (2, 4, 3)
    assert found.mean == pytest.approx(1.6 / 3)
    answer, liking = found.columns["answer"], found.columns["liking"]
    assert (answer.scored, answer.score) == (3, 1.0)
    assert found.share(answer) == pytest.approx(1.0 / 1.6)
    assert found.share(liking) == pytest.approx(0.6 / 1.6)
    assert answer.paid / found.scored == pytest.approx(1 / 3)


def test_what_is_taken_counts_for_a_share_as_what_is_paid() -> None:
    found = figures([table([(-1.0, 0.0, -1.0), RIGHT])])
    assert found.share(found.columns["liking"]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("group", "comparable", "flat", "why"),
    [
        ([RIGHT, WRONG], 1, 0, "rewards differ"),
        ([RIGHT, RIGHT], 1, 1, "all are paid alike"),
        ([RIGHT, NONE], 0, 0, "one reward is compared with none"),
        ([(0.5, 1.0, 0.0), (0.5 + 1e-7, 1.0, 0.0)], 1, 1, "closer than a trainer can tell"),
        ([NONE, NONE], 0, 0, "no reward"),
    ],
)
def test_a_group_without_signal_is_one_whose_rewards_are_equal(
    group: list[Sample], comparable: int, flat: int, why: str
) -> None:
    found = figures([table(group)])
    assert (found.comparable, found.flat) == (comparable, flat), why


@pytest.mark.parametrize(
    ("group", "cause", "figure", "why"),
    [
        ([RIGHT, LOUD], OUTRANKED, 0.4, "a wrong one has more than the right one"),
        ([RIGHT, LIKED], OUTRANKED, None, "the right one has most"),
        ([LIKED, WRONG], OUTRANKED, None, "nobody was right"),
        ([LIKED, WRONG], WRONG_PAID, 0.3, "the best of wrong ones is learned from"),
        ([RIGHT, LOUD], WRONG_PAID, 0.2, "above the mean of both"),
        ([RIGHT, LIKED], WRONG_PAID, None, "it is below the mean of both"),
        ([RIGHT, LIKED, WRONG, NONE], WRONG_PAID, 0.6 - 1.6 / 3, "a right one is above it"),
        ([RIGHT, RIGHT], WRONG_PAID, None, "none is wrong"),
        ([LIKED, LIKED], WRONG_PAID, None, "nothing is learned from equal rewards"),
        ([RIGHT, LIKED], MODEL_FOOLED, 0.6, "the model likes the wrong one better"),
        ([(1.9, 1.0, 0.9), LIKED], MODEL_FOOLED, None, "it likes the right one better"),
        ([LIKED, WRONG], MODEL_FOOLED, None, "there is no right one to be compared with"),
        ([NONE, NONE, RIGHT], UNSCORED, 2.0, "two have no reward"),
        ([RIGHT, WRONG], UNSCORED, None, "all have one"),
    ],
)
def test_a_group_is_worth_opening_for_a_reason(
    group: list[Sample], cause: str, figure: float | None, why: str
) -> None:
    found = figures([table(group)]).worth[cause]
    assert [each.figure for each in found] == ([] if figure is None else [pytest.approx(figure)]), (
        why
    )


def test_the_worst_groups_of_all_tables_are_named_worst_first() -> None:
    mild, worse = [RIGHT, (1.1, 0.0, 1.1)], [RIGHT, LOUD]
    several = [table(mild, worse), table(worse, mild, steps=[7, 8])]
    found = figures(several, worth=2).worth[OUTRANKED]
    assert [(each.number, round(each.figure, 3)) for each in found] == [(2, 0.4), (1, 0.4)]
    assert sorted(each.step for each in found) == [1, 7]


def test_steps_have_their_means_across_tables_and_groups_without_one_have_none() -> None:
    first = table([RIGHT, WRONG], [WRONG, NONE], steps=[3, 1])
    found = figures([first, table([RIGHT, RIGHT], [LOUD], steps=[3, NAN])])
    assert means(found.steps) == {1: 0.0, 3: 0.75}
    assert list(means(found.columns["liking"].steps)) == [1, 3]


def test_abstentions_are_counted_by_column_and_reason_and_rewards_apart() -> None:
    reasons = [
        (0, 1, Reason.DEADLINE),
        (1, 1, Reason.DEADLINE),
        (1, -1, Reason.DEADLINE),
        (1, -2, Reason.COMPLETION_TOO_LONG),
    ]
    found = figures([table([RIGHT, NONE], reasons=reasons)])
    assert found.columns["liking"].missing == {Reason.DEADLINE: 2}
    assert found.columns["answer"].missing == {}
    assert found.missing == {Reason.DEADLINE: 1}


def test_what_a_combiner_takes_is_a_column_without_scores() -> None:
    found = figures([table([(0.5, 1.0, 0.0), WRONG], interaction=True)])
    taken = found.columns[INTERACTION]
    assert (taken.scored, taken.paid, taken.family) == (0, -0.5, None)


def test_splits_are_counted_and_no_table_makes_no_figures() -> None:
    counted = figures([table([RIGHT], [RIGHT], splits=["train", "eval"])])
    assert counted.splits == {"train": 1, "eval": 1}
    nothing = figures([])
    assert (nothing.groups, nothing.mean, nothing.columns) == (0, None, {})
